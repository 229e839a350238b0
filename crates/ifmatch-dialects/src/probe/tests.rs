//! Behaviour of a probe against answers made up for it.

use super::*;
use crate::WfmV2;
use serde_json::{Value, json};

/// A target of one score, in virtual time.
struct Fake {
    now: i64,
    score: Value,
    /// Writes that are refused as locked.
    locked: usize,
    /// Answers that are lost after a write took effect.
    lost: usize,
    consent: bool,
    writes: Vec<Request>,
}

impl Fake {
    fn new() -> Self {
        let score = json!({"id": "qs-1", "score": 80, "comments": "fine", "version": 3, "resource_version": 3});
        Self { now: 1_794_812_400_000, score, locked: 0, lost: 0, consent: true, writes: Vec::new() }
    }

    fn at(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now).unwrap()
    }

    /// Runs a probe of the score; `stop_at` stops it at this write.
    fn run(&mut self, writes: Writes, stop_at: Option<usize>) -> Certificate {
        let org = OrgName::from("acme");
        let records = vec![Resource::by_id(&org, "quality-score", "qs-1")];
        let target = "http://target".to_owned();
        let plan = Plan { target, org, records, writes, exhaust_window: false };
        let mut probe = Probe::new(Arc::new(WfmV2::new()), plan);
        loop {
            let told = match probe.next(self.at()) {
                Step::Done(certificate) => {
                    assert_eq!(probe.left(), None);
                    return *certificate;
                }
                Step::Authorise(_) => Told::Authorised,
                Step::Consent(_) if self.consent => Told::Consented,
                Step::Consent(_) => Told::Declined,
                Step::Wait(until) => {
                    self.now = self.now.max(until.as_millisecond());
                    Told::Waited
                }
                Step::Send(request) => self.answer(200, self.read(&request)),
                Step::Write(request) => {
                    let told = self.write(&request);
                    self.writes.push(request);
                    if stop_at == Some(self.writes.len()) {
                        probe.stop();
                    }
                    told
                }
            };
            probe.tell(told);
        }
    }

    fn read(&self, request: &Request) -> Value {
        if request.path.ends_with("/qs-1") { self.score.clone() } else { json!({"entities": []}) }
    }

    fn write(&mut self, request: &Request) -> Told {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        if self.locked > 0 {
            self.locked -= 1;
            let text = "The requested resource is currently being modified by another process";
            return self.answer(409, json!({"code": "conflict", "message": text}));
        }
        if body["version"] != self.score["version"] {
            return self.answer(409, json!({"code": "conflict", "message": "version mismatch"}));
        }
        let comments = body["comments"].clone();
        if comments.is_string() {
            self.score["comments"] = comments;
        }
        let version = json!(self.score["version"].as_u64().unwrap() + 1);
        self.score["version"] = version.clone();
        self.score["resource_version"] = version;
        if self.lost > 0 {
            self.lost -= 1;
            return Told::NoAnswer;
        }
        self.answer(200, self.score.clone())
    }

    fn answer(&mut self, status: u16, body: Value) -> Told {
        let sent = self.at();
        self.now += 50;
        Told::Answer {
            response: Response { status, headers: Vec::new(), body: body.to_string() },
            sent,
            came: self.at(),
        }
    }
}

fn value<'c>(certificate: &'c Certificate, name: &str) -> &'c Value {
    certificate.value(name, Some("quality-score")).unwrap_or_else(|| panic!("{name}: {certificate:?}"))
}

#[test]
fn a_guarded_score_is_certified_and_put_back() {
    let mut fake = Fake::new();
    let certificate = fake.run(Writes::Asked, None);
    assert_eq!(fake.score["comments"], "fine");
    assert_eq!(*value(&certificate, "guard"), json!("checked"));
    assert_eq!(*value(&certificate, "version_step"), json!({"least": 1, "most": 1, "writes": 6}));
    assert_eq!(*value(&certificate, "unchanged_write"), json!("raises_version"));
    assert_eq!(certificate.records, [Touched { record: "quality-score/qs-1".to_owned(), restored: true }]);
    certificate.check(&["quality-score"]).unwrap();
}

#[test]
fn without_consent_nothing_is_written_and_nothing_guessed() {
    for (writes, consent) in [(Writes::Asked, false), (Writes::Never, true)] {
        let mut fake = Fake { consent, ..Fake::new() };
        let certificate = fake.run(writes, None);
        assert!(fake.writes.is_empty() && certificate.records.is_empty());
        let known = certificate.findings.iter().filter(|one| one.kind.is_some() && one.value.is_some());
        let known: Vec<&str> = known.map(|one| one.name.as_str()).collect();
        assert_eq!(known, ["version_place", "version_tag"], "a read tells these");
    }
}

#[test]
fn a_stop_at_any_write_leaves_the_record_as_it_was() {
    for at in 1..=10 {
        let mut fake = Fake::new();
        let certificate = fake.run(Writes::Asked, Some(at));
        assert_eq!(fake.score["comments"], "fine", "stopped at write {at}");
        assert!(certificate.records.iter().all(|record| record.restored), "stopped at write {at}");
        assert!(fake.writes.len() <= at + 1, "stopped at write {at}: at most one more, which puts it back");
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_put_back() {
    let mut fake = Fake { lost: 1, ..Fake::new() };
    let certificate = fake.run(Writes::Asked, None);
    assert_eq!(fake.score["comments"], "fine");
    assert!(certificate.value("version_step", Some("quality-score")).is_none(), "what was not seen is not told");
}

#[test]
fn a_lock_is_waited_for_and_told() {
    let mut fake = Fake { locked: 2, ..Fake::new() };
    let certificate = fake.run(Writes::Asked, None);
    let hold = value(&certificate, "lock_hold_ms");
    assert_eq!((&hold["seen"], hold["at_least"].as_u64() >= Some(2_000)), (&json!(1), true), "{hold}");
    assert_eq!(*value(&certificate, "guard"), json!("checked"));
    let mut fake = Fake { locked: 1_000, ..Fake::new() };
    let certificate = fake.run(Writes::Asked, None);
    assert!(certificate.value("guard", Some("quality-score")).is_none(), "a lock is no guard");
}
