//! Attempts: open until done, done once, found by the intents that they carry.

use super::Subject;
use super::samples::*;
use crate::contract::{Store, StoredAttempt};
use crate::error::StoreError;
use ifmatch_core::{AttemptId, AttemptOutcome, AttemptRecord, Op, Shared};

fn done(number: u64, outcome: AttemptOutcome, at: u64) -> Op {
    Op::AttemptDone { id: AttemptId(number), outcome, at: time(at) }
}

pub(super) fn an_attempt_is_open_until_it_is_done<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let attempts = [attempt(&org, 1, &[id(1)]), attempt(&org, 2, &[id(1), id(2)]), attempt(&org, 9, &[])];
    let ops = attempts.iter().cloned().map(Op::Attempt).collect();
    subject.commit(&org, &[intakes(&org, 2), commit(2, ops)]);
    subject.reopen();
    let recovery = subject.store().recover(&org).expect("it can be read");
    assert_eq!(recovery.attempts, attempts);
    assert_eq!(recovery.last_attempt, 9);
    subject
        .commit(&org, &[commit(3, vec![done(2, AttemptOutcome::TookEffect, 5), done(9, AttemptOutcome::NotSent, 6)])]);
    subject.reopen();
    let recovery = subject.store().recover(&org).expect("it can be read");
    assert_eq!(recovery.attempts, attempts[..1]);
    assert_eq!(recovery.last_attempt, 9, "the highest number, also of ended attempts");
}

pub(super) fn an_attempt_is_done_once<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let record = |number| Op::Attempt(attempt(&org, number, &[]));
    subject.commit(&org, &[commit(1, vec![record(1), record(2), done(1, AttemptOutcome::NoEffect, 3)])]);
    let unlawful = [done(1, AttemptOutcome::TookEffect, 4), done(7, AttemptOutcome::NoEffect, 4), record(2)];
    for op in unlawful {
        let error = subject.refused(&org, &[commit(2, vec![op])]);
        assert!(matches!(error, StoreError::Inconsistent { table: "attempt", .. }), "{error}");
    }
    let stranger = Op::Attempt(attempt(&org, 3, &[id(5)]));
    let error = subject.refused(&org, &[commit(2, vec![stranger])]);
    assert!(matches!(error, StoreError::Inconsistent { table: "head", .. }), "{error}");
}

pub(super) fn attempts_are_found_by_their_intents<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let attempts: [Shared<AttemptRecord>; 3] =
        [attempt(&org, 1, &[id(1)]), attempt(&org, 2, &[id(2)]), attempt(&org, 3, &[id(2), id(1)])];
    let mut ops: Vec<Op> = attempts.iter().cloned().map(Op::Attempt).collect();
    let outcome = AttemptOutcome::Answered("409 ResourceConflictException".to_owned());
    ops.push(done(1, outcome.clone(), 8));
    subject.commit(&org, &[intakes(&org, 3), commit(2, ops)]);
    subject.reopen();
    let ended = StoredAttempt { record: attempts[0].clone(), outcome: Some(outcome), ended_at: Some(time(8)) };
    let open = |at: usize| StoredAttempt { record: attempts[at].clone(), outcome: None, ended_at: None };
    assert_eq!(subject.store().attempts_of(&org, id(1)), Ok(vec![ended, open(2)]));
    assert_eq!(subject.store().attempts_of(&org, id(2)), Ok(vec![open(1), open(2)]));
    assert_eq!(subject.store().attempts_of(&org, id(3)), Ok(Vec::new()));
}
