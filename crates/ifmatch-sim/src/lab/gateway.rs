//! Runs ifmatch over a workload: the real engine, store and dialect in the simulator's world.

use super::course::{Course, End, Ended, Told};
use super::workload::Workload;
use crate::checkers::{self, Evidence, Violation};
use crate::world::{ORG, World};
use ifmatch_core::{AttemptId, IntentId, IntentRecord, OrgName};
use ifmatch_store::{MemoryStore, Store as _};
use std::collections::BTreeMap;

/// Runs ifmatch over a workload.
#[must_use]
pub(super) fn drive(workload: &Workload) -> Course {
    let mut world = World::new(workload.setup.clone());
    world.run();
    let end: i64 = workload.setup.end_at;
    let start_ms = world.start.as_millisecond();
    // What goes on by itself, such as a publish, is seen to its end.
    world.sandbox.advance(start_ms + end);
    let violations = checkers::judge(&mut world);
    let evidence = Evidence::gather(&mut world);
    let numbers: BTreeMap<IntentId, usize> =
        world.truth.told.keys().enumerate().map(|(number, id)| (*id, number)).collect();
    assert_eq!(
        numbers.len(),
        workload.items.len(),
        "each item is submitted once: the world refuses none after its start"
    );
    let made = evidence.ours().map(|(entry, shares)| {
        let carried = shares.iter().filter(|share| !share.changes.is_empty());
        (entry.seq, carried.filter_map(|share| numbers.get(&share.intent).copied()).collect::<Vec<usize>>())
    });
    let made = made.collect();
    let ids = world.truth.told.keys();
    let ended = ids.map(|id| match evidence.intents.get(id) {
        Some(record) => ended(&mut world.store.borrow_mut(), &world.answers, record, (start_ms, end)),
        None => Ended { end: End::Pending, at_ms: end, was_tried: false, first_refused: false },
    });
    let ended = ended.collect();
    let told = world.truth.told.values();
    let needless = |violation: &&Violation| violation.promise == "needless";
    Course {
        ended,
        told: told.map(|told| Told { saw: told.saw.clone(), believed: told.believed.clone() }).collect(),
        ledger: world.sandbox.ledger().to_vec(),
        stats: world.sandbox.stats(),
        start_ms,
        made,
        edits: world.edits,
        needless_reviews: violations.iter().filter(needless).count() as u64,
        violations: violations.iter().map(|violation| format!("{}: {}", violation.promise, violation.what)).collect(),
    }
}

fn ended(
    store: &mut MemoryStore,
    answers: &BTreeMap<AttemptId, u16>,
    record: &IntentRecord,
    (start_ms, end_ms): (i64, i64),
) -> Ended {
    let status = &record.status;
    let end = End::of(status.state);
    let settled = status.settled_at.unwrap_or(status.since).as_millisecond() - start_ms;
    let attempts = store.attempts_of(&OrgName::from(ORG), record.id).unwrap_or_default();
    let first = attempts.iter().map(|attempt| attempt.record.id).min();
    Ended {
        end,
        at_ms: if end == End::Pending { end_ms } else { settled },
        was_tried: first.is_some(),
        // 400 for the version is told apart by the dialect; here the status is what a caller would see.
        first_refused: first.and_then(|id| answers.get(&id)).is_some_and(|status| matches!(status, 400 | 409 | 412)),
    }
}
