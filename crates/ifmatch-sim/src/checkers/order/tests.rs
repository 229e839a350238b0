//! What the judge of the order lets pass, and what it finds.

use super::super::rig::{ran, three};
use super::*;
use ifmatch_core::Origin;

/// The violations after something was planted into the orders of the intents.
fn check(plant: impl Fn(usize, &mut IntentRecord), found: usize) {
    let (world, mut evidence) = ran(&three(), &[]);
    assert_eq!(evidence.ours().count(), 3, "each wish is an entry of its own");
    for (at, record) in evidence.intents.values_mut().enumerate() {
        plant(at, record);
    }
    let mut out = Vec::new();
    judge(&world, &evidence, &mut out);
    assert_eq!(out.len(), found, "{out:?}");
}

#[test]
fn what_lands_as_it_was_accepted_is_in_order() {
    check(|_, _| {}, 0);
}

#[test]
fn an_older_word_over_a_newer_one_is_found() {
    check(|at, record| record.order = 3 - u64::try_from(at).unwrap(), 1);
}

#[test]
fn words_at_other_paths_have_no_order_between_them() {
    check(|at, record| record.order = [2, 1, 3][at], 0);
}

#[test]
fn another_source_has_an_order_of_its_own() {
    check(
        |at, record| {
            record.order = 3 - u64::try_from(at).unwrap();
            record.source = if at == 2 { "beta".into() } else { record.source.clone() };
        },
        0,
    );
}

#[test]
fn the_sequence_of_the_source_counts_before_the_acceptance() {
    let numbered = |record: &mut IntentRecord, sequence: u64| {
        let system = "x".to_owned();
        std::sync::Arc::make_mut(&mut record.intent).origin =
            Some(Origin { system, record: None, sequence: Some(sequence) });
    };
    check(|at, record| numbered(record, [1, 2, 3][at]), 0);
    check(|at, record| numbered(record, [3, 2, 1][at]), 1);
}

#[test]
fn a_planted_decision_excuses() {
    check(
        |at, record| {
            record.order = 3 - u64::try_from(at).unwrap();
            let decided = ifmatch_core::Decided { value: None, remote: None };
            record.status.decided.insert("/score".parse().unwrap(), decided);
        },
        0,
    );
}
