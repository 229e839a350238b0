//! The laws: an answer shown again is that answer, a patch of no difference names nothing, a patch understood as a wish and
//! carried out gives the wanted record, and what was read means itself.

use super::*;
use crate::genesys_cloud::kinds::{
    AGENT, BUSINESS_UNIT, CODE, GROUP, Kind, Kinds, MANAGEMENT_UNIT, ROTATION, TIME_OFF, WORK_PLAN,
};
use ifmatch_merge::{apply, patch_paths};
use proptest::prelude::*;

fn in_kind<T>(name: &str, with: impl FnOnce(&Kind) -> T) -> T {
    with(Kinds::new().get(name).unwrap())
}

/// The fields of an answer come back as they were, links left out.
fn shows_again(kind: &str, answer: &Value, as_record: &Value) {
    in_kind(kind, |kind| {
        let read = record(kind.fields, answer);
        assert_eq!(&read, as_record);
        assert_eq!(shown(kind.fields, &read), without_links(answer));
    });
}

/// What the target makes of a body, by what the body means.
fn carried_out(kind: &Kind, from: &Value, body: &Map<String, Value>) -> Value {
    let wish = Value::Object(wish(kind.fields, body));
    apply(&kind.spec.schema, from, &patch_paths(&kind.spec.schema, &wish))
}

/// A value without its empty lists and without the order of its lists: to the API an absent list of items and an empty one
/// are the same, and items are told apart by their keys.
fn full(value: &Value) -> Value {
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !is_empty(value));
            Value::Object(kept.map(|(name, value)| (name.clone(), full(value))).collect())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(full).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        other => other.clone(),
    }
}

fn leads(kind: &str, from: &Value, to: &Value) {
    in_kind(kind, |kind| {
        assert!(patch(kind.fields, from, from).is_empty());
        let body = patch(kind.fields, from, to);
        let landed = carried_out(kind, from, &body);
        assert!(json_equal(&full(&landed), &full(to)), "{from} + {body:?} = {landed}, wanted {to}");
    });
}

#[test]
fn a_rotation_is_read_by_user_ids_and_shown_by_users() {
    shows_again(
        ROTATION,
        &json!({
            "id": "r1", "name": "Early, late", "selfUri": "/x", "pattern": {"workPlans": [{"id": "p1"}, {"id": "p2"}]},
            "agents": [{"user": {"id": "u1"}, "position": 1}], "metadata": {"version": 3},
        }),
        &json!({
            "id": "r1", "name": "Early, late", "pattern": {"workPlanIds": ["p1", "p2"]},
            "agents": [{"userId": "u1", "position": 1}], "metadata": {"version": 3},
        }),
    );
}

#[test]
fn references_of_codes_and_groups_become_ids() {
    shows_again(
        CODE,
        &json!({"id": "c", "planningGroups": [{"id": "g1"}], "style": {"color": "red"}, "secondaryPresences": [{"id": "x"}]}),
        &json!({"id": "c", "planningGroupIds": ["g1"], "style": {"color": "red"}, "secondaryPresences": [{"id": "x"}]}),
    );
    shows_again(
        GROUP,
        &json!({
            "name": "Voice", "serviceGoalTemplate": {"id": "t1"},
            "routePaths": [{"queue": {"id": "q"}, "mediaType": "Voice", "skills": []}],
        }),
        &json!({
            "name": "Voice", "serviceGoalTemplateId": "t1",
            "routePaths": [{"queueId": "q", "mediaType": "Voice", "skillIds": []}],
        }),
    );
}

#[test]
fn wrappers_are_opened_and_null_inside_clears() {
    let fields =
        |kind: &str, body: Value| in_kind(kind, |kind| Value::Object(wish(kind.fields, body.as_object().unwrap())));
    let body = json!({
        "name": null, "planningGroupIds": {"values": ["g1"]}, "style": {"value": null}, "lengthInMinutes": 30,
    });
    assert_eq!(fields(CODE, body), json!({"planningGroupIds": ["g1"], "style": null, "lengthInMinutes": 30}));
    let body = json!({"shifts": [{"id": "s", "days": {"values": ["Monday"]}}, {"id": "t", "delete": true}]});
    let wish = json!({"shifts": [{"id": "s", "days": ["Monday"]}, {"id": "t", "deleted": true}]});
    assert_eq!(fields(WORK_PLAN, body), wish);
}

#[test]
fn items_are_written_one_by_one() {
    let from = json!({"agents": [{"id": "u1"}, {"id": "u2"}], "shifts": [
        {"id": "s", "name": "Day", "activities": [{"id": "a", "lengthMinutes": 30}, {"id": "b", "lengthMinutes": 15}]},
        {"id": "t", "name": "Night"},
    ]});
    let to = json!({"agents": [{"id": "u2"}, {"id": "u3"}], "shifts": [
        {"id": "s", "name": "Day", "activities": [{"id": "a", "lengthMinutes": 45}]},
        {"id": "t", "name": "Night"},
    ]});
    let body = in_kind(WORK_PLAN, |kind| Value::Object(patch(kind.fields, &from, &to)));
    assert_eq!(
        body,
        json!({
            "agents": [{"id": "u3"}, {"id": "u1", "delete": true}],
            "shifts": [{"id": "s", "name": "Day", "activities": [{"id": "a", "lengthMinutes": 45}, {"id": "b", "delete": true}]}],
        })
    );
    leads(WORK_PLAN, &from, &to);
}

#[test]
fn parts_are_written_whole() {
    let from = json!({"timeOff": {"submissionRangeEnforced": true, "submissionLatestDate": "2027-01-01"}});
    let to = json!({"timeOff": {"submissionRangeEnforced": false}});
    let body = in_kind(MANAGEMENT_UNIT, |kind| Value::Object(patch(kind.fields, &from, &to)));
    let wanted = json!({"timeOff": {"submissionRangeEnforced": false, "submissionLatestDate": {"value": null}}});
    assert_eq!(body, wanted);
    leads(MANAGEMENT_UNIT, &from, &to);
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..4_i64).prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ]
}

/// A value of the sort that a field of this form has.
fn value_of(form: Form) -> BoxedStrategy<Value> {
    let ids = || proptest::collection::btree_set("[a-d]", 0..4).prop_map(|ids| json!(ids));
    match form {
        Form::Plain | Form::Value => scalar().boxed(),
        Form::Reference | Form::WrappedReference => "[a-d]".prop_map(Value::from).boxed(),
        Form::Values | Form::Wrapper | Form::References(_) => ids().boxed(),
        Form::Part(fields) => record_of(fields, true),
        Form::List(_, fields) => {
            proptest::collection::vec(record_of(fields, false), 0..3).prop_map(Value::from).boxed()
        }
        Form::Items(key, fields) => proptest::collection::btree_map("[a-d]", record_of(fields, false), 0..4)
            .prop_map(move |items| {
                let item = |(id, mut item): (String, Value)| {
                    item[key] = json!(id);
                    item
                };
                items.into_iter().map(item).collect()
            })
            .boxed(),
    }
}

/// An object with these fields, some of them left out where `gaps` allows; what only a wrapper can clear always may be.
fn record_of(fields: &'static [Field], gaps: bool) -> BoxedStrategy<Value> {
    let mut record = Just(json!({"own": 1})).boxed();
    for field in fields {
        let value = value_of(field.form);
        let optional = gaps && can_clear(field.form);
        let value = if optional { proptest::option::of(value).boxed() } else { value.prop_map(Some).boxed() };
        record = (record, value)
            .prop_map(|(mut record, value)| {
                if let Some(value) = value {
                    record[field.name] = value;
                }
                record
            })
            .boxed();
    }
    record
}

const DRAWN: [&str; 8] = [WORK_PLAN, ROTATION, CODE, GROUP, MANAGEMENT_UNIT, BUSINESS_UNIT, TIME_OFF, AGENT];

/// A kind and two records of it.
fn two_records() -> impl Strategy<Value = (&'static str, Value, Value)> {
    proptest::sample::select(&DRAWN[..]).prop_flat_map(|name| {
        let fields = in_kind(name, |kind| kind.fields);
        (Just(name), record_of(fields, true), record_of(fields, true))
    })
}

proptest! {
    #[test]
    fn a_patch_leads_to_the_wanted_record((name, from, to) in two_records()) {
        leads(name, &from, &to);
    }

    #[test]
    fn a_record_shown_and_read_again_is_the_same((name, record_of_it, _) in two_records()) {
        let fields = in_kind(name, |kind| kind.fields);
        prop_assert_eq!(record(fields, &shown(fields, &record_of_it)), record_of_it);
    }

    #[test]
    fn what_was_read_is_understood_as_it_was_read((name, record_of_it, _) in two_records()) {
        let fields = in_kind(name, |kind| kind.fields);
        for spelt in [shown(fields, &record_of_it), record_of_it.clone()] {
            prop_assert_eq!(&patched(fields, &spelt), &record_of_it);
            prop_assert_eq!(&document(fields, &spelt), &record_of_it);
            prop_assert_eq!(Value::Object(wish(fields, spelt.as_object().unwrap())), record_of_it.clone());
        }
    }
}
