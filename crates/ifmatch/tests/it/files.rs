//! Files: a watched folder, whole states, the guard, and SIGKILL in the middle of all of it; and the example of `docs/FILES.md`.

use crate::apart::{Served, Target};
use crate::run::{Ran, finish};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

const WEEK: &str = include_str!("../../../../samples/scheduler-week-singapore.ndjson");

/// How long a file may take, restarts included.
const BOUND: Duration = Duration::from_secs(60);

/// A sandbox and the configuration of a gateway, with sources that have files.
struct Office {
    target: Target,
}

impl Office {
    fn open(scenario: &str, sources: &str) -> Self {
        let target = Target::start(scenario, "");
        let path = target.folder.path().join("ifmatch.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{config}\n{sources}")).unwrap();
        Self { target }
    }

    fn folder(&self) -> &Path {
        self.target.folder.path()
    }

    fn start(&self) -> Served {
        Served::start(&mut self.target.serve(), self.folder())
    }

    /// Runs a command as the operator.
    fn run(&self, gateway: &Served, args: &[&str]) -> Ran {
        let mut command = crate::run::command(self.folder(), args);
        self.target.tell_secrets(&mut command);
        finish(command.env("IFMATCH_URL", &gateway.url))
    }

    /// Puts a file into the inbox, whole at once.
    fn drop_in(&self, name: &str, text: &[u8]) {
        let inbox = self.folder().join("inbox");
        std::fs::create_dir_all(&inbox).unwrap();
        std::fs::write(inbox.join(format!(".{name}")), text).unwrap();
        std::fs::rename(inbox.join(format!(".{name}")), inbox.join(name)).unwrap();
    }

    fn inbox(&self, name: &str) -> PathBuf {
        self.folder().join("inbox").join(name)
    }

    /// Waits for a file to come to rest.
    #[track_caller]
    fn wait_for(&self, name: &str) -> PathBuf {
        let path = self.inbox(name);
        let started = Instant::now();
        while !path.exists() {
            assert!(started.elapsed() < BOUND, "{name} does not come");
            thread::sleep(Duration::from_millis(20));
        }
        path
    }

    fn record(&self, path: &str) -> Value {
        let mut record = self.target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
        if let Some(body) = record.get_mut("body") {
            record = body.take();
        }
        record
    }

    fn edit(&self, path: &str, patch: Value) {
        let edit = json!({"path": path, "merge_patch": patch, "by": "Mara Lind"});
        assert!(self.target.control().post("/__sandbox/edit", &edit).status < 300, "{edit}");
    }

    /// Writes of the gateway.
    fn writes(&self) -> Vec<Value> {
        let ours = |entry: &Value| entry["client_id"] == *self.target.client_id();
        self.target.ledger().into_iter().filter(ours).collect()
    }
}

/// The lines of an account: those about rows and records, and the totals that are not 0.
fn account(path: &Path) -> (Vec<Value>, BTreeMap<String, u64>) {
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (tail, rest) = lines.split_last().unwrap();
    let totals: BTreeMap<String, u64> = serde_json::from_value(tail["totals"].clone()).unwrap();
    (rest[1..].to_vec(), totals.into_iter().filter(|(_, count)| *count > 0).collect())
}

fn counts(wanted: &[(&str, u64)]) -> BTreeMap<String, u64> {
    wanted.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Waits until intents have settled; their states by id.
fn settled(gateway: &Served, lines: &[Value]) -> BTreeMap<String, String> {
    let script = gateway.script();
    let ids = lines.iter().filter_map(|line| line["intent"].as_str());
    let state = |id: &str| {
        let answer = script.get(&format!("/v1/intents/{id}?wait=30")).expect(200).json();
        (id.to_owned(), answer["state"].as_str().unwrap().to_owned())
    };
    ids.map(state).collect()
}

const REVIEWS: &str = r#"
[[source]]
name = "reviews"
org = "acme"
client_id = "reviews"
client_secret = "a secret of reviews"
[source.files]
watch = "inbox"
format = "csv"
settle_s = 1
[source.files.map]
kind = "quality-score"
id = "/id"
when = { "/kind" = ["review", ""] }
[source.files.map.fields]
"/comments" = "/comments"
"#;

/// A comment for each of the first scores of the world.
fn comments(office: &Office, scores: usize) -> (String, Vec<(String, String)>) {
    let world = office.target.world();
    let mut wanted = Vec::new();
    let mut text = "\u{feff}id,kind,comments\r\n".to_owned();
    for (at, score) in world["quality_scores"].as_array().unwrap().iter().take(scores).enumerate() {
        let comment = format!("row {at}, of the file");
        text += &format!("{},review,\"{comment}\"\r\n", score["id"].as_str().unwrap());
        wanted.push((score["path"].as_str().unwrap().to_owned(), comment));
    }
    (text, wanted)
}

#[test]
fn a_watched_folder_lands_each_row_once_and_accounts_for_the_rest() {
    let office = Office::open("", REVIEWS);
    let gateway = office.start();
    let (good, wanted) = comments(&office, 20);
    let id = office.target.world()["quality_scores"][30]["id"].as_str().unwrap().to_owned();
    let text = format!("{good}{id},note,x\r\n,review,x\r\n{id},review\r\n");
    office.drop_in("monday.csv", text.as_bytes());
    office.wait_for("done/monday.csv");
    let (lines, totals) = account(&office.inbox("done/monday.csv.account.ndjson"));
    assert_eq!(totals, counts(&[("accepted", 20), ("ignored", 1), ("refused", 2)]));
    let told: Vec<Value> = lines[20..].iter().map(|line| json!([line["row"], line["code"], line["field"]])).collect();
    assert_eq!(
        told,
        [json!([21, null, null]), json!([22, "missing_field", "/id"]), json!([23, "malformed_row", null])]
    );
    assert!(settled(&gateway, &lines).values().all(|state| state == "landed"));
    for (path, comment) in &wanted {
        assert_eq!(office.record(path)["comments"], comment.as_str());
    }
    let listed = gateway.script().get("/v1/intents?source=reviews&limit=100").expect(200).json();
    assert_eq!(listed["intents"].as_array().unwrap().len(), 20);

    // The same once more is no work; under another name it is, and says what stands there.
    office.drop_in("monday.csv", text.as_bytes());
    office.wait_for("done/monday.csv.1");
    let again = std::fs::read_to_string(office.inbox("done/monday.csv.1.account.ndjson")).unwrap();
    assert!(again.contains("\"code\":\"file_repeated\"") && again.lines().count() == 2, "{again}");
    office.drop_in("tuesday.csv", good.as_bytes());
    office.wait_for("done/tuesday.csv");
    let (lines, _) = account(&office.inbox("done/tuesday.csv.account.ndjson"));
    assert!(settled(&gateway, &lines).values().all(|state| state == "satisfied"), "{lines:?}");
    assert_eq!(office.writes().len(), 20);

    office.drop_in("latin.csv", b"id,kind,comments\nqs-1,review,caf\xe9\n");
    office.drop_in("twice.csv", b"id,id\n1,2\n");
    office.wait_for("refused/latin.csv");
    office.wait_for("refused/twice.csv");
    let reason = std::fs::read_to_string(office.inbox("refused/latin.csv.reason.json")).unwrap();
    assert!(reason.contains("not_text") && reason.contains("byte 32"), "{reason}");
    let reason = std::fs::read_to_string(office.inbox("refused/twice.csv.reason.json")).unwrap();
    assert!(reason.contains("unreadable_file"), "{reason}");
    // A link is nobody's file.
    #[cfg(unix)]
    std::os::unix::fs::symlink(office.folder().join("ifmatch.toml"), office.inbox("link.csv")).unwrap();
    let files = office.run(&gateway, &["sources", "files", "reviews", "--json"]).expect(0).json();
    let states: Vec<&str> =
        files["files"].as_array().unwrap().iter().map(|file| file["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["refused", "refused", "done", "done"], "{files}");
}

#[test]
fn killed_at_any_moment_no_row_is_lost_and_none_is_done_twice() {
    const ROWS: usize = 600;
    let office = Office::open(&format!("[world]\nscores = {ROWS}"), REVIEWS);
    let (text, wanted) = comments(&office, ROWS);
    office.drop_in("big.csv", text.as_bytes());
    for pause in [1_050, 1_120, 30, 1_060, 90, 10, 150, 60] {
        let gateway = office.start();
        thread::sleep(Duration::from_millis(pause));
        gateway.kill();
    }
    let gateway = office.start();
    office.wait_for("done/big.csv");
    let (lines, totals) = account(&office.inbox("done/big.csv.account.ndjson"));
    let rows: Vec<u64> = lines.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    assert_eq!(rows, (1..=ROWS as u64).collect::<Vec<_>>(), "one line for each row, in their order");
    let taken = |name: &str| totals.get(name).copied().unwrap_or(0);
    assert_eq!(taken("accepted") + taken("duplicate"), ROWS as u64, "{totals:?}");
    let states = settled(&gateway, &lines);
    assert_eq!(states.len(), ROWS, "each row has an intent of its own");
    assert!(states.values().all(|state| state == "landed" || state == "satisfied"), "{states:?}");
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for entry in office.writes() {
        for change in entry["changes"].as_array().unwrap().iter().filter(|change| change["path"] == "/comments") {
            *times.entry(change["after"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    assert_eq!(times.len(), ROWS);
    assert_eq!(times.iter().find(|(_, times)| **times != 1), None, "no row twice");
    assert!(wanted.iter().take(5).all(|(path, comment)| office.record(path)["comments"] == comment.as_str()));
}

#[test]
fn what_is_sent_by_hand_goes_the_same_way() {
    let office = Office::open("", &REVIEWS.replace("watch = \"inbox\"\n", ""));
    let gateway = office.start();
    let (text, _) = comments(&office, 5);
    std::fs::write(office.folder().join("five.csv"), &text).unwrap();
    let send =
        |more: &[&str]| office.run(&gateway, &[&["sources", "send", "reviews", "five.csv", "--json"], more].concat());
    let ran = send(&["--account", "account.ndjson"]).expect(0).json();
    assert_eq!((&ran["state"], &ran["rows"], &ran["totals"]["accepted"]), (&json!("done"), &json!(5), &json!(5)));
    let (lines, totals) = account(&office.folder().join("account.ndjson"));
    assert_eq!((lines.len(), totals), (5, counts(&[("accepted", 5)])));
    assert_eq!(send(&["--detailed-exitcode"]).expect(6).json()["repeated"], true);
    send(&[]).expect(0);
    std::fs::write(office.folder().join("five.csv"), "id,kind,comments\n,review,x\n").unwrap();
    let refused = office.run(&gateway, &["sources", "send", "reviews", "five.csv"]).expect(2);
    assert!(refused.out.contains("done, 1 rows: 1 refused"), "{}", refused.out);
    std::fs::write(office.folder().join("five.csv"), b"\xff\xfe\x00").unwrap();
    assert!(office.run(&gateway, &["sources", "send", "reviews", "five.csv"]).expect(2).out.contains("not_text"));
    let none = office.run(&gateway, &["sources", "send", "script", "five.csv"]).expect(2);
    assert!(none.err.contains("no source with files is named"), "{}", none.err);
    // Another source does not see these files.
    assert_eq!(gateway.script().get("/v1/files/reviews").status, 404);
}

const SCHEDULER: &str = r#"
[[source]]
name = "scheduler"
org = "acme"
kind = "scheduler"
client_id = "scheduler"
client_secret = "a secret of the scheduler"
[source.files]
watch = "inbox"
format = "scheduler-week"
mode = "state"
settle_s = 1
missing = { "/shifts" = [] }
schedule = "#;

/// The sample's week, in the target and as rows.
struct Planned {
    office: Office,
    schedule: String,
    rows: Vec<Value>,
}

impl Planned {
    fn open() -> Self {
        let office = Office::open("[world]\nsample = \"scheduler-week\"", "");
        let schedule = office.target.world()["schedules"][0]["id"].as_str().unwrap().to_owned();
        let path = office.folder().join("ifmatch.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, format!("{config}\n{SCHEDULER}\"{schedule}\"\n")).unwrap();
        let rows = WEEK.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Self { office, schedule, rows }
    }

    fn text(&self) -> String {
        self.rows.iter().map(|row| format!("{row}\n")).collect()
    }

    fn write(&self, name: &str) {
        std::fs::write(self.office.folder().join(name), self.text()).unwrap();
    }

    /// Where an agent's week lies in the target.
    fn path(&self, at: usize) -> String {
        let world = self.office.target.world();
        let schedule = world["schedules"].as_array().unwrap().iter().find(|it| it["id"] == self.schedule.as_str());
        format!(
            "{}/agents/{}",
            schedule.unwrap()["path"].as_str().unwrap(),
            self.rows[at]["agent_id"].as_str().unwrap()
        )
    }

    /// The agent's shifts in the target, by id, with their length.
    fn lengths(&self, at: usize) -> BTreeMap<String, u64> {
        let record = self.office.record(&self.path(at));
        let shift =
            |shift: &Value| (shift["id"].as_str().unwrap().to_owned(), shift["length_minutes"].as_u64().unwrap());
        record["shifts"].as_array().unwrap().iter().map(shift).collect()
    }

    /// The scheduler lets a shift of an agent end earlier: its last activity is half an hour shorter.
    fn shorten(&mut self, at: usize, shift: usize) {
        shorten(&mut self.rows[at]["shifts"][shift]);
    }

    fn shift_id(&self, at: usize, shift: usize) -> String {
        self.rows[at]["shifts"][shift]["id"].as_str().unwrap().to_owned()
    }

    /// A person does the same to a shift in the target.
    fn shorten_there(&self, at: usize, shift: usize) {
        let path = self.path(at);
        let mut shifts = self.office.record(&path)["shifts"].clone();
        let id = self.shift_id(at, shift);
        let found = shifts.as_array_mut().unwrap().iter_mut().find(|shift| shift["id"] == id.as_str()).unwrap();
        shorten(found);
        self.office.edit(&path, json!({ "shifts": shifts }));
    }
}

fn shorten(shift: &mut Value) {
    let by = |length: &mut Value| *length = json!(length.as_u64().unwrap() - 30);
    by(&mut shift["length_minutes"]);
    by(&mut shift["activities"].as_array_mut().unwrap().last_mut().unwrap()["length_minutes"]);
}

fn adopt(planned: &Planned, gateway: &Served) {
    planned.write("week.ndjson");
    let ran = planned.office.run(gateway, &["sources", "adopt", "scheduler", "week.ndjson", "--json"]).expect(0).json();
    assert_eq!((&ran["state"], &ran["totals"]["adopted"]), (&json!("done"), &json!(300)), "{ran}");
}

#[test]
fn only_what_differs_is_sent_and_what_people_did_stands() {
    let mut planned = Planned::open();
    let gateway = planned.office.start();
    planned.write("week.ndjson");
    // Nothing to compare with: held, until it is adopted.
    let held =
        planned.office.run(&gateway, &["sources", "send", "scheduler", "week.ndjson", "--json"]).expect(4).json();
    assert_eq!((&held["state"], &held["code"]), (&json!("held"), &json!("not_adopted")));
    adopt(&planned, &gateway);
    assert_eq!(planned.office.writes(), [Value::Null; 0], "adopting sends nothing");
    let again = planned.office.run(&gateway, &["sources", "adopt", "scheduler", "week.ndjson"]).expect(2);
    assert!(again.out.contains("already_adopted"), "{}", again.out);

    // People edit an agent whom the next file leaves as she was, and another shift of one whom it changes.
    planned.shorten_there(10, 0);
    planned.shorten_there(20, 1);
    let args = ["sources", "adopt", "scheduler", "week.ndjson", "--replace", "--compare", "--account", "differences"];
    let compared = planned.office.run(&gateway, &args).expect(0);
    assert!(compared.out.contains("298 adopted, 2 differs"), "{}", compared.out);
    let (lines, _) = account(&planned.office.folder().join("differences"));
    let differing: Vec<&Value> = lines.iter().filter(|line| line["outcome"] == "differs").collect();
    assert_eq!((&differing[0]["row"], &differing[0]["reason"]), (&json!(11), &json!("the target differs at /shifts")));
    let before: Vec<_> = [10, 20, 30].map(|at| planned.lengths(at)).into();
    planned.shorten(20, 0);
    planned.shorten(30, 2);
    planned.office.drop_in("week.ndjson", planned.text().as_bytes());
    planned.office.wait_for("done/week.ndjson.2");
    let (lines, totals) = account(&planned.office.inbox("done/week.ndjson.2.account.ndjson"));
    assert_eq!(totals, counts(&[("accepted", 2), ("unchanged", 298)]));
    let states = settled(&gateway, &lines);
    assert!(states.values().all(|state| state == "landed"), "{states:?}");
    assert_eq!(planned.lengths(10), before[0], "an unchanged row overwrites nobody");
    let after = planned.lengths(20);
    let id = planned.shift_id(20, 0);
    assert_eq!(after[&id], before[1][&id] - 30);
    let others = |shifts: &BTreeMap<String, u64>| {
        shifts.iter().filter(|(it, _)| **it != id).map(|(_, n)| *n).collect::<Vec<_>>()
    };
    assert_eq!(others(&after), others(&before[1]), "the person's edit of another shift stands");
    assert_eq!(planned.lengths(30)[&planned.shift_id(30, 2)], before[2][&planned.shift_id(30, 2)] - 30);

    // An agent who has no row any more has no shifts.
    let gone = planned.path(299);
    planned.rows.pop();
    planned.write("week.ndjson");
    let ran = planned
        .office
        .run(&gateway, &["sources", "send", "scheduler", "week.ndjson", "--account", "a.ndjson"])
        .expect(0);
    assert!(ran.out.contains("1 missing") && ran.out.contains("299 unchanged"), "{}", ran.out);
    let (lines, _) = account(&planned.office.folder().join("a.ndjson"));
    settled(&gateway, &lines);
    assert_eq!(planned.office.record(&gone)["shifts"], json!([]));
    // The same state again: there is nothing to do.
    let args = ["sources", "send", "scheduler", "week.ndjson", "--detailed-exitcode"];
    planned.office.run(&gateway, &args).expect(6);
}

#[test]
fn too_much_at_once_is_held_until_a_person_releases_it() {
    let mut planned = Planned::open();
    let gateway = planned.office.start();
    adopt(&planned, &gateway);
    let send =
        |planned: &Planned, name: &str| planned.office.run(&gateway, &["sources", "send", "scheduler", name, "--json"]);
    let held = |planned: &Planned, name: &str, code: &str| {
        let file = send(planned, name).expect(4).json();
        assert_eq!((&file["state"], &file["code"]), (&json!("held"), &json!(code)), "{file}");
        file
    };
    let office = planned.office.folder().to_owned();
    let whole = planned.text();
    let half: String = whole.lines().take(150).map(|line| format!("{line}\n")).collect();
    std::fs::write(office.join("empty.ndjson"), "").unwrap();
    std::fs::write(office.join("half.ndjson"), &half).unwrap();
    std::fs::write(office.join("cut.ndjson"), &whole[..whole.len() - 40]).unwrap();
    held(&planned, "empty.ndjson", "empty_file");
    held(&planned, "cut.ndjson", "truncated_file");
    let figures = held(&planned, "half.ndjson", "mass_change");
    assert_eq!(
        figures["census"]["scopes"]["2026-11-23"],
        json!({"said": 300, "unchanged": 150, "new": 0, "changed": 0, "missing": 150})
    );
    for at in 0..61 {
        planned.shorten(at, 0);
    }
    planned.write("many.ndjson");
    held(&planned, "many.ndjson", "mass_change");
    assert_eq!(planned.office.writes(), [Value::Null; 0], "what is held sends nothing");
    assert!(planned.office.inbox("held/many.ndjson.account.ndjson").exists());

    // Nobody releases without a reason, and no source its own file.
    let release = |name: &str, reason: &str| {
        planned.office.run(&gateway, &["sources", "release", "scheduler", name, "--reason", reason, "--json"])
    };
    release("many.ndjson", " ").expect(2);
    let own = crate::http::Caller::new(&gateway.url).log_in("scheduler", "a%20secret%20of%20the%20scheduler");
    let refused = own.post("/v1/files/scheduler/many.ndjson/release", &json!({"reason": "I say so"}));
    assert_eq!(refused.expect(403).json()["code"], "forbidden");
    let file = release("many.ndjson", "the centre opens half an hour later").expect(0).json();
    assert_eq!((&file["state"], &file["totals"]["accepted"]), (&json!("done"), &json!(61)), "{file}");
    assert_eq!(file["word"]["by"], "operator");
    // It stands in the log, which still verifies, and what is older cannot be released any more.
    let late = release("half.ndjson", "that too").expect(2);
    assert!(late.err.contains("came after half.ndjson"), "{}", late.err);
    release("many.ndjson", "once more").expect(2);
    drop(gateway);
    let export = planned.office.run_alone(&["sources", "list"]);
    assert!(export.out.contains("scheduler-week (state)"), "{}", export.out);
    let notes = planned.office.notes();
    let what: Vec<&str> = notes.iter().map(|note| note["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["state_adopted", "file_released"], "{notes:?}");
    let released = &notes[1];
    assert_eq!(
        (&released["by"], &released["reason"]),
        (&json!("operator"), &json!("the centre opens half an hour later"))
    );
    assert_eq!((&released["held"], &released["file"]), (&json!("mass_change"), &json!("many.ndjson")));
}

#[test]
fn a_whole_state_that_is_killed_on_the_way_says_each_difference_once() {
    let mut planned = Planned::open();
    let gateway = planned.office.start();
    adopt(&planned, &gateway);
    gateway.kill();
    let changed: Vec<usize> = (0..55).map(|at| at * 5).collect();
    let before: Vec<_> = changed.iter().map(|at| planned.lengths(*at)).collect();
    for at in &changed {
        planned.shorten(*at, 1);
    }
    planned.office.drop_in("week.ndjson", planned.text().as_bytes());
    for pause in [1_030, 1_080, 20, 60, 5, 100, 40] {
        let gateway = planned.office.start();
        thread::sleep(Duration::from_millis(pause));
        gateway.kill();
    }
    let gateway = planned.office.start();
    planned.office.wait_for("done/week.ndjson.1");
    let (lines, totals) = account(&planned.office.inbox("done/week.ndjson.1.account.ndjson"));
    assert_eq!(totals, counts(&[("accepted", 55), ("unchanged", 245)]));
    let states = settled(&gateway, &lines);
    assert_eq!(states.len(), 55);
    assert!(states.values().all(|state| state == "landed"), "{states:?}");
    for (at, before) in changed.iter().zip(&before) {
        let id = planned.shift_id(*at, 1);
        assert_eq!(planned.lengths(*at)[&id], before[&id] - 30, "agent {at}");
    }
    let listed = gateway.script().get("/v1/intents?source=scheduler&limit=1000").expect(200).json();
    let ids: BTreeSet<&str> =
        listed["intents"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, states.keys().map(String::as_str).collect(), "no intent that the account does not know");
}

/// The blocks of a language in the document.
fn blocks(language: &str) -> Vec<&'static str> {
    let begins = format!("```{language}\n");
    let document = include_str!("../../../../docs/FILES.md");
    document.split(begins.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_example_of_the_document_is_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    for config in blocks("toml") {
        std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
        finish(&mut crate::run::command(folder.path(), &["config", "check"])).expect(0);
    }
    std::fs::write(folder.path().join("ifmatch.toml"), blocks("toml")[0]).unwrap();
    let args = ["serve", "--sandbox", "--config", "ifmatch.toml", "--listen", "127.0.0.1:0"];
    let (mut child, _) = crate::rig::start(folder.path(), &args);
    std::fs::write(folder.path().join("inbox/reviews.csv"), blocks("csv")[0]).unwrap();
    let account = folder.path().join("inbox/done/reviews.csv.account.ndjson");
    let (done, started) = (folder.path().join("inbox/done/reviews.csv"), Instant::now());
    while !done.exists() && started.elapsed() < BOUND {
        thread::sleep(Duration::from_millis(50));
    }
    crate::rig::end(&mut child);
    let written = std::fs::read_to_string(account).unwrap();
    let plain = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for (name, plain) in [("id", "…"), ("sha256", "…"), ("intent", "int_…")] {
            if let Some(member) = line.get_mut(name) {
                *member = json!(plain);
            }
        }
        line
    };
    let found: Vec<Value> = written.lines().map(plain).collect();
    let told: Vec<Value> = blocks("json")[0].lines().map(plain).collect();
    assert_eq!(found, told);
}

impl Office {
    fn run_alone(&self, args: &[&str]) -> Ran {
        let mut command = crate::run::command(self.folder(), args);
        self.target.tell_secrets(&mut command);
        finish(&mut command)
    }

    /// The notes of the audit log, once nobody has the store open any more; the log is verified.
    fn notes(&self) -> Vec<Value> {
        use ifmatch_store::Store as _;
        use ifmatch_store::audit::{Kind, Verifier};
        let started = Instant::now();
        let mut store = loop {
            match ifmatch_sqlite::Sqlite::open(self.folder().join("ifmatch-data/ifmatch.db")) {
                Ok(store) => break store,
                Err(error) => assert!(started.elapsed() < BOUND, "{error}"),
            }
            thread::sleep(Duration::from_millis(50));
        };
        let org = "acme".into();
        let mut verifier = Verifier::new("acme");
        let records = store.audit(&org, 0, 100_000).unwrap();
        records.iter().for_each(|record| drop(verifier.check(record).unwrap()));
        let leaves = records.iter().map(|record| record.leaf().unwrap());
        leaves.filter(|leaf| leaf.kind == Kind::Note).map(|leaf| leaf.body).collect()
    }
}
