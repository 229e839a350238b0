//! Two gateways and two automations in a ring: the score of a review is kept in the WFM system and in a table of ServiceNow, and
//! each tells the other's gateway of every change, also of those that a gateway made.

mod table;

use crate::apart::{Served, Target};
use crate::http::Caller;
use crate::run::command;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use table::Table;
use tempfile::TempDir;

/// What both hooks ask for.
const KEY: &str = "key-of-the-ring";

/// How long the ring may take to come to rest.
const PATIENCE: Duration = Duration::from_secs(90);

/// The ring.
struct Ring {
    wfm: Arc<Target>,
    table: Arc<Table>,
    /// In front of the WFM system.
    left: Served,
    /// In front of the table.
    right: Served,
    scores: Vec<String>,
    told: Arc<Told>,
    automations: Vec<JoinHandle<()>>,
    _folder: TempDir,
}

/// How far the automations are.
#[derive(Default)]
struct Told {
    /// Of the ledger of the WFM system.
    left: AtomicUsize,
    /// Of the changes of the table.
    right: AtomicUsize,
    over: AtomicBool,
}

/// A source with a hook that takes intents as they are.
fn source(name: &str, org: &str, policy: &str) -> String {
    format!(
        r#"
        [[source]]
        name = "{name}"
        org = "{org}"
        kind = "script"
        client_id = "{name}"
        client_secret = "the secret of {name}"
        {policy}
        [source.hook]
        auth = ["api-key"]
        secret = "{KEY}"
        "#
    )
}

impl Ring {
    /// Scores of 50 on both sides. Without policies a true conflict goes to a person.
    fn start(policies: [&str; 2]) -> Self {
        let wfm = Target::start("", &source("servicenow", "acme", policies[0]));
        let scores: Vec<String> = wfm.world()["quality_scores"].as_array().unwrap()[..5]
            .iter()
            .map(|score| score["id"].as_str().unwrap().to_owned())
            .collect();
        for id in &scores {
            edit_wfm(&wfm, id, 50);
        }
        let table = Table::start(&scores, 50);
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            r#"
            [[org]]
            name = "instance"
            dialect = "rest"
            api_url = "{}"
            login = "basic"
            client_id = "ifmatch"
            client_secret = "the secret of ifmatch"
            allow_private = true
            [[org.kind]]
            name = "review"
            preset = "servicenow-table"
            path = "/api/now/table/u_review/{{id}}"
            fields = {{ u_score = "number", u_comments = "text" }}
            {}
            "#,
            table.url(),
            source("wfm", "instance", policies[1]),
        );
        std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
        let left = Served::start(&mut wfm.serve(), wfm.folder.path());
        let right = Served::start(&mut command(folder.path(), &["serve", "--listen", "127.0.0.1:0"]), folder.path());
        let told = Arc::new(Told::default());
        told.left.store(wfm.ledger().len(), Ordering::SeqCst);
        let (wfm, table) = (Arc::new(wfm), Arc::new(table));
        let automations = vec![
            watch_wfm(Arc::clone(&wfm), right.url.clone(), Arc::clone(&told)),
            watch_table(Arc::clone(&table), left.url.clone(), Arc::clone(&told)),
        ];
        Self { wfm, table, left, right, scores, told, automations, _folder: folder }
    }

    /// The score of a record in the WFM system.
    fn wfm_score(&self, id: &str) -> String {
        self.wfm.control().get(&format!("/__sandbox/record?path={}", path(id))).expect(200).json()["score"].to_string()
    }

    /// Every intent that came to a gateway.
    fn intents(served: &Served, name: &str) -> Vec<Value> {
        let caller = Caller::new(&served.url).log_in(name, &format!("the secret of {name}").replace(' ', "%20"));
        caller.get("/v1/intents?limit=1000").expect(200).json()["intents"].as_array().unwrap().clone()
    }

    fn left_intents(&self) -> Vec<Value> {
        Self::intents(&self.left, "servicenow")
    }

    fn right_intents(&self) -> Vec<Value> {
        Self::intents(&self.right, "wfm")
    }

    /// Whether everything was told, and every intent has ended or waits for a person.
    fn rests(&self) -> bool {
        let told = self.told.left.load(Ordering::SeqCst) == self.wfm.ledger().len()
            && self.told.right.load(Ordering::SeqCst) == self.table.changes(0).len();
        let ended = |intent: &Value| {
            let state = intent["state"].as_str().unwrap();
            ["landed", "satisfied", "superseded", "rejected", "review"].contains(&state)
        };
        told && self.left_intents().iter().chain(&self.right_intents()).all(ended)
    }

    /// Waits until nothing moves any more, and looks again after a while.
    fn come_to_rest(&self) {
        let until = Instant::now() + PATIENCE;
        let mut quiet = 0;
        while quiet < 3 {
            assert!(Instant::now() < until, "{:?} {:?}", self.left_intents(), self.right_intents());
            std::thread::sleep(Duration::from_millis(200));
            quiet = if self.rests() { quiet + 1 } else { 0 };
        }
    }

    /// Accepted writes of the gateway to a record of the WFM system.
    fn wfm_writes(&self, id: &str) -> usize {
        let ours = |entry: &&Value| entry["path"] == path(id) && entry["client_id"] == *self.wfm.client_id();
        self.wfm.ledger().iter().filter(ours).count()
    }

    /// The same of the table.
    fn table_writes(&self, id: &str) -> usize {
        self.table.changes(0).iter().filter(|change| change.id == id && change.by == "ifmatch").count()
    }

    /// Whether a review of a record waits for a person on either side.
    fn in_review(&self, id: &str) -> bool {
        let waits = |intent: &Value| intent["state"] == "review" && intent["resource"]["id"] == id;
        self.left_intents().iter().chain(&self.right_intents()).any(waits)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        self.told.over.store(true, Ordering::SeqCst);
        for automation in self.automations.drain(..) {
            drop(automation.join());
        }
    }
}

fn path(id: &str) -> String {
    format!("/api/v2/wfm/v2/quality/scores/{id}")
}

/// A person's edit in the vendor's own screens.
fn edit_wfm(wfm: &Target, id: &str, score: u64) {
    let edit = json!({ "path": path(id), "merge_patch": { "score": score }, "by": "Bruno Petit" });
    wfm.control().post("/__sandbox/edit", &edit).expect(200);
}

fn edit_table(ring: &Ring, id: &str, score: u64) {
    ring.table.edit(id, &json!({ "u_score": score.to_string() }));
}

/// What a change of a score means to the other side: a value in place of another one.
fn wish(kind: &str, id: &str, field: &str, [before, after]: [Value; 2], (system, count): (&str, u64)) -> Value {
    json!({
        "idempotency_key": format!("{system}:{id}:{count}"),
        "resource": { "kind": kind, "id": id },
        "change": { "merge_patch": { field: after } },
        "base": { "value": { field: before } },
        "origin": { "system": system, "record": id, "sequence": count },
    })
}

/// Sends until it is taken, as a queue of outbound messages does.
fn send(url: &str, source: &str, wish: &Value, told: &Told) {
    let headers = [("content-type", "application/json"), ("x-api-key", KEY)];
    while !told.over.load(Ordering::SeqCst) {
        let answer = Caller::new(url).try_send("POST", &format!("/v1/hooks/{source}"), &headers, &wish.to_string());
        match answer {
            Ok(answer) if answer.status == 202 => return,
            Ok(answer) => assert_eq!(answer.status, 503, "{answer:?}"),
            Err(_) => {}
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Tells the gateway of the table of every change in the WFM system.
fn watch_wfm(wfm: Arc<Target>, url: String, told: Arc<Told>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        while !told.over.load(Ordering::SeqCst) {
            let at = told.left.load(Ordering::SeqCst);
            for entry in wfm.ledger().iter().skip(at) {
                let id = entry["path"].as_str().unwrap().rsplit('/').next().unwrap();
                let score = entry["changes"].as_array().unwrap().iter().find(|change| change["path"] == "/score");
                if let Some(score) = score {
                    let values = [score["before"].clone(), score["after"].clone()];
                    let count = entry["to_version"].as_u64().unwrap();
                    send(&url, "wfm", &wish("review", id, "u_score", values, ("wfm", count)), &told);
                }
                told.left.fetch_add(1, Ordering::SeqCst);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    })
}

/// A business rule that tells the gateway of the WFM system of every change of a row.
fn watch_table(table: Arc<Table>, url: String, told: Arc<Told>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        while !told.over.load(Ordering::SeqCst) {
            for change in table.changes(told.right.load(Ordering::SeqCst)) {
                let number = |row: &Value| json!(row["u_score"].as_str().unwrap().parse::<u64>().unwrap());
                let values = [number(&change.before), number(&change.after)];
                let from = ("servicenow", change.count);
                send(&url, "servicenow", &wish("quality-score", &change.id, "score", values, from), &told);
                told.right.fetch_add(1, Ordering::SeqCst);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    })
}

#[test]
fn an_edit_arrives_on_the_other_side_comes_back_and_ends_there() {
    let ring = Ring::start(["", ""]);
    let (first, second) = (ring.scores[0].as_str(), ring.scores[1].as_str());
    edit_wfm(&ring.wfm, first, 85);
    edit_table(&ring, second, 90);
    ring.come_to_rest();
    assert_eq!((ring.wfm_score(first), ring.table.score(first)), ("85".to_owned(), "85".to_owned()));
    assert_eq!((ring.wfm_score(second), ring.table.score(second)), ("90".to_owned(), "90".to_owned()));
    // Out in one write, back as one word that is true already.
    assert_eq!((ring.table_writes(first), ring.wfm_writes(first)), (1, 0));
    assert_eq!((ring.table_writes(second), ring.wfm_writes(second)), (0, 1));
    let states = |intents: Vec<Value>| {
        let state = |intent: &Value| (intent["resource"]["id"].clone(), intent["state"].clone());
        let mut states: Vec<_> = intents.iter().map(state).map(|(id, state)| format!("{id} {state}")).collect();
        states.sort();
        states
    };
    let both = |one: &str, other: &str| {
        let mut both = vec![format!("\"{first}\" \"{one}\""), format!("\"{second}\" \"{other}\"")];
        both.sort();
        both
    };
    assert_eq!(states(ring.left_intents()), both("satisfied", "landed"));
    assert_eq!(states(ring.right_intents()), both("landed", "satisfied"));
    assert!(ring.table.requests() <= 8, "{} requests", ring.table.requests());
}

#[test]
fn edits_of_both_sides_at_once_settle_or_wait_for_a_person_and_none_is_gone() {
    let ring = Ring::start(["", ""]);
    for (at, id) in ring.scores.iter().enumerate() {
        edit_wfm(&ring.wfm, id, 60 + at as u64);
        edit_table(&ring, id, 70 + at as u64);
    }
    ring.come_to_rest();
    for (at, id) in ring.scores.iter().enumerate() {
        let (left, right) = (ring.wfm_score(id), ring.table.score(id));
        if ring.in_review(id) {
            // Nothing was overwritten: each side holds its own until somebody decides.
            assert_eq!((left, right), ((60 + at).to_string(), (70 + at).to_string()), "{id}");
        } else {
            assert_eq!(left, right, "{id}");
        }
        assert!(ring.table_writes(id) + ring.wfm_writes(id) <= 2, "{id} went round");
    }
}

#[test]
fn fifty_edits_on_both_sides_end_equal_or_in_review() {
    // Where both changed a score, the one of the table counts: on both sides the same.
    let policies =
        ["on_conflict = { \"/score\" = \"local-wins\" }", "on_conflict = { \"/u_score\" = \"remote-wins\" }"];
    let ring = Ring::start(policies);
    let before = ring.wfm.ledger().len();
    let mut chance = 20_261_122_u64;
    let mut draw = |below: u64| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    for _ in 0..50 {
        let id = ring.scores[draw(5) as usize].clone();
        let score = draw(101);
        if draw(2) == 0 {
            edit_wfm(&ring.wfm, &id, score)
        } else {
            edit_table(&ring, &id, score)
        }
        std::thread::sleep(Duration::from_millis(draw(60)));
    }
    ring.come_to_rest();
    for id in &ring.scores {
        let (left, right) = (ring.wfm_score(id), ring.table.score(id));
        assert!(left == right || ring.in_review(id), "{id}: {left} and {right}");
    }
    // Each edit goes over once at most, and what it made on the other side comes back once.
    let edits = 50;
    let entries = ring.wfm.ledger().len() - before + ring.table.changes(0).len();
    assert!(entries <= 2 * edits, "{entries} writes for {edits} edits");
    assert!(ring.table.requests() <= 6 * edits, "{} requests", ring.table.requests());
    let intents = ring.left_intents().len() + ring.right_intents().len();
    assert_eq!(intents, entries, "every change was told once");
}
