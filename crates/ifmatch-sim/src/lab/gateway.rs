//! What came of ifmatch: read from its store and the target's ledger, in virtual time and over HTTP
//! alike. In virtual time the real engine, store and dialect run in the simulator's world.

use super::course::{Course, End, Ended, Told, Traces};
use super::workload::Workload;
use crate::checkers::{self, Evidence, Violation};
use crate::world::{ORG, World};
use ifmatch_core::{AttemptOutcome, IntentId, IntentRecord, OrgName};
use ifmatch_store::{Store, StoreError, StoredAttempt};
use serde_json::Value;
use std::collections::BTreeMap;

/// Runs ifmatch over a workload.
#[must_use]
pub(super) fn drive(workload: &Workload) -> Course {
    let mut world = World::new(workload.setup.clone());
    world.run();
    let start_ms = world.start.as_millisecond();
    // What goes on by itself, such as a publish, is seen to its end.
    world.sandbox.advance(start_ms + workload.setup.end_at);
    let violations = checkers::judge(std::slice::from_mut(&mut world)).violations;
    let ids: Vec<Option<IntentId>> = world.truth.told.keys().copied().map(Some).collect();
    assert_eq!(ids.len(), workload.items.len(), "each item is submitted once: the world refuses none after its start");
    let told = world.truth.told.values();
    let told = told.map(|told| Told { saw: Value::clone(&told.saw), believed: Value::clone(&told.believed) }).collect();
    let traces = Traces::of(&world.sandbox, start_ms, world.edits);
    let course = settled(workload, &ids, told, traces, &mut *world.store.borrow_mut(), &OrgName::from(ORG));
    let needless = |violation: &&Violation| violation.promise == "needless";
    Course {
        needless_reviews: violations.iter().filter(needless).count() as u64,
        violations: violations.iter().map(|violation| format!("{}: {}", violation.promise, violation.what)).collect(),
        ..course.expect("the memory store can be read")
    }
}

/// What came of the items that were handed to a gateway as intents, in the order of the items;
/// `None` for one that the gateway refused. Its store must have no other intents.
///
/// # Errors
/// The store cannot be read.
pub fn settled(
    workload: &Workload,
    ids: &[Option<IntentId>],
    told: Vec<Told>,
    traces: Traces,
    store: &mut dyn Store,
    org: &OrgName,
) -> Result<Course, StoreError> {
    let evidence = Evidence::of(store, org, traces.ledger.clone(), &[])?;
    let numbered = ids.iter().enumerate().filter_map(|(number, id)| Some(((*id)?, number)));
    let numbers: BTreeMap<IntentId, usize> = numbered.collect();
    let made = evidence.ours().map(|(entry, shares)| {
        let carried = shares.iter().filter(|share| !share.changes.is_empty());
        (entry.seq, carried.filter_map(|share| numbers.get(&share.intent).copied()).collect::<Vec<usize>>())
    });
    let made = made.collect();
    let mut ended = Vec::with_capacity(ids.len());
    for (item, id) in workload.items.iter().zip(ids) {
        let record = id.as_ref().map(|id| evidence.intents.get(id));
        ended.push(match record {
            Some(Some(record)) => {
                let attempts = store.attempts_of(org, record.id)?;
                of_record(record, &attempts, (traces.start_ms, workload.setup.end_at))
            }
            Some(None) => untried(End::Pending, workload.setup.end_at),
            None => untried(End::Rejected, item.at_ms),
        });
    }
    Ok(Course {
        ended,
        told,
        made,
        needless_reviews: 0,
        violations: Vec::new(),
        ledger: traces.ledger,
        stats: traces.stats,
        start_ms: traces.start_ms,
        edits: traces.edits,
    })
}

fn untried(end: End, at_ms: i64) -> Ended {
    Ended { end, at_ms, was_tried: false, first_refused: false }
}

fn of_record(record: &IntentRecord, attempts: &[StoredAttempt], (start_ms, end_ms): (i64, i64)) -> Ended {
    let status = &record.status;
    let end = End::of(status.state);
    let settled = status.settled_at.unwrap_or(status.since).as_millisecond() - start_ms;
    let first = attempts.iter().min_by_key(|attempt| attempt.record.id);
    let refused = first.and_then(answered).is_some_and(|status| matches!(status, 400 | 409 | 412));
    // Of an envelope that was refused in part, those that landed by this very attempt were taken.
    let taken = end == End::Landed && attempts.len() == 1;
    Ended {
        end,
        at_ms: if end == End::Pending { end_ms } else { settled },
        was_tried: first.is_some(),
        // 400 for the version is told apart by the dialect; here the status is what a caller would see.
        first_refused: refused && !taken,
    }
}

/// The status of the answer to an attempt, with which its label in the store begins.
fn answered(attempt: &StoredAttempt) -> Option<u16> {
    match attempt.outcome.as_ref()? {
        AttemptOutcome::Answered(label) => label.split(' ').next()?.parse().ok(),
        _ => None,
    }
}
