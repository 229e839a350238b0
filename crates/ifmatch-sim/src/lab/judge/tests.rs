//! Ledgers made by hand, in which the judge must find what is wrong.

use super::*;
use crate::lab::course::{Ended, Told};
use ifmatch_sandbox::{Change as Changed, LedgerEntry, Stats};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;

const PATH: &str = "/api/v2/wfm/v2/quality/scores/qs-1";
const AGENT: &str = "/api/v2/wfm/schedules/s-1/agents/a-1";

/// A course under construction.
struct Scene {
    items: Vec<Item>,
    course: Course,
}

impl Scene {
    fn new() -> Self {
        let course = Course {
            ledger: Vec::new(),
            stats: Stats::default(),
            start_ms: 0,
            ended: Vec::new(),
            told: Vec::new(),
            made: BTreeMap::new(),
            edits: 0,
            needless_reviews: 0,
            violations: Vec::new(),
        };
        Self { items: Vec::new(), course }
    }

    /// A source that saw a record wants something of it, and is told that it landed.
    fn item(mut self, source: &str, (kind, path): (&str, &str), saw: Value, set: Value) -> Self {
        self.items.push(Item {
            at_ms: 0,
            source: source.to_owned(),
            workers: 0,
            kind: kind.to_owned(),
            id: "x".to_owned(),
            path: path.to_owned(),
            set,
        });
        self.course.told.push(Told { believed: saw.clone(), saw });
        self.course.ended.push(Ended { end: End::Landed, at_ms: 5, was_tried: true, first_refused: false });
        self
    }

    fn score(self, source: &str, saw: Value, set: Value) -> Self {
        self.item(source, ("quality-score", PATH), saw, set)
    }

    fn entry(mut self, path: &str, by: Option<usize>, changes: &[(&str, Value, Value)]) -> Self {
        let seq = self.course.ledger.len() as u64 + 1;
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        self.course.ledger.push(Arc::new(LedgerEntry {
            seq,
            at: 10 * i64::try_from(seq).unwrap(),
            actor: if by.is_some() { "Integration" } else { "Anna Vogel" }.to_owned(),
            client_id: by.map(|_| "client".to_owned()),
            path: path.to_owned(),
            from_version: Some(seq),
            to_version: seq + 1,
            changes: changes
                .iter()
                .map(|(path, before, after)| Changed {
                    path: (*path).to_owned(),
                    before: some(before),
                    after: some(after),
                })
                .collect(),
            request_id: None,
            request_hash: None,
        }));
        self.course.made.extend(by.map(|number| (seq, vec![number])));
        self
    }

    /// A person's edit.
    fn person(self, path: &str, before: Value, after: Value) -> Self {
        self.entry(PATH, None, &[(path, before, after)])
    }

    /// A write of ours that carries one item.
    fn ours(self, number: usize, path: &str, before: Value, after: Value) -> Self {
        self.entry(PATH, Some(number), &[(path, before, after)])
    }

    /// Lost edits, duplicates and unproven claims.
    fn check(self, expected: (usize, usize, usize)) {
        let found = judge(&self.items, &self.course);
        let counts = (found.lost_edits.len(), found.duplicates.len(), found.unproven.len());
        assert_eq!(counts, expected, "{found:#?}");
    }
}

#[test]
fn a_value_that_its_source_saw_may_be_replaced() {
    Scene::new()
        .score("north", json!({"score": 70}), json!({"score": 85}))
        .person("/score", json!(60), json!(70))
        .ours(0, "/score", json!(70), json!(85))
        .check((0, 0, 0));
}

#[test]
fn a_value_that_its_source_did_not_see_is_lost() {
    Scene::new()
        .score("north", json!({"score": 60}), json!({"score": 85}))
        .person("/score", json!(60), json!(70))
        .ours(0, "/score", json!(70), json!(85))
        .check((1, 0, 0));
}

#[test]
fn the_value_of_the_start_is_nobodys_edit() {
    Scene::new()
        .score("north", json!({"score": 1}), json!({"score": 85}))
        .ours(0, "/score", json!(60), json!(85))
        .check((0, 0, 0));
}

#[test]
fn an_old_value_carried_along_erases_an_edit_that_nobody_asked_about() {
    let score = ("/score", json!(60), json!(85));
    Scene::new()
        .score("north", json!({"score": 60, "comments": "a"}), json!({"score": 85}))
        .person("/comments", json!("a"), json!("b"))
        .entry(PATH, Some(0), &[score, ("/comments", json!("b"), json!("a"))])
        .check((1, 0, 0));
}

#[test]
fn one_source_does_not_win_silently_over_another() {
    Scene::new()
        .score("north", json!({"score": 60}), json!({"score": 85}))
        .score("south", json!({"score": 60}), json!({"score": 90}))
        .ours(0, "/score", json!(60), json!(85))
        .ours(1, "/score", json!(85), json!(90))
        .check((1, 0, 0));
}

#[test]
fn a_sources_own_word_is_its_own() {
    Scene::new()
        .score("north", json!({"score": 60}), json!({"score": 85}))
        .score("north", json!({"score": 60}), json!({"score": 90}))
        .ours(0, "/score", json!(60), json!(85))
        .ours(1, "/score", json!(85), json!(90))
        .check((0, 0, 0));
}

#[test]
fn a_removed_value_is_lost_as_well() {
    let shift = json!({"id": "m", "start": "2026-10-26T09:00:00Z"});
    Scene::new()
        .item(
            "north",
            ("agent-schedule", AGENT),
            json!({"shifts": []}),
            json!({"availability": {"status": "training"}}),
        )
        .entry(AGENT, None, &[("/shifts/m", Value::Null, shift.clone())])
        .entry(
            AGENT,
            Some(0),
            &[("/availability/status", json!("available"), json!("training")), ("/shifts/m", shift, Value::Null)],
        )
        .check((1, 0, 0));
}

#[test]
fn a_shift_counts_once_however_many_of_its_fields_are_lost_and_instants_compare_by_meaning() {
    let start = |hour: u32| json!(format!("2026-10-26T{hour:02}:00:00Z"));
    let saw = |at: Value| json!({"shifts": [{"id": "m", "start": at, "activities": [1]}]});
    let set = json!({"shifts": [{"id": "m", "start": start(11), "activities": [3]}]});
    let moved = [("/shifts/m/start", start(9), start(10)), ("/shifts/m/activities", json!([1]), json!([2]))];
    let write = [("/shifts/m/start", start(10), start(11)), ("/shifts/m/activities", json!([2]), json!([3]))];
    let scene = |saw: Value| Scene::new().item("north", ("agent-schedule", AGENT), saw, set.clone());
    scene(saw(start(9))).entry(AGENT, None, &moved).entry(AGENT, Some(0), &write).check((1, 0, 0));
    let told = json!({"shifts": [{"id": "m", "start": "2026-10-26T12:00:00+02:00", "activities": [2]}]});
    scene(told).entry(AGENT, None, &moved).entry(AGENT, Some(0), &write).check((0, 0, 0));
}

#[test]
fn an_effect_that_comes_again_is_a_duplicate() {
    Scene::new()
        .score("north", json!({"score": 60}), json!({"score": 85}))
        .ours(0, "/score", json!(60), json!(85))
        .person("/score", json!(85), json!(60))
        .ours(0, "/score", json!(60), json!(85))
        .check((0, 1, 0));
}

#[test]
fn two_records_for_one_are_a_duplicate() {
    let mut scene = Scene::new()
        .item("zendesk", ("shift-trade", ""), Value::Null, json!({"swap_request_id": "z-1"}))
        .entry("/api/v2/wfm/scheduling/shifts/t-1", Some(0), &[("/swap_request_id", Value::Null, json!("z-1"))])
        .entry("/api/v2/wfm/scheduling/shifts/t-2", Some(0), &[("/swap_request_id", Value::Null, json!("z-1"))]);
    for entry in &mut scene.course.ledger {
        Arc::make_mut(entry).from_version = None;
    }
    scene.check((0, 1, 0));
}

#[test]
fn what_is_told_as_landed_must_be_in_the_ledger() {
    Scene::new().score("north", json!({"score": 60}), json!({"score": 85})).check((0, 0, 1));
}

#[test]
fn a_publish_must_carry_what_stood_when_it_was_asked_for() {
    let schedule = "/api/v2/wfm/schedules/s-1";
    let scene = |carried: u64| {
        let mut scene = Scene::new().item("timer", ("schedule", schedule), Value::Null, Value::Null);
        scene.items[0].at_ms = 15;
        scene
            .entry(schedule, None, &[("/draft_revision", json!(7), json!(8))])
            .entry(schedule, Some(0), &[("/state", json!("draft"), json!("pending"))])
            .entry(schedule, None, &[("/published_revision", json!(4), json!(carried))])
    };
    scene(8).check((0, 0, 0));
    scene(7).check((0, 0, 1));
    scene(8).entry(schedule, Some(0), &[("/state", json!("draft"), json!("pending"))]).check((0, 1, 0));
}
