//! The laws: a body of no difference names nothing, a body carried out gives the wanted record.

use super::*;
use crate::wfm_v2::kinds::{Kinds, SCORE, TRADE};
use ifmatch_merge::{Schema, Strategy as Merging, apply, merge_patch, patch_paths};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..4_i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
        Just(json!("2026-10-25T02:30:00+01:00")),
    ]
}

fn side() -> impl Strategy<Value = Value> {
    btree_map("agent_id|shift_id|start|end", leaf(), 0..4).prop_map(|members| json!(members))
}

/// A record whose writable fields are there or not, some of them objects.
fn record(kind: &'static str) -> impl Strategy<Value = Value> {
    let kinds = Kinds::new();
    let fields: Vec<String> = kinds.get(kind).unwrap().writable.iter().map(str::to_owned).collect();
    let value = prop_oneof![leaf(), side()];
    btree_map(proptest::sample::select(fields), value, 0..6).prop_map(|members| json!(members))
}

fn shifts() -> impl Strategy<Value = Value> {
    let shift = (leaf(), vec(leaf(), 0..2));
    btree_map("[a-d]", shift, 0..4).prop_map(|shifts| {
        let shift = |(id, (start, activities)): (String, (Value, Vec<Value>))| {
            json!({"id": id, "start": start, "activities": activities})
        };
        Value::Array(shifts.into_iter().map(shift).collect())
    })
}

fn without_nulls(kind: &'static str, from: &Value, to: &Value) {
    let kinds = Kinds::new();
    let spec = kinds.get(kind).unwrap();
    let patch = Value::Object(changed(spec, from, to));
    let landed = merge_patch(from, &patch);
    assert!(json_equal(&landed, to), "{from} + {patch} = {landed}, wanted {to}");
}

proptest! {
    #[test]
    fn equal_scores_name_nothing(value in record(SCORE)) {
        let kinds = Kinds::new();
        prop_assert!(changed(kinds.get(SCORE).unwrap(), &value, &value).is_empty());
    }

    #[test]
    fn a_patch_of_a_score_gives_the_wanted_score(from in record(SCORE), to in record(SCORE)) {
        without_nulls(SCORE, &from, &to);
    }

    #[test]
    fn a_patch_of_a_trade_gives_the_wanted_trade(from in record(TRADE), to in record(TRADE)) {
        without_nulls(TRADE, &from, &to);
    }

    #[test]
    fn a_patch_of_shifts_gives_the_wanted_shifts(from in shifts(), to in shifts()) {
        let schema = Schema::new()
            .rule("/shifts", Merging::KeyedList { keys: vec!["id".to_owned()] });
        let patch = shifts_patch(&from, &to);
        let changes = patch_paths(&schema, &json!({"shifts": patch}));
        let landed = apply(&schema, &json!({"shifts": from}), &changes);
        let by_id = |list: &Value| {
            let mut list = list.as_array().unwrap().clone();
            list.sort_by_key(|shift| shift["id"].to_string());
            list
        };
        prop_assert_eq!(by_id(&landed["shifts"]), by_id(&to));
        prop_assert_eq!(shifts_patch(&to, &to), json!([]));
    }
}

#[test]
fn server_managed_fields_are_never_sent() {
    let kinds = Kinds::new();
    let spec = kinds.get(SCORE).unwrap();
    let value = json!({"id": "q1", "version": 3, "resource_version": 3, "date_modified": "x", "agent_email": "a@x",
        "review_date": "2026-10-25", "score": 5, "unheard_of": 1});
    let body = creation(spec, &value, &Map::from_iter([("evaluation_form".to_owned(), json!("f"))]));
    assert_eq!(body, json!({"agent_email": "a@x", "review_date": "2026-10-25", "score": 5, "evaluation_form": "f"}));
    let other = json!({"version": 9, "agent_email": "b@x", "score": 6});
    assert_eq!(Value::Object(changed(spec, &value, &other)), json!({"score": 6}));
}

#[test]
fn versions_are_read_in_every_spelling() {
    let check = |body: Value, wanted: Result<Option<u64>, (u64, u64)>| assert_eq!(version(&body), wanted, "{body}");
    check(json!({"version": 3}), Ok(Some(3)));
    check(json!({"resource_version": "3"}), Ok(Some(3)));
    check(json!({"entity_version": 3, "version": 3}), Ok(Some(3)));
    check(json!({"version": null, "entity_version": 4}), Ok(Some(4)));
    check(json!({"version": 3, "resource_version": 4}), Err((3, 4)));
    check(json!({"version": "x"}), Ok(None));
    check(json!({}), Ok(None));
}
