//! The most common mistake, through the proxy: a client reads the fresh version and pastes it on
//! its old whole document, while a person edits the record in the target.

use crate::http::{Answer, Caller};
use crate::rig::Gateway;
use serde_json::{Value, json};
use std::thread;

/// Rounds of each method and case.
const ROUNDS: usize = 100;

/// Clients at once; no two of them play with the same record.
const CLIENTS: usize = 6;

/// What a person edits while the client holds its old document.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Person {
    /// A field that the client leaves alone.
    AnotherField,
    /// The field that the client changes.
    TheSameField,
}

/// A kind of record, and two of its fields.
#[derive(Debug, Clone, Copy)]
struct Kind {
    /// Its name in the world of the sandbox.
    list: &'static str,
    /// How it spells the version besides `version`.
    spelling: &'static str,
    fields: [&'static str; 2],
}

const SCORE: Kind = Kind { list: "quality_scores", spelling: "resource_version", fields: ["score", "comments"] };
const TRADE: Kind = Kind { list: "shift_trades", spelling: "entity_version", fields: ["expires_at", "notes"] };

/// The methods that write a whole document, each with a kind that takes it.
const METHODS: [(&str, Kind); 4] = [("PATCH", SCORE), ("POST", SCORE), ("PUT", TRADE), ("PATCH", TRADE)];

/// Members that say who wrote last, which some clients drop because they do not write them.
const WRITER: &[&str] = &["date_modified", "modified_by"];

/// Where the client puts the fresh version.
const PASTES: [Paste; 3] = [Paste::Body, Paste::BodyAndHeader, Paste::Header];

#[derive(Debug, Clone, Copy)]
enum Paste {
    Body,
    BodyAndHeader,
    Header,
}

impl Paste {
    /// Makes the old document look fresh; returns the `If-Match` to send with it.
    fn apply(self, kind: Kind, doc: &mut Value, fresh: &Answer) -> Option<String> {
        let record = fresh.json();
        for name in ["version", kind.spelling] {
            assert!(record[name].is_u64() && record[name] != doc[name], "{name}: {record}");
            match self {
                Self::Header => drop(doc.as_object_mut().unwrap().remove(name)),
                Self::Body | Self::BodyAndHeader => doc[name] = record[name].clone(),
            }
        }
        let tag = fresh.header("etag");
        assert!(!tag.is_empty(), "{fresh:?}");
        (!matches!(self, Self::Body)).then(|| tag.to_owned())
    }
}

/// One kind of client against one kind of person.
#[derive(Debug, Clone, Copy)]
struct Case {
    method: &'static str,
    kind: Kind,
    person: Person,
    /// Members that the client drops from its document.
    strips: &'static [&'static str],
}

/// The value that somebody puts into a field: one that nobody put there before.
fn value(field: &str, before: &Value, whose: &str, name: &str) -> Value {
    let ours = whose == "ours";
    match field {
        "score" => json!((before.as_u64().unwrap() + if ours { 7 } else { 13 }) % 101),
        "expires_at" => {
            let day = before.as_str().map_or(1, |text| text[8..10].parse::<usize>().unwrap());
            json!(format!("2031-01-{:02}T0{}:00:00Z", day % 28 + 1, if ours { 6 } else { 7 }))
        }
        _ => json!(format!("{whose} of {name}")),
    }
}

/// The gateway, and the truth behind it.
struct Scene {
    client: Caller,
    sandbox: Caller,
    world: Value,
}

impl Scene {
    fn of(gateway: &Gateway) -> Self {
        let client = Caller::new(gateway.said("url")).log_in(gateway.said("client_id"), gateway.said("client_secret"));
        let sandbox = Caller::new(gateway.said("sandbox"));
        let world = sandbox.get("/__sandbox/world").expect(200).json();
        Self { client, sandbox, world }
    }

    fn record(&self, path: &str) -> Value {
        self.sandbox.get(&format!("/__sandbox/record?path={path}")).expect(200).json()
    }

    fn edit(&self, path: &str, patch: &Value) {
        let edit = json!({"path": path, "merge_patch": patch, "by": "Mara Lind"});
        self.sandbox.post("/__sandbox/edit", &edit).expect(200);
    }

    /// Plays one round; says what is wrong with its outcome.
    fn round(&self, case: Case, round: usize, path: &str) -> Result<(), String> {
        let mut doc = self.client.get(path).expect(200).json();
        let before = doc.clone();
        // One field is the client's and the other the person's, every other round the reverse.
        let [ours, theirs] =
            if round.is_multiple_of(2) { case.kind.fields } else { [case.kind.fields[1], case.kind.fields[0]] };
        let edited = if case.person == Person::AnotherField { theirs } else { ours };
        let name = format!("{} round {round}", case.method);
        let wish = value(ours, &before[ours], "ours", &name);
        let edit = value(edited, &before[edited], "theirs", &name);
        self.edit(path, &json!({edited: edit}));
        let fresh = self.client.get(path).expect(200);
        doc[ours] = wish.clone();
        let tag = PASTES[round % PASTES.len()].apply(case.kind, &mut doc, &fresh);
        for name in case.strips {
            doc.as_object_mut().unwrap().remove(*name);
        }
        let answer = self.write(case.method, path, &doc, tag.as_deref());
        let after = self.record(path);
        let mut expected = before;
        expected[edited] = edit;
        let is_answered = match case.person {
            Person::AnotherField => {
                expected[ours] = wish;
                answer.status == 200 && answer.json() == after
            }
            Person::TheSameField => is_refusal_of_the_target(&answer),
        };
        if is_answered && content(&after) == content(&expected) {
            return Ok(());
        }
        Err(format!("{case:?}, round {round}\n  sent {doc} with {tag:?}\n  {answer:?}\n  holds {after}"))
    }

    fn write(&self, method: &str, path: &str, doc: &Value, tag: Option<&str>) -> Answer {
        let path = if method == "POST" { path.rsplit_once('/').unwrap().0 } else { path };
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        self.client.send(method, path, &headers, &doc.to_string())
    }

    /// Plays all rounds of a case; returns what was wrong.
    fn play(&self, case: Case) -> Vec<String> {
        let records = self.world[case.kind.list].as_array().unwrap();
        let client = |number: usize| {
            let own = (0..ROUNDS).filter(move |round| round % records.len() % CLIENTS == number);
            let path = |round: usize| records[round % records.len()]["path"].as_str().unwrap();
            own.filter_map(|round| self.round(case, round, path(round)).err()).collect::<Vec<String>>()
        };
        thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        })
    }
}

/// Whether the answer is a stale write's as the target itself words it (envelope E1).
fn is_refusal_of_the_target(answer: &Answer) -> bool {
    let body = answer.json();
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    answer.status == 409
        && members == ["code", "errors", "message", "status"]
        && (&body["code"], &body["status"]) == (&json!("conflict"), &json!(409))
}

/// What people and clients write of a record.
fn content(record: &Value) -> Value {
    let mut content = record.clone();
    for name in ["version", "resource_version", "entity_version"].iter().chain(WRITER) {
        content.as_object_mut().unwrap().remove(*name);
    }
    content
}

fn check(person: Person, strips: &'static [&'static str]) {
    let gateway = Gateway::start_at("5");
    let scene = Scene::of(&gateway);
    for (method, kind) in METHODS {
        let wrong = scene.play(Case { method, kind, person, strips });
        assert!(wrong.is_empty(), "{} of {ROUNDS} went wrong, for example {}", wrong.len(), wrong[0]);
    }
}

#[test]
fn an_edit_of_another_field_is_merged_in_100_of_100() {
    check(Person::AnotherField, &[]);
}

#[test]
fn an_edit_of_the_same_field_is_a_conflict_in_100_of_100() {
    check(Person::TheSameField, &[]);
}

#[test]
fn the_document_may_come_without_the_members_that_name_its_writer() {
    check(Person::AnotherField, WRITER);
    check(Person::TheSameField, WRITER);
}

/// Puts a whole schedule in which one shift is half an hour shorter, after a person made a shift of
/// it an hour longer; the shifts are given by agent and place. Returns the answer, and the minutes
/// that each of the two has won.
fn put_schedule(ours: (usize, usize), theirs: (usize, usize)) -> (Answer, [i64; 2]) {
    let gateway = Gateway::start_at("5");
    let scene = Scene::of(&gateway);
    let path = scene.world["schedules"][0]["path"].as_str().unwrap();
    let mut doc = scene.client.get(path).expect(200).json();
    let before = doc.clone();
    let shift = |doc: &Value, (agent, place): (usize, usize)| doc["agents"][agent]["shifts"][place].clone();
    let minutes = |doc: &Value, at| shift(doc, at)["length_minutes"].as_i64().unwrap();
    let agent = format!("{path}/agents/{}", doc["agents"][theirs.0]["agent_id"].as_str().unwrap());
    let longer = json!({"id": shift(&doc, theirs)["id"], "length_minutes": minutes(&doc, theirs) + 60});
    scene.edit(&agent, &json!({"shifts": [longer]}));
    let fresh = scene.client.get(path).expect(200).json();
    doc["version"] = fresh["version"].clone();
    for (own, fresh) in doc["agents"].as_array_mut().unwrap().iter_mut().zip(fresh["agents"].as_array().unwrap()) {
        assert_eq!(own["agent_id"], fresh["agent_id"]);
        own["version"] = fresh["version"].clone();
    }
    let own = &mut doc["agents"][ours.0]["shifts"][ours.1];
    own["length_minutes"] = json!(own["length_minutes"].as_i64().unwrap() - 30);
    own["activities"] = json!([]);
    let answer = scene.write("PUT", path, &doc, None);
    let after = scene.record(path);
    (answer, [ours, theirs].map(|at| minutes(&after, at) - minutes(&before, at)))
}

#[test]
fn a_whole_schedule_is_merged_shift_by_shift() {
    for theirs in [(1, 0), (0, 1)] {
        let (answer, won) = put_schedule((0, 0), theirs);
        assert_eq!((answer.status, won), (200, [-30, 60]), "{theirs:?}: {answer:?}");
    }
}

#[test]
fn a_schedule_of_which_the_only_change_is_a_conflict_is_refused_as_a_whole() {
    let (answer, won) = put_schedule((0, 0), (0, 0));
    assert_eq!(won, [60, 60], "{}", answer.header("ifmatch-outcome"));
    assert!(is_refusal_of_the_target(&answer), "{answer:?}");
}
