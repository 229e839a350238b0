//! A sandbox, an observer in front of it, a naive client, one that merges, and people.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_core::{
    Book, Client, Known, Method, ObserveBounds, Observed, ObservedOutcome, Observer, OrgName, Request, Response,
    SourceName, Timestamp,
};
use ifmatch_dialects::WfmV2;
use ifmatch_sandbox::{Delivery, Sandbox, Scenario};
use ifmatch_sim::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const START: &str = "2026-10-20T08:00:00Z";
const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
const SCHEDULES: &str = "/api/v2/wfm/schedules";
const FIELDS: [&str; 3] = ["score", "comments", "evaluation_form"];

/// A lost edit, as one of the two sides names it.
pub(super) struct Named {
    pub(super) record: String,
    pub(super) path: String,
    pub(super) before: Option<Value>,
}

/// A record of the naive client: its own copy, and what of it last stood in the target.
struct Copy {
    path: String,
    doc: Value,
    stood: Value,
    /// What it stood for when each version of ours was made.
    bases: BTreeMap<u64, Value>,
}

/// One exchange.
struct Went {
    who: &'static str,
    method: Method,
    request: Request,
    answer: Response,
}

pub(super) struct Stage {
    sandbox: Sandbox,
    dialect: WfmV2,
    observer: Observer,
    rng: Rng,
    now: i64,
    order: u64,
    tokens: BTreeMap<&'static str, String>,
    copies: Vec<Copy>,
    fresh: u64,
}

impl Stage {
    pub(super) fn new(seed: u64) -> Self {
        let mut scenario = Scenario::named("calm-unlimited", seed).expect("the scenario has a name");
        (scenario.world.scores, scenario.world.trades, scenario.world.weeks, scenario.world.agents) = (3, 0, 1, 3);
        let start: Timestamp = START.parse().expect("an instant");
        let now = start.as_millisecond();
        let mut sandbox = Sandbox::new(scenario, seed, now);
        for name in ["naive", "clean"] {
            sandbox.add_client(name, name, name);
        }
        let org = OrgName::from("acme");
        let observer = Observer::new(org, ObserveBounds::default(), Book::default());
        let rng = Rng::named(seed, "observe");
        let (dialect, tokens, copies) = (WfmV2::new(), BTreeMap::new(), Vec::new());
        let mut stage = Self { sandbox, dialect, observer, rng, now, order: 0, tokens, copies, fresh: 0 };
        for name in ["naive", "clean"] {
            let token = stage.log_in(name);
            stage.tokens.insert(name, token);
        }
        stage.pull();
        stage
    }

    /// The naive client pulls its copies, once; a score without the stamps, an agent as it is.
    fn pull(&mut self) {
        let world = self.sandbox.world();
        let scores: Vec<String> = paths(&world["quality_scores"]);
        for path in scores {
            let mut doc = self.ask("naive", Method::Get, &path, None).1;
            let members = doc.as_object_mut().expect("a record");
            members.retain(|name, _| !["modified_by", "date_modified", "version"].contains(&name.as_str()));
            self.copies.push(Copy { path, stood: doc.clone(), doc, bases: BTreeMap::new() });
        }
        let schedule = paths(&world["schedules"]).remove(0);
        let document = self.ask("naive", Method::Get, &schedule, None).1;
        for entry in document["agents"].as_array().cloned().unwrap_or_default() {
            let path = format!("{schedule}/agents/{}", entry["agent_id"].as_str().unwrap_or_default());
            if entry["shifts"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            self.copies.push(Copy { path, stood: entry.clone(), doc: entry, bases: BTreeMap::new() });
        }
    }

    /// Somebody does something.
    pub(super) fn step(&mut self) {
        self.now += 5_000;
        let at = self.rng.below(self.copies.len() as u64) as usize;
        match self.rng.below(10) {
            0..=3 => self.person(at),
            4..=6 => self.naive(at),
            _ => self.clean(at),
        }
    }

    fn person(&mut self, at: usize) {
        let path = self.copies[at].path.clone();
        let stands = self.stands(&path);
        let patch = self.edit(&path, &stands);
        self.sandbox.edit(self.now, &path, &patch, "Ada Lehmann").expect("a person's edit is taken");
    }

    /// A patch of one thing, with a value that was never there.
    fn edit(&mut self, path: &str, stands: &Value) -> Value {
        self.fresh += 1;
        if path.starts_with(SCORES) {
            let fresh = self.fresh;
            return match *self.rng.pick(&FIELDS) {
                "score" => json!({"score": (fresh % 1000) as f64 / 10.0}),
                name => json!({name: format!("word {fresh}")}),
            };
        }
        let mut shifts = stands["shifts"].as_array().cloned().unwrap_or_default();
        assert!(!shifts.is_empty(), "{path} has shifts: {stands}");
        let at = self.rng.below(shifts.len() as u64) as usize;
        let shift = &mut shifts[at];
        let list = shift["activities"].as_array_mut().expect("a shift has activities");
        let part = self.rng.below(list.len() as u64) as usize;
        list[part]["code"] = json!(format!("code-{}", self.fresh));
        json!({"shifts": [shift.clone()]})
    }

    /// GET, copy the version onto the own copy, send; up to three times more.
    fn naive(&mut self, at: usize) {
        let path = self.copies[at].path.clone();
        let doc = self.copies[at].doc.clone();
        let patch = self.edit(&path, &doc);
        lay(&mut self.copies[at].doc, &patch);
        for _ in 0..4 {
            let (resource, body) = self.pasted(at);
            if self.rng.percent(40) {
                self.person(at);
            }
            let (status, _) = self.ask("naive", Method::Post, &resource, Some(body));
            if status < 300 {
                let copy = &mut self.copies[at];
                let own = self.sandbox.ledger().iter().rev().find(|entry| entry.path == copy.path);
                let made = own.expect("an accepted write").to_version;
                copy.bases.insert(made, std::mem::replace(&mut copy.stood, copy.doc.clone()));
                return;
            }
        }
    }

    fn pasted(&mut self, at: usize) -> (String, Value) {
        let (path, doc) = (self.copies[at].path.clone(), self.copies[at].doc.clone());
        match path.split_once("/agents/") {
            None => {
                let found = self.ask("naive", Method::Get, &path, None).1;
                let mut body = doc;
                body["version"] = found["version"].clone();
                (SCORES.to_owned(), body)
            }
            Some((schedule, agent)) => {
                let found = self.ask("naive", Method::Get, &format!("{schedule}?agent_id={agent}"), None).1;
                let mut entry = doc;
                entry["version"] = found["agents"][0]["version"].clone();
                let body = json!({"id": found["id"], "version": found["version"], "agents": [entry]});
                (SCHEDULES.to_owned(), body)
            }
        }
    }

    /// Reads, changes one thing of what it read, sends it back; reads again when it is refused.
    fn clean(&mut self, at: usize) {
        let path = self.copies[at].path.clone();
        let patches = self.rng.percent(50);
        let mut wish = None;
        for _ in 0..4 {
            let (resource, method, body) = match path.split_once("/agents/") {
                None => {
                    let mut found = self.ask("clean", Method::Get, &path, None).1;
                    let patch = wish.get_or_insert_with(|| self.edit(&path, &found)).clone();
                    lay(&mut found, &patch);
                    if patches {
                        let mut patch = patch;
                        patch["version"] = found["version"].clone();
                        (path.clone(), Method::Patch, patch)
                    } else {
                        (SCORES.to_owned(), Method::Post, found)
                    }
                }
                Some((schedule, agent)) => {
                    // The one read of an agent that tells who wrote it, and when: what is sent back carries that.
                    let week = self.sandbox.record(schedule).unwrap_or_default()["week"].clone();
                    let week = format!("{SCHEDULES}/agents/{agent}?week={}", week.as_str().unwrap_or_default());
                    let mut entry = self.ask("clean", Method::Get, &week, None).1;
                    let patch = self.edit(&path, &entry);
                    lay(&mut entry, &patch);
                    (week, Method::Put, entry)
                }
            };
            if self.rng.percent(40) {
                self.person(at);
            }
            if self.ask("clean", method, &resource, Some(body)).0 < 300 {
                return;
            }
            // What it wanted to change may be somebody else's by now: it looks again and decides anew.
            wish = None;
        }
    }

    fn stands(&self, path: &str) -> Value {
        match path.split_once("/agents/") {
            None => self.sandbox.record(path).unwrap_or_default(),
            Some((schedule, agent)) => {
                let document = self.sandbox.record(schedule).unwrap_or_default();
                let entries = document["agents"].as_array().cloned().unwrap_or_default();
                entries.into_iter().find(|entry| entry["agent_id"] == agent).unwrap_or_default()
            }
        }
    }

    fn log_in(&mut self, name: &str) -> String {
        let basic = format!("Basic {}", STANDARD.encode(format!("{name}:{name}")));
        let form = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
        let login = ifmatch_sandbox::Request {
            method: "POST".to_owned(),
            path: "/oauth/token".to_owned(),
            headers: vec![("Authorization".to_owned(), basic), form],
            body: b"grant_type=client_credentials".to_vec(),
        };
        let Delivery::Answer { response, .. } = self.sandbox.handle(self.now, &login) else { panic!("no token") };
        response.json().unwrap_or_default()["access_token"].as_str().unwrap_or_default().to_owned()
    }

    /// One exchange, seen by the observer.
    fn ask(&mut self, who: &'static str, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let went = self.send(who, method, path, body);
        self.order += 2;
        self.see(&went, (self.order, self.order + 1), u64::MAX, true);
        (went.answer.status, serde_json::from_str(&went.answer.body).unwrap_or_default())
    }

    /// One exchange, not seen by the observer yet.
    fn send(&mut self, who: &'static str, method: Method, path: &str, body: Option<Value>) -> Went {
        let request = match &body {
            Some(body) => Request::json(method, path, body),
            None => Request::bare(method, path),
        };
        let mut headers = request.headers.clone();
        headers.push(("authorization".to_owned(), format!("Bearer {}", self.tokens[who])));
        let sent = ifmatch_sandbox::Request {
            method: method.as_str().to_owned(),
            path: path.to_owned(),
            headers,
            body: request.body.clone().into_bytes(),
        };
        self.now += 1_000;
        let Delivery::Answer { response, .. } = self.sandbox.handle(self.now, &sent) else { panic!("no answer") };
        let text = String::from_utf8(response.body).expect("text");
        let answer = Response { status: response.status, headers: response.headers, body: text };
        Went { who, method, request, answer }
    }

    /// Shows the observer an exchange at its place among all; one that is not `heard` ended without an answer.
    fn see(&mut self, went: &Went, (began, ended): (u64, u64), horizon: u64, heard: bool) {
        let at = Timestamp::from_millisecond(self.now).expect("an instant");
        let client = Client { source: SourceName::from(went.who), id: None };
        let (outcome, shown) = match heard {
            true => {
                let shown = self.dialect.shown(&OrgName::from("acme"), at, &went.request, &went.answer);
                (ObservedOutcome::Answered(&went.answer), shown)
            }
            false => (ObservedOutcome::Silent, Vec::new()),
        };
        let (request, safe) = (Some(&went.request), went.method.is_safe());
        let exchange = Observed { client: &client, request, safe, outcome, shown, began, ended, at };
        self.observer.take(&self.dialect, exchange, horizon);
    }

    /// A score is created and no answer comes; a person edits it; the client looks it up and sends it again. The exchange
    /// of the creation is given up last: its client has long gone on by then.
    pub(super) fn creation_given_up_last(&mut self) -> Named {
        let first = self.sandbox.record(&self.copies[0].path).expect("a score");
        let mut doc = json!({});
        for name in ["agent_email", "score", "reviewed_at", "review_date"] {
            doc[name] = first[name].clone();
        }
        doc["evaluation_form"] = json!("another form");
        doc["comments"] = json!("auto-synced");
        let creation = self.send("naive", Method::Post, SCORES, Some(doc.clone()));
        assert_eq!(creation.answer.status, 201, "{}", creation.answer.body);
        let made = self.sandbox.ledger().last().expect("it landed").path.clone();
        self.sandbox.edit(self.now, &made, &json!({"comments": "checked"}), "Ada Lehmann").expect("a person's edit");
        let look = self.send("naive", Method::Get, &made, None);
        let id = made.rsplit('/').next().unwrap_or_default();
        (doc["id"], doc["version"]) = (json!(id), json!(2));
        let again = self.send("naive", Method::Post, SCORES, Some(doc));
        assert_eq!(again.answer.status, 200, "{}", again.answer.body);
        let began = self.order + 2;
        self.see(&look, (began + 1, began + 2), began, true);
        self.see(&again, (began + 3, began + 4), began, true);
        self.see(&creation, (began, began + 5), u64::MAX, false);
        Named { record: made, path: "/comments".to_owned(), before: Some(json!("checked")) }
    }

    pub(super) fn settle(&mut self) {
        self.observer.settle(&self.dialect, u64::MAX);
    }

    /// What the observer names of one client.
    pub(super) fn named(&self, who: &str) -> Vec<Named> {
        let sheets = self.observer.book().sheets.iter().filter(|((source, _), _)| source.as_str() == who);
        let findings = sheets.flat_map(|(_, sheet)| &sheet.findings).filter(|finding| finding.known == Known::Lost);
        let path = |kind: &str, id: &str| match kind {
            "agent-schedule" => format!("{SCHEDULES}/{}", id.replacen('/', "/agents/", 1)),
            _ => format!("{SCORES}/{id}"),
        };
        findings
            .map(|it| Named {
                record: path(&it.kind, &it.record),
                path: it.path.as_str().to_owned(),
                before: it.before.clone(),
            })
            .collect()
    }

    pub(super) fn not_seen(&self, who: &str) -> u64 {
        let sheets = self.observer.book().sheets.iter().filter(|((source, _), _)| source.as_str() == who);
        sheets.flat_map(|(_, sheet)| sheet.clients.values()).map(|sums| sums.not_seen).sum()
    }

    /// What the ledger knows of the naive client: the last writer of the path was another one, and the client's own base
    /// held another value.
    pub(super) fn ledger_knows(&self) -> Vec<Named> {
        let ledger = self.sandbox.ledger();
        let mut lost = Vec::new();
        for (place, entry) in ledger.iter().enumerate().filter(|(_, entry)| entry.client_id.as_deref() == Some("naive"))
        {
            // The document of the week moves with each agent in it.
            let Some(copy) = self.copies.iter().find(|copy| copy.path == entry.path) else { continue };
            let base = &copy.bases[&entry.to_version];
            for change in entry.changes.iter().filter(|change| change.before.is_some()) {
                let touches = |earlier: &&std::sync::Arc<ifmatch_sandbox::LedgerEntry>| {
                    earlier.path == entry.path && earlier.changes.iter().any(|other| overlap(&other.path, &change.path))
                };
                let writer = ledger[..place].iter().rev().find(touches);
                let foreign = writer.is_some_and(|writer| writer.client_id.as_deref() != Some("naive"));
                if foreign && at(base, &change.path).as_ref() != change.before.as_ref() {
                    let (record, path) = (entry.path.clone(), change.path.clone());
                    lost.push(Named { record, path, before: change.before.clone() });
                }
            }
        }
        lost
    }
}

fn paths(list: &Value) -> Vec<String> {
    let list = list.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|record| record["path"].as_str().map(str::to_owned)).collect()
}

/// Lays a patch over a document; shifts go by their id.
fn lay(doc: &mut Value, patch: &Value) {
    for (name, value) in patch.as_object().into_iter().flatten() {
        if name != "shifts" {
            doc[name] = value.clone();
            continue;
        }
        for shift in value.as_array().into_iter().flatten() {
            let list = doc["shifts"].as_array_mut().expect("shifts");
            if let Some(known) = list.iter_mut().find(|known| known["id"] == shift["id"]) {
                *known = shift.clone();
            }
        }
    }
}

/// The value at a path, elements of the shifts by their id.
fn at(doc: &Value, path: &str) -> Option<Value> {
    let mut here = doc.clone();
    for segment in path.split('/').skip(1) {
        here = match &here {
            Value::Array(list) => list.iter().find(|item| item["id"] == segment)?.clone(),
            Value::Object(members) => members.get(segment)?.clone(),
            _ => return None,
        };
    }
    Some(here)
}

fn overlap(a: &str, b: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(a, b) || within(b, a)
}
