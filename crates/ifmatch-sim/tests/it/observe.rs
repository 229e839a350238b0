//! The observer against the sandbox's ledger: it names every edit of others that a naive loop erased, and no other; of a client
//! that merges it names none.
//!
//! The judge here is written from the definition alone: a value that another writer wrote, overwritten although the writer's
//! own true base was another one. What the naive loop truly started from is its own copy, as it last stood in the target.

mod stage;

use serde_json::Value;
use stage::{Named, Stage};
use std::collections::BTreeSet;

/// One value that was lost: record, path, value.
type Lost = BTreeSet<(String, String, String)>;

fn lost(named: &[Named]) -> Lost {
    let text = |value: &Option<Value>| value.as_ref().map(ToString::to_string).unwrap_or_default();
    named.iter().map(|it| (it.record.clone(), it.path.clone(), text(&it.before))).collect()
}

/// A world of two naive clients' records, a client that merges, and people.
fn play(seed: u64, steps: usize) -> Stage {
    let mut stage = Stage::new(seed);
    for _ in 0..steps {
        stage.step();
    }
    stage.settle();
    stage
}

#[test]
fn every_lost_edit_of_the_naive_loop_is_named_and_no_other() {
    let mut total = 0;
    for seed in 0..150 {
        let stage = play(seed, 60);
        let (named, known) = (lost(&stage.named("naive")), lost(&stage.ledger_knows()));
        let missed: Vec<_> = known.difference(&named).collect();
        let invented: Vec<_> = named.difference(&known).collect();
        assert!(missed.is_empty() && invented.is_empty(), "seed {seed}\nmissed {missed:#?}\ninvented {invented:#?}");
        assert_eq!(stage.not_seen("naive"), 0, "seed {seed}");
        total += known.len();
    }
    assert!(total > 500, "only {total} edits were lost: the worlds are too quiet");
}

#[test]
fn a_client_that_merges_erases_nothing() {
    for seed in 0..150 {
        let stage = play(seed, 60);
        assert_eq!(lost(&stage.named("clean")), Lost::new(), "seed {seed}");
        assert_eq!(stage.not_seen("clean"), 0, "seed {seed}");
    }
}

#[test]
fn a_creation_that_is_given_up_last_was_still_sent_first() {
    let mut stage = Stage::new(1);
    let erased = stage.creation_given_up_last();
    stage.settle();
    assert_eq!(lost(&stage.named("naive")), lost(&[erased]));
}
