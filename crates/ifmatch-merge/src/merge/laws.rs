//! The laws of the merge, over random documents from small alphabets, so that edits of both sides often meet.

use proptest::collection::{btree_map, vec};
use proptest::prelude::{BoxedStrategy, Just, ProptestConfig, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;
use serde_json::{Value, json};

use super::*;
use crate::apply::{apply, get};
use crate::change::diff;
use crate::equal::json_equal;
use crate::keyed::Keyed;
use crate::policy::Policy;

fn keyed(key: &str) -> Strategy {
    Strategy::KeyedList { keys: vec![key.to_owned()] }
}

/// Keyed lists at two levels; everything else by the default rules.
fn plain_schema() -> Schema {
    Schema::new().rule("/k", keyed("id")).rule("/k/*/k", keyed("id")).rule("/o/a", Strategy::Atomic)
}

/// The same with strategies that combine values.
fn rich_schema() -> Schema {
    plain_schema()
        .rule("/a", Strategy::Max)
        .rule("/b", Strategy::Append)
        .rule("/o/b", Strategy::Min)
        .rule("/k/*/a", Strategy::Append)
}

fn scalar() -> impl proptest::strategy::Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        (0..4_i64).prop_map(|number| json!(number)),
        (0..4_u8).prop_map(|number| json!(f64::from(number) / 2.0)),
        "[xy]{0,3}".prop_map(|text| json!(text)),
        vec(0..3_i64, 0..3).prop_map(|items| json!(items)),
    ]
}

fn object(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    btree_map("[abc]", value, 0..4).prop_map(|members| json!(members)).boxed()
}

/// A keyed list, one time in ten a broken one.
fn list(depth: u32) -> BoxedStrategy<Value> {
    let inner = if depth == 0 { scalar().boxed() } else { list(depth - 1) };
    let element = (object(scalar().boxed()), proptest::option::of(inner)).prop_map(|(mut element, inner)| {
        if let Some(inner) = inner {
            element["k"] = inner;
        }
        element
    });
    let valid = btree_map("[a-e]", element, 0..5).prop_map(|elements| {
        let with_id = |(id, mut element): (String, Value)| {
            element["id"] = json!(id);
            element
        };
        Value::Array(elements.into_iter().map(with_id).collect())
    });
    prop_oneof![9 => valid, 1 => Just(json!([{"id": "a"}, {"id": "a"}])), 1 => scalar()].boxed()
}

fn document() -> BoxedStrategy<Value> {
    let nested = object(prop_oneof![scalar(), object(scalar().boxed())].boxed());
    let parts = (object(scalar().boxed()), proptest::option::of(nested), proptest::option::of(list(1)));
    let whole = parts.prop_map(|(mut document, nested, list)| {
        if let Some(nested) = nested {
            document["o"] = nested;
        }
        if let Some(list) = list {
            document["k"] = list;
        }
        document
    });
    prop_oneof![19 => whole, 1 => scalar()].boxed()
}

/// A base and two documents that took over some of the differences to unrelated ones, or moved elements about.
fn three() -> impl proptest::strategy::Strategy<Value = [Value; 3]> {
    let edit = || (document(), vec(any::<bool>(), 24), 0..3_usize);
    (document(), edit(), edit()).prop_map(|(base, first, second)| {
        let edited = |(other, keep, turn): (Value, Vec<bool>, usize)| rotated(partly(&base, &other, &keep), turn);
        let (local, remote) = (edited(first), edited(second));
        [base, local, remote]
    })
}

fn rotated(mut document: Value, turn: usize) -> Value {
    if let Some(Value::Array(items)) = document.get_mut("k")
        && turn < items.len()
    {
        items.rotate_left(turn);
    }
    document
}

fn partly(base: &Value, other: &Value, keep: &[bool]) -> Value {
    let schema = plain_schema();
    let changes: Vec<_> = diff(&schema, base, other)
        .into_iter()
        .zip(keep.iter().cycle())
        .filter_map(|(change, keep)| keep.then_some(change))
        .collect();
    apply(&schema, base, &changes)
}

fn merge_of(schema: &Schema, policies: &Policies, base: &Value, local: &Value, remote: &Value) -> Merged {
    merge(schema, policies, "local", &|_| None, Sides { base, local, remote })
}

fn review(schema: &Schema, base: &Value, local: &Value, remote: &Value) -> Merged {
    merge_of(schema, &Policies::new(), base, local, remote)
}

fn any_policy() -> impl proptest::strategy::Strategy<Value = Policy> {
    prop_oneof![
        Just(Policy::Review),
        Just(Policy::RemoteWins),
        Just(Policy::LocalWins),
        Just(Policy::Append),
        Just(Policy::Max),
        Just(Policy::Min),
        Just(Policy::Priority(vec!["local".to_owned()])),
    ]
}

fn any_schema() -> impl proptest::strategy::Strategy<Value = Schema> {
    prop_oneof![Just(Schema::new()), Just(plain_schema()), Just(rich_schema())]
}

/// The document with the elements of its keyed lists in one order, to compare what does not promise an order.
fn sorted(document: &Value) -> Value {
    fn sort_list(list: &mut Value) {
        if Keyed::read(&["id".to_owned()], Some(list)).is_some()
            && let Value::Array(items) = list
        {
            items.sort_by_key(|item| item["id"].to_string());
            items.iter_mut().filter_map(|item| item.get_mut("k")).for_each(sort_list);
        }
    }
    let mut document = document.clone();
    if let Some(list) = document.get_mut("k") {
        sort_list(list);
    }
    document
}

/// Whether an edit arrived. What one side added may have been filled up by the other.
fn holds(schema: &Schema, value: &Value, change: &Change) -> bool {
    match (get(schema, value, &change.path), &change.before, &change.after) {
        (Some(found), None, Some(after)) => covers(found, after),
        (found, _, after) => same(found, after.as_ref()),
    }
}

fn covers(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::Object(found), Value::Object(part)) => {
            part.iter().all(|(name, part)| found.get(name).is_some_and(|found| covers(found, part)))
        }
        (Value::Array(found), Value::Array(part)) => {
            part.iter().all(|part| found.iter().any(|found| covers(found, part)))
        }
        _ => json_equal(found, part),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_sided_edits_are_taken(schema in any_schema(), policy in any_policy(), [b, x, _] in three()) {
        let policies = Policies::all(policy);
        for (base, local, remote, expected) in [(&b, &x, &b, &x), (&b, &b, &x, &x), (&b, &x, &x, &x)] {
            let merged = merge_of(&schema, &policies, base, local, remote);
            prop_assert!(json_equal(&merged.value, expected), "{} is not {expected}", merged.value);
            prop_assert!(merged.conflicts.is_empty() && merged.resolved.is_empty());
        }
    }

    #[test]
    fn merging_the_result_again_changes_nothing(schema in any_schema(), policy in any_policy(), [b, x, y] in three()) {
        let policies = Policies::all(policy);
        let first = merge_of(&schema, &policies, &b, &x, &y).value;
        let again = merge_of(&schema, &policies, &b, &x, &first).value;
        prop_assert!(json_equal(&again, &first), "{again} after {first}");
        let landed = merge_of(&schema, &policies, &y, &first, &first).value;
        prop_assert!(json_equal(&landed, &first));
    }

    #[test]
    fn the_sides_may_be_exchanged(schema in prop_oneof![Just(Schema::new()), Just(plain_schema())], [b, x, y] in three()) {
        let there = review(&schema, &b, &x, &y);
        let back = review(&schema, &b, &y, &x);
        let paths = |merged: &Merged| merged.conflicts.iter().map(|at| at.path.clone()).collect::<Vec<_>>();
        prop_assert_eq!(paths(&there), paths(&back));
        if there.conflicts.is_empty() {
            prop_assert!(json_equal(&sorted(&there.value), &sorted(&back.value)), "{} {}", there.value, back.value);
        }
    }

    #[test]
    fn disjoint_edits_all_land(schema in any_schema(), [b, x, y] in three()) {
        let (mine, theirs) = (diff(&schema, &b, &x), diff(&schema, &b, &y));
        let disjoint = !mine.iter().any(|m| theirs.iter().any(|t| m.path.overlaps(&t.path)));
        if disjoint {
            let merged = review(&schema, &b, &x, &y);
            prop_assert!(merged.conflicts.is_empty());
            for change in mine.iter().chain(&theirs) {
                prop_assert!(holds(&schema, &merged.value, change), "{change:?} is not in {}", merged.value);
            }
        }
    }

    #[test]
    fn untouched_paths_survive(schema in any_schema(), policy in any_policy(), [b, x, y] in three()) {
        let merged = merge_of(&schema, &Policies::all(policy), &b, &x, &y);
        let edits: Vec<_> = diff(&schema, &b, &x).into_iter().chain(diff(&schema, &b, &y)).collect();
        for leaf in diff(&schema, &json!({}), &b) {
            if !edits.iter().any(|edit| edit.path.overlaps(&leaf.path)) {
                prop_assert!(holds(&schema, &merged.value, &leaf), "{leaf:?} is not in {}", merged.value);
            }
        }
    }

    #[test]
    fn no_edit_is_lost_in_silence(policy in any_policy(), [b, x, y] in three()) {
        let schema = plain_schema();
        let merged = merge_of(&schema, &Policies::all(policy), &b, &x, &y);
        let listed = |change: &Change| {
            merged.conflicts.iter().map(|at| &at.path).chain(merged.resolved.iter().map(|at| &at.path))
                .any(|path| path.overlaps(&change.path))
        };
        for change in diff(&schema, &b, &y) {
            let kept = merged.resolved.iter().any(|at| at.path.overlaps(&change.path))
                || holds(&schema, &merged.value, &change);
            prop_assert!(kept, "the remote's {change:?} is not in {}", merged.value);
        }
        for change in diff(&schema, &b, &x) {
            prop_assert!(listed(&change) || holds(&schema, &merged.value, &change), "the local {change:?}");
        }
    }

    #[test]
    fn conflicts_are_ordered_and_hold_the_remote_side(schema in any_schema(), [b, x, y] in three()) {
        let merged = review(&schema, &b, &x, &y);
        prop_assert_eq!(&merged, &review(&schema, &b, &x, &y));
        for pair in merged.conflicts.windows(2) {
            prop_assert!(pair[0].path < pair[1].path && !pair[0].path.overlaps(&pair[1].path));
        }
        for at in &merged.conflicts {
            prop_assert_eq!(get(&schema, &b, &at.path), at.base.as_ref());
            prop_assert_eq!(get(&schema, &x, &at.path), at.local.as_ref());
            prop_assert_eq!(get(&schema, &y, &at.path), at.remote.as_ref());
            prop_assert_eq!(get(&schema, &merged.value, &at.path), at.remote.as_ref());
        }
    }

    #[test]
    fn applied_leads_from_the_remote_to_the_value(schema in any_schema(), policy in any_policy(), [b, x, y] in three()) {
        let merged = merge_of(&schema, &Policies::all(policy), &b, &x, &y);
        prop_assert_eq!(&merged.applied, &diff(&schema, &y, &merged.value));
        let applied = apply(&schema, &y, &merged.applied);
        prop_assert!(json_equal(&sorted(&applied), &sorted(&merged.value)), "{applied} {}", merged.value);
    }

    #[test]
    fn a_difference_applied_gives_the_other_document(schema in any_schema(), from in document(), to in document()) {
        let changes = diff(&schema, &from, &to);
        prop_assert!(changes.windows(2).all(|pair| pair[0].path < pair[1].path));
        let applied = apply(&schema, &from, &changes);
        prop_assert!(json_equal(&sorted(&applied), &sorted(&to)), "{applied} is not {to}");
        prop_assert!(diff(&schema, &applied, &to).is_empty());
        prop_assert_eq!(changes.is_empty(), json_equal(&sorted(&from), &sorted(&to)));
    }

    #[test]
    fn a_sum_counts_both_sides(base in -9..9_i64, local in -9..9_i64, remote in -9..9_i64) {
        let schema = Schema::new().rule("", Strategy::Sum);
        let merged = review(&schema, &json!(base), &json!(local), &json!(remote));
        let expected = if local == remote { remote } else { remote + local - base };
        prop_assert_eq!(merged.value, json!(expected));
    }
}
