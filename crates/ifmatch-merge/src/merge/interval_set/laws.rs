//! The laws of interval sets, over random shifts of few hours and codes, so that edits of both sides often meet.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, prop_assume, proptest};
use proptest::strategy::Strategy as _;
use serde_json::{Value, json};

use crate::apply::apply;
use crate::change::diff;
use crate::equal::json_equal;
use crate::merge::merge;
use crate::outcome::Merged;
use crate::policy::{Policies, Policy};
use crate::schema::{Schema, Strategy};
use crate::sides::Sides;
use crate::timeline::{IntervalNames, spelled};

fn names() -> IntervalNames {
    IntervalNames { start: "start".into(), length: "minutes".into(), parts: "parts".into() }
}

fn schema() -> Schema {
    Schema::new().rule("", Strategy::IntervalSet(names()))
}

/// The quarters of an hour that a world has.
const QUARTERS: usize = 16;

fn quarter(at: usize) -> Timestamp {
    let start: Timestamp = "2026-10-25T00:00:00Z".parse().unwrap();
    start + jiff::SignedDuration::from_mins(15 * i64::try_from(at).unwrap())
}

fn minutes(quarters: usize) -> i64 {
    15 * i64::try_from(quarters).unwrap()
}

/// A shift by its quarters, `None` for nothing, with lines drawn and offsets spelled as they come.
fn shift() -> impl proptest::strategy::Strategy<Value = Value> {
    let cells = vec(proptest::option::of(0..3_u8), QUARTERS);
    let lines = vec(any::<bool>(), QUARTERS);
    let offsets = vec(0..3_usize, QUARTERS);
    (0..6_usize, 10..=QUARTERS, cells, lines, offsets).prop_map(|(from, until, cells, lines, offsets)| {
        let text = |at: usize| spelled(quarter(at), ["Z", "2026-10-25T00:00:00+02:00", "2026-10-25T00:00:00-05:00"][offsets[at]]);
        let mut parts: Vec<(usize, usize, u8)> = Vec::new();
        for at in from..until {
            let Some(code) = cells[at] else { continue };
            match parts.last_mut() {
                Some(last) if last.0 + last.1 == at && last.2 == code && !lines[at] => last.1 += 1,
                _ => parts.push((at, 1, code)),
            }
        }
        let part = |(at, length, code): (usize, usize, u8)| json!({"start": text(at), "minutes": minutes(length), "code": code});
        let parts: Vec<Value> = parts.into_iter().map(part).collect();
        json!({"id": "a", "start": text(from), "minutes": minutes(until - from), "parts": parts})
    })
}

/// A base, and two shifts that took over some quarters of unrelated ones.
fn three() -> impl proptest::strategy::Strategy<Value = [Value; 3]> {
    let edit = || (shift(), 0..QUARTERS, 0..6_usize);
    (shift(), edit(), edit()).prop_map(|(base, first, second)| {
        let edited = |(other, from, length): (Value, usize, usize)| patched(&base, &other, from, from + length);
        let (local, remote) = (edited(first), edited(second));
        [base, local, remote]
    })
}

/// The base with some quarters of the other one; its ends where those lie in there.
fn patched(base: &Value, other: &Value, from: usize, until: usize) -> Value {
    let (mine, theirs) = (cells(base), cells(other));
    let cell = |at: usize| if (from..until).contains(&at) { &theirs[at] } else { &mine[at] };
    let inside: Vec<usize> = (0..QUARTERS).filter(|at| *cell(*at) != Cell::Outside).collect();
    let (Some(first), Some(last)) = (inside.first(), inside.last()) else { return base.clone() };
    let parts = (*first..=*last).filter_map(|at| match cell(at) {
        Cell::Code(code) => Some(json!({"start": quarter(at).to_string(), "minutes": 15, "code": code})),
        _ => None,
    });
    json!({"id": "a", "start": quarter(*first).to_string(), "minutes": minutes(last + 1 - first), "parts": parts.collect::<Vec<_>>()})
}

#[derive(Debug, Clone, PartialEq)]
enum Cell {
    Outside,
    Free,
    Code(Value),
}

impl Cell {
    fn code(&self) -> Option<&Value> {
        match self {
            Self::Code(code) => Some(code),
            Self::Outside | Self::Free => None,
        }
    }
}

/// What is there in each quarter, read without the code under test.
fn cells(shift: &Value) -> Vec<Cell> {
    let span = |value: &Value| {
        let from: Timestamp = value["start"].as_str().unwrap().parse().unwrap();
        (from, from + jiff::SignedDuration::from_mins(value["minutes"].as_i64().unwrap()))
    };
    let holds = |value: &Value, at: Timestamp| {
        let (from, until) = span(value);
        from <= at && at < until
    };
    let parts = shift["parts"].as_array().unwrap();
    let cell = |at: usize| match parts.iter().find(|part| holds(part, quarter(at))) {
        Some(part) => Cell::Code(part["code"].clone()),
        None if holds(shift, quarter(at)) => Cell::Free,
        None => Cell::Outside,
    };
    (0..QUARTERS).map(cell).collect()
}

fn merged(policy: Policy, base: &Value, local: &Value, remote: &Value) -> Merged {
    merge(&schema(), &Policies::all(policy), "local", &|_| None, Sides { base, local, remote })
}

fn any_policy() -> impl proptest::strategy::Strategy<Value = Policy> {
    (0..3_usize).prop_map(|which| [Policy::Review, Policy::LocalWins, Policy::RemoteWins][which].clone())
}

/// The ends as quarters.
fn ends(cells: &[Cell]) -> (usize, usize) {
    let first = cells.iter().position(|cell| *cell != Cell::Outside).unwrap();
    let last = cells.iter().rposition(|cell| *cell != Cell::Outside).unwrap();
    (first, last)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn one_sided_edits_are_taken(policy in any_policy(), [b, x, _] in three()) {
        for (base, local, remote) in [(&b, &x, &b), (&b, &b, &x), (&b, &x, &x)] {
            let merged = merged(policy.clone(), base, local, remote);
            prop_assert!(json_equal(&merged.value, &x), "{} is not {x}", merged.value);
            prop_assert!(merged.conflicts.is_empty() && merged.resolved.is_empty());
        }
    }

    #[test]
    fn merging_the_result_again_changes_nothing(policy in any_policy(), [b, x, y] in three()) {
        let first = merged(policy.clone(), &b, &x, &y).value;
        let again = merged(policy, &b, &x, &first).value;
        prop_assert!(json_equal(&again, &first), "{again} after {first}");
    }

    #[test]
    fn the_sides_may_be_exchanged([b, x, y] in three()) {
        let (there, back) = (merged(Policy::Review, &b, &x, &y), merged(Policy::Review, &b, &y, &x));
        prop_assert_eq!(there.conflicts.is_empty(), back.conflicts.is_empty());
        if there.conflicts.is_empty() {
            prop_assert_eq!(cells(&there.value), cells(&back.value));
        }
    }

    #[test]
    fn the_result_is_an_interval_set_in_order(policy in any_policy(), [b, x, y] in three()) {
        let merged = merged(policy, &b, &x, &y);
        prop_assert!(names().reads(&merged.value), "{}", merged.value);
        let starts = merged.value["parts"].as_array().unwrap().iter();
        let starts: Vec<Timestamp> = starts.map(|part| part["start"].as_str().unwrap().parse().unwrap()).collect();
        prop_assert!(starts.is_sorted());
    }

    #[test]
    fn no_minute_that_one_side_changed_is_lost(policy in any_policy(), [b, x, y] in three()) {
        let merged = merged(policy, &b, &x, &y);
        let (base, local, remote, value) = (cells(&b), cells(&x), cells(&y), cells(&merged.value));
        let settled = !merged.conflicts.is_empty() || !merged.resolved.is_empty();
        for at in 0..QUARTERS {
            let [base, local, remote, value] = [&base, &local, &remote, &value].map(|cells| cells[at].code());
            let expected = if local == base { remote } else { local };
            if !settled {
                prop_assert_eq!(value, expected, "quarter {} of {}", at, merged.value);
            } else if local == base || local == remote || remote == base {
                // Beside what was contested each side's own changes stand, unless the span ends before.
                prop_assert!(value == expected || value.is_none(), "quarter {} of {}", at, merged.value);
            }
        }
    }

    #[test]
    fn a_conflict_is_a_stretch_that_both_changed(local_wins in any::<bool>(), [b, x, y] in three()) {
        let review = merged(Policy::Review, &b, &x, &y);
        let (base, local, remote) = (cells(&b), cells(&x), cells(&y));
        let contested = |at: usize| {
            let [base, local, remote] = [&base, &local, &remote].map(|cells| cells[at].code());
            local != base && remote != base && local != remote
        };
        let (b_ends, l_ends, r_ends) = (ends(&base), ends(&local), ends(&remote));
        let moved = |b: usize, l: usize, r: usize| l != b && r != b && l != r;
        let moved = moved(b_ends.0, l_ends.0, r_ends.0) || moved(b_ends.1, l_ends.1, r_ends.1);
        // The ends cross where one side cut off all that the other one left.
        let start = if l_ends.0 == b_ends.0 { r_ends.0 } else { l_ends.0 };
        let end = if l_ends.1 == b_ends.1 { r_ends.1 } else { l_ends.1 };
        // Somebody filled what the other one cut off.
        let stands = |at: usize| if local[at].code() == base[at].code() { remote[at].code() } else { local[at].code() };
        let filled = (0..QUARTERS).any(|at| (at < start || at > end) && stands(at).is_some());
        let expected = (0..QUARTERS).any(contested) || moved || start > end || filled;
        prop_assert_eq!(!review.conflicts.is_empty(), expected, "{:?}", review.conflicts);
        for conflict in &review.conflicts {
            prop_assert_eq!((&conflict.local, &conflict.remote), (&Some(x.clone()), &Some(y.clone())));
            prop_assert!(!conflict.stretches.is_empty());
        }
        // In the stretches that both changed stands the one that the policy names.
        let (policy, winner) = if local_wins { (Policy::LocalWins, &local) } else { (Policy::RemoteWins, &remote) };
        let value = cells(&merged(policy, &b, &x, &y).value);
        for at in 0..QUARTERS {
            if contested(at) && !moved && start <= end {
                prop_assert_eq!(value[at].code(), winner[at].code());
            }
        }
    }

    #[test]
    fn applied_leads_from_the_remote_to_the_value(policy in any_policy(), [b, x, y] in three()) {
        let merged = merged(policy, &b, &x, &y);
        prop_assert_eq!(&merged.applied, &diff(&schema(), &y, &merged.value));
        prop_assert!(json_equal(&apply(&schema(), &y, &merged.applied), &merged.value));
    }

    #[test]
    fn a_part_that_nobody_cut_stays_as_it_is_written([b, x, y] in three()) {
        let merged = merged(Policy::Review, &b, &x, &y);
        prop_assume!(merged.conflicts.is_empty());
        for part in y["parts"].as_array().unwrap() {
            // A part of the remote stays, unless the local side changed something in it or at its ends.
            let span = |value: &Value| (quarter_of(value), quarter_of(value) + value["minutes"].as_i64().unwrap() / 15);
            let (from, until) = span(part);
            let apart = |(other_from, other_until): (i64, i64)| other_until < from || until < other_from;
            let both = [&b, &x].map(|side| side["parts"].as_array().unwrap());
            let changed = |a: &[Value], b: &[Value]| a.iter().filter(|part| {
                !b.iter().any(|other| span(other) == span(part) && other["code"] == part["code"])
            }).map(span).collect::<Vec<_>>();
            let mut edits = changed(both[0], both[1]).into_iter().chain(changed(both[1], both[0]));
            let same_span = span(&b) == span(&x);
            if same_span && edits.all(apart) {
                let parts = merged.value["parts"].as_array().unwrap();
                prop_assert!(parts.contains(part), "{part} is not in {}", merged.value);
            }
        }
    }
}

/// The quarter in which something starts.
fn quarter_of(value: &Value) -> i64 {
    let from: Timestamp = value["start"].as_str().unwrap().parse().unwrap();
    from.duration_since(quarter(0)).as_secs() / 900
}
