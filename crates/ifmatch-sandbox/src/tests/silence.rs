//! Silent rules: a 2xx, and another value.

use serde_json::{Value, json};

use super::rig::Rig;
use crate::{Options, SilentAnswer, SilentRule, UnchangedWrite};

fn rule(field: &str, clamp: Option<(i64, i64)>) -> SilentRule {
    SilentRule { path: String::new(), field: field.to_owned(), clamp }
}

/// What the answer and the record show of a field after a write of the first record of a list, and how far the version went.
fn written(list: &str, change: impl FnOnce(&mut Options), field: &str, value: &Value) -> (Value, Value, u64) {
    let mut rig = Rig::with(change);
    let (path, before) = rig.first(list);
    let version = before["version"].as_u64().unwrap();
    let answer = rig.send("PATCH", &path, &[], &json!({"version": version, field: value}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let record = rig.sandbox.record(&path).unwrap();
    let silences = rig.sandbox.silences();
    assert_eq!(silences.len(), usize::from(record[field] != *value), "{silences:?}");
    assert!(silences.iter().all(|silence| silence.sent == *value && silence.stands == record[field]));
    (answer.body[field].clone(), record[field].clone(), record["version"].as_u64().unwrap() - version)
}

#[test]
fn a_number_beyond_its_bounds_is_moved_to_the_nearer_one() {
    let check = |score: i64, expected: i64| {
        let with = |options: &mut Options| options.silent_rules = vec![rule("score", Some((10, 90)))];
        let (told, stands, steps) = written("quality_scores", with, "score", &json!(score));
        assert_eq!((told, stands, steps), (json!(expected), json!(expected), 1), "{score}");
    };
    check(3, 10);
    check(42, 42);
    check(99, 90);
}

#[test]
fn a_field_is_left_as_it_was_and_the_answer_tells_it_or_does_not() {
    let check = |answer: SilentAnswer, unchanged: UnchangedWrite, told: &str, steps: u64| {
        let with = |options: &mut Options| {
            options.silent_rules = vec![rule("comments", None)];
            options.silent_answer = answer;
            options.unchanged_write = unchanged;
        };
        let (shown, stands, went) = written("quality_scores", with, "comments", &json!("new"));
        assert_ne!(stands, "new");
        assert_eq!((shown == "new", went), (told == "sent", steps));
    };
    check(SilentAnswer::AsItStands, UnchangedWrite::KeepsVersion, "stands", 0);
    check(SilentAnswer::AsItStands, UnchangedWrite::RaisesVersion, "stands", 1);
    check(SilentAnswer::AsSent, UnchangedWrite::KeepsVersion, "sent", 0);
}

#[test]
fn people_are_not_bound_and_other_records_neither() {
    let mut rig = Rig::with(|options| options.silent_rules = vec![rule("comments", None)]);
    let (path, _) = rig.first("quality_scores");
    rig.sandbox.edit(rig.now, &path, &json!({"comments": "by a person"}), "Someone").unwrap();
    assert_eq!(rig.sandbox.record(&path).unwrap()["comments"], "by a person");
    let elsewhere = |options: &mut Options| {
        options.silent_rules = vec![SilentRule { path: "/elsewhere".to_owned(), ..rule("comments", None) }];
    };
    assert_eq!(written("quality_scores", elsewhere, "comments", &json!("new")).1, "new");
}

#[test]
fn an_agents_week_can_keep_its_availability() {
    let mut rig = Rig::with(|options| {
        options.silent_rules = vec![rule("availability", None)];
        options.silent_answer = SilentAnswer::AsSent;
    });
    let (path, schedule) = rig.first("schedules");
    let agent = &schedule["agents"][0];
    let wanted = json!({"status": "training", "from": null, "until": null});
    let entry = json!({"agent_id": agent["agent_id"], "availability": wanted});
    let answer = rig.send("PATCH", &path, &[], &json!({"version": schedule["version"], "agents": [entry]}));
    assert_eq!((answer.status, &answer.body["agents"][0]["availability"]), (200, &wanted));
    assert_eq!(rig.sandbox.record(&path).unwrap()["agents"][0]["availability"], agent["availability"]);
    assert_eq!(rig.sandbox.silences().len(), 1);
}
