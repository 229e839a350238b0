//! The memory store passes the suite, and its faults do what they say.

use super::*;
use crate::conformance;
use ifmatch_core::{CommitId, Op};
use serde_json::json;

fn keep(key: &str) -> Commit {
    Commit { id: CommitId(1), ops: vec![Op::Keep { key: key.to_owned(), value: Some(json!(1)) }] }
}

fn kept(store: &mut MemoryStore) -> Vec<String> {
    let recovery = store.recover(&OrgName::from("acme")).unwrap();
    recovery.kept.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn it_passes_the_suite() {
    conformance::exercise(MemoryStore::new);
}

#[test]
fn a_boxed_store_passes_the_suite() {
    conformance::exercise(|| -> Box<dyn Store> { Box::new(MemoryStore::new()) });
}

#[test]
fn commits_told_to_fail_store_nothing() {
    let (mut store, org) = (MemoryStore::new(), OrgName::from("acme"));
    store.fail_next_commits(2);
    for key in ["a", "b"] {
        assert!(matches!(store.commit(&org, &[keep(key)]), Err(StoreError::Unavailable { .. })));
    }
    store.commit(&org, &[keep("c")]).unwrap();
    assert_eq!(kept(&mut store), ["c"]);
}

#[test]
fn a_lost_acknowledgement_is_an_error_after_the_deed() {
    let (mut store, org) = (MemoryStore::new(), OrgName::from("acme"));
    store.fail_next_commits(1);
    store.lose_next_acknowledgements(1);
    for key in ["a", "b"] {
        assert!(matches!(store.commit(&org, &[keep(key)]), Err(StoreError::Unavailable { .. })));
    }
    assert_eq!(store.faults(), Faults::default());
    assert_eq!(kept(&mut store), ["b"]);
}

#[test]
fn reads_told_to_fail_fail() {
    let (mut store, org) = (MemoryStore::new(), OrgName::from("acme"));
    store.fail_next_reads(1);
    assert!(matches!(store.recover(&org), Err(StoreError::Unavailable { .. })));
    assert!(store.recover(&org).is_ok());
}

#[test]
fn a_clone_is_what_a_crash_leaves() {
    let (mut store, org) = (MemoryStore::new(), OrgName::from("acme"));
    store.commit(&org, &[keep("a")]).unwrap();
    let mut left = store.clone();
    store.commit(&org, &[keep("b")]).unwrap();
    assert_eq!((kept(&mut left), kept(&mut store)), (vec!["a".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
}
