//! What the ledger shows of a review, whatever its code says.

use super::super::rig::{ran, three};
use super::*;
use ifmatch_core::merge::Conflict;
use serde_json::{Value, json};

/// A review of one of the rig's wishes, as if it had been opened at the end of the run, and what it is taken for.
fn check(code: &str, wish: usize, (path, wanted): (&str, Value), expected: Ground) {
    let (world, evidence) = ran(&three(), &[(0, json!({ "score": 50 }))]);
    let mut records: Vec<&IntentRecord> = evidence.intents.values().collect();
    records.sort_by_key(|record| record.order);
    let conflict = Conflict {
        path: path.parse().unwrap(),
        base: None,
        local: Some(wanted),
        remote: None,
        remote_writer: None,
        stretches: Vec::new(),
    };
    let opened = Opened {
        intent: records[wish].id,
        code: code.to_owned(),
        paths: vec![conflict.path.clone()],
        conflict: vec![conflict.into()],
        entries: evidence.ledger.len(),
    };
    assert_eq!(ground(&world, &evidence, records[wish], &opened, &[]), expected, "{code} of wish {wish} at {path}");
}

#[test]
fn an_edit_after_the_source_looked_is_an_overlap() {
    check("true_conflict", 0, ("/score", json!(41)), Ground::Overlap);
    check("unknown_base", 0, ("/score", json!(41)), Ground::Overlap);
}

#[test]
fn an_edit_that_the_source_saw_is_none() {
    check("true_conflict", 2, ("/score", json!(43)), Ground::Needless);
}

#[test]
fn an_edit_elsewhere_or_to_the_same_value_is_none() {
    check("true_conflict", 0, ("/comments", json!("mine")), Ground::Needless);
    check("joined", 0, ("/score", json!(50)), Ground::Needless);
}

#[test]
fn what_a_rule_demands_needs_no_edit() {
    check("invariant", 2, ("/score", json!(43)), Ground::Demanded);
    check("undecided", 2, ("/score", json!(43)), Ground::Undecided);
}

#[test]
fn the_bar_is_one_for_twenty() {
    let ratio = |overlaps, needless| Reviews { overlaps, needless, ..Reviews::default() }.needless_per_overlap();
    assert!(ratio(20, 1) <= Reviews::NEEDLESS_PER_OVERLAP_MAX);
    assert!(ratio(20, 2) > Reviews::NEEDLESS_PER_OVERLAP_MAX);
    assert!(ratio(0, 1) > Reviews::NEEDLESS_PER_OVERLAP_MAX);
}
