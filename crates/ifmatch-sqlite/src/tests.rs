//! The driver passes the suite, and survives what happens to files.

mod crash;
mod damage;
mod full;
mod locking;
mod schema;

use crate::Sqlite;
use ifmatch_core::{
    Change, Commit, CommitId, Intake, Intent, IntentId, IntentRecord, IntentStatus, Op, OrgName, Resource, SourceName,
    State, Timestamp, Transition,
};
use ifmatch_store::{Store, conformance};
use serde_json::json;
use tempfile::TempDir;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn acme() -> OrgName {
    OrgName::from("acme")
}

fn id(order: u64) -> IntentId {
    IntentId(0x0193_5a27_0000_7000_8000_0000_0000_0000 + u128::from(order))
}

fn now() -> Timestamp {
    Timestamp::from_second(1_774_846_800).unwrap()
}

/// An intent with a key and a body of some hundred bytes.
fn record(order: u64) -> IntentRecord {
    let resource = Resource::by_id(&acme(), "quality-score", &format!("qs-{}", order % 500));
    let intent = Intent {
        idempotency_key: Some(format!("servicenow:9f1c:{order}")),
        ..Intent::new(resource.clone(), Change::MergePatch(json!({"score": order % 100, "comments": "c".repeat(300)})))
    };
    let record = json!({
        "id": id(order), "source": SourceName::from("servicenow"), "intent": intent, "resource": resource,
        "order": order, "accepted_at": now(), "status": IntentStatus::accepted(now()),
    });
    serde_json::from_value(record).unwrap()
}

fn intakes(orders: impl IntoIterator<Item = u64>) -> Vec<Commit> {
    let commit = |order| Commit { id: CommitId(order), ops: vec![Op::Intake(Box::new(Intake::of(record(order))))] };
    orders.into_iter().map(commit).collect()
}

fn step(order: u64, from: State, to: State) -> Commit {
    let status = IntentStatus { state: to, ..IntentStatus::accepted(now()) };
    let by = "engine".to_owned();
    let step =
        Transition { intent: id(order), at: now(), from, to, by, attempt: None, evidence: None, status: status.into() };
    Commit { id: CommitId(order), ops: vec![Op::Transition(Box::new(step))] }
}

/// The places of the open intents, the audit log having been verified.
fn sound(store: &mut Sqlite) -> Vec<u64> {
    let checkpoint = store.checkpoint(&acme()).unwrap();
    let mut verifier = ifmatch_audit::Verifier::new("acme");
    for record in store.audit(&acme(), 0, usize::MAX).unwrap() {
        verifier.check(&record).unwrap();
    }
    verifier.end(&checkpoint).unwrap();
    let counted: u64 = store.counts(&acme()).unwrap().values().sum();
    let recovery = store.recover(&acme()).unwrap();
    assert_eq!(counted, recovery.keys.len() as u64, "every sample has a key");
    recovery.open.iter().map(|head| head.order).collect()
}

#[test]
fn it_passes_the_suite() {
    let (folder, mut files) = (folder(), 0);
    let factory = || {
        files += 1;
        Sqlite::open(folder.path().join(format!("{files}.db"))).unwrap()
    };
    let reopen = |store: Sqlite| {
        let path = store.path().to_owned();
        drop(store);
        Sqlite::open(path).unwrap()
    };
    conformance::exercise_durable(factory, reopen);
}
