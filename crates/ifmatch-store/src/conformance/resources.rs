//! Resource rows, aliases, kept facts, and loading.

use super::Subject;
use super::samples::*;
use crate::contract::Store;
use crate::error::StoreError;
use ifmatch_audit::Kind;
use ifmatch_core::Op;
use serde_json::{Value, json};

pub(super) fn a_row_is_replaced_as_a_whole<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let names = [
        score(&org, "qs-1"),
        by_key(&org, "kim@example.com"),
        external(&org, "service/now", "9f1c"),
        external(&org, "service", "now/9f1c"),
    ];
    for version in [1, 2] {
        let write = |(at, name)| Op::Resource(row(name, version + 10 * at as u64));
        subject.commit(&org, &[commit(version, names.iter().enumerate().map(write).collect())]);
        subject.reopen();
        for (at, name) in names.iter().enumerate() {
            let known = subject.store().row(&org, name).expect("it can be read");
            assert_eq!(known, Some(row(name, version + 10 * at as u64)), "{name:?}");
        }
    }
}

pub(super) fn an_alias_is_kept_and_not_followed<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let (key, foreign) = (by_key(&org, "kim@example.com"), external(&org, "servicenow", "9f1c"));
    let (first, second) = (score(&org, "qs-1"), score(&org, "qs-2"));
    let ops = vec![
        Op::Resource(row(&first, 3)),
        Op::Alias { from: key.clone(), to: first.clone() },
        Op::Alias { from: foreign.clone(), to: second.clone() },
    ];
    subject.commit(&org, &[commit(1, ops)]);
    subject.commit(&org, &[commit(2, vec![Op::Alias { from: foreign.clone(), to: first.clone() }])]);
    subject.reopen();
    let mut expected = vec![(key.clone(), first.clone()), (foreign, first.clone())];
    expected.sort();
    assert_eq!(subject.store().recover(&org).expect("it can be read").aliases, expected);
    assert_eq!(subject.store().row(&org, &key), Ok(None), "the engine resolves aliases, not the store");
    assert!(subject.store().row(&org, &first).expect("it can be read").is_some());
}

pub(super) fn small_facts_are_kept_replaced_and_removed<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let keep = |key: &str, value: Option<Value>| Op::Keep { key: key.to_owned(), value };
    let ops = vec![
        keep("gate/wfm", Some(json!({"until": "2026-03-30T05:00:00Z", "rate": 4.999_999_999_999_999}))),
        keep("brake", Some(Value::Null)),
        keep("zone", Some(json!("gone"))),
        keep("gate/wfm", Some(json!([1, 2]))),
        keep("zone", None),
        keep("never", None),
    ];
    subject.commit(&org, &[commit(1, ops)]);
    subject.reopen();
    let kept = vec![("brake".to_owned(), Value::Null), ("gate/wfm".to_owned(), json!([1, 2]))];
    assert_eq!(subject.store().recover(&org).expect("it can be read").kept, kept);
    assert_eq!(subject.store().kept(&org, "gate/wfm"), Ok(Some(json!([1, 2]))));
    assert_eq!(subject.store().kept(&org, "zone"), Ok(None));
    assert_eq!(subject.store().kept(&"another".into(), "brake"), Ok(None), "another org's");
}

pub(super) fn facts_apart_are_read_by_prefix_and_not_recovered<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let keep = |key: &str| Op::Keep { key: key.to_owned(), value: Some(json!(key)) };
    let keys = ["apart/a", "apart/a/1", "apart/a/2", "apart/a/3", "apart/b/1", "apart", "apart0", "aparu", "%"];
    subject.commit(&org, &[commit(1, keys.iter().map(|key| keep(key)).collect())]);
    subject.reopen();
    let recovered = subject.store().recover(&org).expect("it can be read").kept;
    let recovered: Vec<&str> = recovered.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(recovered, ["%", "apart", "apart0", "aparu"]);
    let mut below = |prefix: &str, after: &str, limit: usize| {
        let found = subject.store().kept_below(&org, prefix, after, limit).expect("it can be read");
        found.iter().for_each(|(key, value)| assert_eq!(*value, json!(key)));
        found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(below("apart/a/", "", 9), ["apart/a/1", "apart/a/2", "apart/a/3"]);
    assert_eq!(below("apart/a/", "apart/a/1", 1), ["apart/a/2"]);
    assert_eq!(below("apart/a/", "apart/a/3", 9), [""; 0]);
    assert_eq!(below("%", "", 9), ["%"], "a prefix is no pattern");
    let another = subject.store().kept_below(&"another".into(), "apart/", "", 9);
    assert_eq!(another, Ok(Vec::new()), "another org's");
}

pub(super) fn a_note_is_a_leaf_and_nothing_else<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let note = json!({"what": "file_released", "by": "operator", "reason": "a \"new\" centre", "rows": 3});
    subject.commit(&org, &[commit(1, vec![Op::Note { at: time(4), note: note.clone() }]), intakes(&org, 1)]);
    subject.refused(&org, &[commit(2, vec![Op::Note { at: time(5), note: note.clone() }, transition_of_nobody()])]);
    subject.reopen();
    assert_eq!(subject.verify_audit(&org), 2);
    let leaf = subject.store().audit(&org, 0, 1).expect("the log can be read")[0].leaf().expect("a leaf");
    assert_eq!((leaf.kind, leaf.at, leaf.body), (Kind::Note, time(4), note));
}

fn transition_of_nobody() -> Op {
    Op::Rename { intent: id(77), resource: score(&acme(), "qs-1") }
}

pub(super) fn loading_keeps_the_order_asked_for<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let (known, unknown) = (score(&org, "qs-1"), score(&org, "qs-2"));
    subject.commit(&org, &[intakes(&org, 3), commit(2, vec![Op::Resource(row(&known, 5))])]);
    let resources = [unknown.clone(), known.clone(), unknown, known.clone()];
    let loaded = subject.store().load(&org, &resources, &[id(3), id(1), id(3)]).expect("it can be loaded");
    let there = Some(row(&known, 5));
    assert_eq!(loaded.rows, [None, there.clone(), None, there]);
    assert_eq!(loaded.intents, [record(&org, 3), record(&org, 1), record(&org, 3)]);
    let error = subject.store().load(&org, &[], &[id(1), id(9)]).expect_err("a missing intent is an error");
    assert_eq!(error, StoreError::no_intent(id(9)));
}
