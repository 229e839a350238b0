//! What is kept, what is taken away, and that a sound setup is left alone.

use super::*;
use crate::scenario;
use crate::script::Op;

/// A setup fails while it has an edit by this person and any crash.
fn breaks(setup: &Setup) -> BTreeSet<String> {
    let edit = setup.ops.iter().any(|(_, op)| matches!(op, Op::Edit { by, .. } if by == "Zoe"));
    let crash = setup.ops.iter().any(|(_, op)| matches!(op, Op::Crash(_)));
    if edit && crash { BTreeSet::from(["P2".to_owned()]) } else { BTreeSet::new() }
}

fn failing() -> Setup {
    let mut setup = scenario::draw(2);
    let edit = Op::Edit { path: "/x".to_owned(), patch: serde_json::json!({}), by: "Zoe".to_owned() };
    setup.ops.push((5, edit));
    setup.ops.push((6, Op::Crash(crate::script::CrashPoint::Now)));
    setup.ops.sort_by_key(|(at, _)| *at);
    setup
}

#[test]
fn only_the_ops_that_matter_are_left() {
    let small = shrink_by(&failing(), &breaks);
    assert_eq!(small.ops.len(), 2, "{:?}", small.ops);
    assert_eq!(breaks(&small).len(), 1);
}

#[test]
fn the_target_becomes_plain() {
    let small = shrink_by(&failing(), &breaks);
    assert_eq!(small.scenario.options, Options::default());
    assert_eq!(small.scenario.faults, FaultRates::default());
    assert!(small.scenario.lockers.is_empty() && small.scenario.editors.is_empty());
}

#[test]
fn a_setup_that_holds_is_left_alone() {
    let setup = scenario::draw(2);
    assert_eq!(shrink_by(&setup, &|_| BTreeSet::new()), setup);
}

#[test]
fn another_promise_is_another_failure() {
    let other = |setup: &Setup| {
        let small = setup.ops.len() < 3;
        BTreeSet::from([if small { "P3" } else { "P2" }.to_owned()])
    };
    assert_eq!(shrink_by(&failing(), &other).ops.len(), 3);
}
