//! Section 6: publish.

use serde_json::{Value, json};

use super::rig::{Answer, Rig, SCHEDULES, START};
use crate::{IdempotencyKeys, Options};

const MINUTE: i64 = 60_000;

struct Publisher {
    rig: Rig,
    id: String,
    agent: String,
}

impl Publisher {
    fn new(change: impl FnOnce(&mut Options)) -> Self {
        let rig = Rig::with(|options| {
            options.publish_ms = 20 * MINUTE;
            change(options);
        });
        let (id, _, agent) = rig.schedule();
        Self { rig, id, agent }
    }

    fn publish(&mut self, headers: &[(&str, &str)], body: &Value) -> Answer {
        self.rig.send("POST", &format!("/api/v2/wfm/scheduling/schedules/{}/publish", self.id), headers, body)
    }

    fn status(&mut self) -> (String, u64, u64) {
        let body = self.rig.get(&format!("/api/v2/wfm/scheduling/schedules/{}/status", self.id)).body;
        let number = |name: &str| body[name].as_u64().unwrap();
        (super::rig::text(&body["state"]), number("draft_revision"), number("published_revision"))
    }

    fn edit(&mut self) {
        let path = format!("{SCHEDULES}/{}/agents/{}", self.id, self.agent);
        let shifts = self.rig.sandbox.record(&path).unwrap()["shifts"].clone();
        let gone = json!({"shifts": [{"id": shifts[0]["id"], "deleted": true}]});
        self.rig.sandbox.edit(self.rig.now, &path, &gone, "Someone").unwrap();
    }
}

#[test]
fn a_publish_runs_once_and_publishes_the_draft_of_its_start() {
    let mut p = Publisher::new(|_| {});
    assert_eq!(p.status(), ("draft".to_owned(), 1, 0));
    let started = p.publish(&[], &Value::Null);
    assert_eq!(
        (started.status, &started.body["state"], &started.body["revision"]),
        (202, &json!("pending"), &json!(1))
    );
    assert_eq!(p.status(), ("pending".to_owned(), 1, 0));
    let running = p.publish(&[], &json!({}));
    assert_eq!(running.refusal(), (409, "conflict"));
    p.edit();
    assert_eq!(p.status(), ("pending".to_owned(), 2, 0), "edits during a run are allowed");
    p.rig.now = START + 20 * MINUTE;
    assert_eq!(p.status(), ("draft".to_owned(), 2, 1));
    let job = format!("/api/v2/wfm/scheduling/jobs/{}", started.body["job_id"].as_str().unwrap());
    let done = p.rig.get(&job);
    assert_eq!((&done.body["state"], &done.body["revision"]), (&json!("complete"), &json!(1)));
    assert_eq!(p.publish(&[], &Value::Null).status, 202);
    p.rig.now += 20 * MINUTE;
    assert_eq!(p.status(), ("published".to_owned(), 2, 2));
    let again = p.publish(&[], &Value::Null);
    assert_eq!(
        (again.refusal(), &again.body["message"]),
        ((409, "conflict"), &running.body["message"]),
        "one message for both"
    );
    p.edit();
    assert_eq!(p.status(), ("draft".to_owned(), 3, 2));
    assert_eq!(p.rig.sandbox.stats().concurrent_publishes.values().sum::<u64>(), 1);
}

#[test]
fn start_and_end_are_in_the_ledger_and_raise_the_version() {
    for (raises, versions) in [(true, vec![(1, 2), (2, 3)]), (false, vec![(1, 1), (1, 1)])] {
        let mut p = Publisher::new(|options| options.publish_raises_version = raises);
        p.publish(&[], &Value::Null);
        p.rig.sandbox.advance(START + 20 * MINUTE);
        let ledger = p.rig.sandbox.ledger();
        let seen: Vec<(u64, u64)> =
            ledger.iter().map(|entry| (entry.from_version.unwrap(), entry.to_version)).collect();
        assert_eq!(seen, versions);
        let actors: Vec<&str> = ledger.iter().map(|entry| entry.actor.as_str()).collect();
        assert_eq!(actors, vec!["Integration", "System"]);
        for entry in ledger {
            let change = entry.changes.iter().find(|change| change.path == "/published_revision").unwrap();
            assert_eq!((&change.before, &change.after), (&Some(json!(0)), &Some(json!(1))));
        }
        assert_eq!(ledger[1].at, START + 20 * MINUTE);
    }
}

#[test]
fn a_version_is_optional_and_checked() {
    let mut p = Publisher::new(|_| {});
    assert_eq!(p.publish(&[], &json!({"version": 4})).body["message"], "version mismatch");
    assert_eq!(p.publish(&[("If-Match", "\"1\"")], &json!({"version": 1})).status, 202);
}

#[test]
fn an_idempotency_key_is_ignored_or_honoured() {
    for (option, status) in [(IdempotencyKeys::Ignored, 409), (IdempotencyKeys::Honoured, 202)] {
        let mut p = Publisher::new(|options| options.idempotency_key = option);
        let key = [("Idempotency-Key", "k1")];
        let first = p.publish(&key, &Value::Null);
        let second = p.publish(&key, &Value::Null);
        assert_eq!((first.status, second.status), (202, status));
        if status == 202 {
            assert_eq!(first.body, second.body);
        }
        assert_eq!(p.publish(&[("Idempotency-Key", "k2")], &Value::Null).status, 409);
    }
}

#[test]
fn locked_agents_do_not_stop_a_publish() {
    let mut p = Publisher::new(|_| {});
    let path = format!("{SCHEDULES}/{}/agents/{}", p.id, p.agent);
    p.rig.sandbox.lock(START, &path, 60).unwrap();
    assert_eq!(p.publish(&[], &Value::Null).status, 202);
}
