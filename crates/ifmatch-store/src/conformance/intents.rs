//! Intakes, transitions, the audit leaves they append, and that groups are all or nothing.

use super::Subject;
use super::samples::*;
use crate::contract::{ListFilter, Store};
use crate::error::StoreError;
use ifmatch_audit::{Checkpoint, Kind};
use ifmatch_core::{AttemptId, Digest, Head, Op, OrgName, Recovery, State};
use serde_json::json;
use std::sync::Arc;

pub(super) fn an_empty_org_is_empty<S: Store>(subject: &mut Subject<'_, S>) {
    let (store, org) = (subject.store(), acme());
    assert_eq!(store.recover(&org), Ok(Recovery::default()));
    assert_eq!(store.intent(&org, id(1)), Ok(None));
    assert_eq!(store.row(&org, &score(&org, "qs-1")), Ok(None));
    assert_eq!(store.list(&org, &ListFilter::default()), Ok(Vec::new()));
    assert_eq!(store.attempts_of(&org, id(1)), Ok(Vec::new()));
    assert!(store.counts(&org).expect("counts can be read").is_empty());
    assert_eq!(store.audit(&org, 0, 10), Ok(Vec::new()));
    let head = ifmatch_audit::ChainHash::genesis("acme");
    assert_eq!(store.checkpoint(&org), Ok(Checkpoint { org: "acme".to_owned(), size: 0, head }));
}

pub(super) fn what_is_taken_in_comes_back_as_it_was<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    // The order of acceptance is by place, whatever the ids say.
    let records = [record(&org, 12), record(&org, 3), record(&org, 35), record(&org, 4)];
    let ops = records.iter().cloned().map(intake).collect();
    subject.commit(&org, &[commit(1, ops)]);
    for _ in 0..2 {
        for record in &records {
            assert_eq!(subject.store().intent(&org, record.id), Ok(Some(record.clone())));
        }
        let recovery = subject.store().recover(&org).expect("it can be read");
        let open: Vec<u64> = recovery.open.iter().map(|head| head.order).collect();
        assert_eq!(open, [3, 4, 12, 35]);
        assert_eq!(recovery.open[3], Head::of(&records[2]));
        assert_eq!((recovery.last_order, recovery.last_attempt), (35, 0));
        subject.reopen();
    }
}

pub(super) fn values_survive_exactly<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    subject.commit(&org, &[intakes(&org, 1)]);
    let mut to_review = step(id(1), State::Accepted, State::Review, 2);
    to_review.status.waited.lock = 0.1 + 0.2;
    to_review.status.waited.budget = 1e-7 / 3.0;
    subject.commit(&org, &[commit(2, vec![Op::Transition(Box::new(to_review.clone()))])]);
    subject.reopen();
    let stored = subject.store().intent(&org, id(1)).expect("it can be read").expect("it is stored");
    assert_eq!(stored.status, to_review.status);
    assert_eq!(stored.status.conflict[0].local, Some(serde_json::Value::Null), "null is a value");
    assert_eq!(stored.status.conflict[0].base, None, "absent is not null");
}

pub(super) fn every_intake_and_transition_appends_one_leaf<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    subject.commit(&org, &[intakes(&org, 3)]);
    assert_eq!(subject.verify_audit(&org), 3);
    let other = vec![
        Op::Keep { key: "gate".to_owned(), value: Some(json!(1)) },
        Op::Resource(row(&score(&org, "qs-1"), 1)),
        Op::Attempt(attempt(&org, 1, &[id(1)])),
        Op::Rename { intent: id(1), resource: score(&org, "qs-9") },
    ];
    subject.commit(&org, &[commit(2, other)]);
    assert_eq!(subject.verify_audit(&org), 3, "only decisions about intents are logged");
    subject.reopen();
    let ops = vec![
        transition(id(1), State::Accepted, State::Queued, 5),
        transition(id(2), State::Accepted, State::Queued, 5),
    ];
    subject.commit(&org, &[commit(3, ops)]);
    assert_eq!(subject.verify_audit(&org), 5);
    subject.commit(&org, &[]);
    subject.commit(&org, &[commit(4, Vec::new())]);
    assert_eq!(subject.verify_audit(&org), 5);
}

pub(super) fn leaves_say_what_was_decided<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let taken = record(&org, 3);
    subject.commit(&org, &[commit(1, vec![intake(taken.clone())])]);
    let mut decided = step(taken.id, State::Accepted, State::Review, 9);
    decided.by = "erika@example.com".to_owned();
    decided.attempt = Some(AttemptId(4));
    decided.evidence = Some(evidence());
    subject.commit(&org, &[commit(2, vec![Op::Transition(Box::new(decided))])]);
    let records = subject.store().audit(&org, 0, 10).expect("the log can be read");
    let leaves: Vec<_> = records.iter().map(|record| record.leaf().expect("a stored leaf is one")).collect();
    assert_eq!((leaves[0].kind, leaves[0].at), (Kind::Intake, time(3)));
    assert_eq!(
        leaves[0].body,
        json!({"intent": taken.id, "source": "zendesk", "resource": taken.resource, "order": 3,
               "content": taken.intent.content(), "key": "zendesk:9f1c:3"})
    );
    assert_eq!((leaves[1].kind, leaves[1].at), (Kind::Transition, time(9)));
    assert_eq!(
        leaves[1].body,
        json!({"intent": taken.id, "source": "zendesk", "resource": taken.resource, "from": "accepted",
               "to": "review", "by": "erika@example.com", "attempt": 4, "evidence": evidence(),
               "code": "review/true_conflict", "reason": "score: 80 → 85, but the reviewer wrote 90"})
    );
}

pub(super) fn a_transition_from_another_state_is_refused<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    subject.commit(&org, &[intakes(&org, 1)]);
    let check = |subject: &mut Subject<'_, S>, op: Op, expected: &str, found: &str| match subject
        .refused(&org, &[commit(2, vec![op])])
    {
        StoreError::Inconsistent { table: "head", row, expected: wanted, found: was, .. } => {
            assert_eq!((wanted.as_str(), was.as_str()), (expected, found), "{row}");
        }
        other => panic!("a wrong transition is inconsistent, not {other:?}"),
    };
    check(subject, transition(id(1), State::Queued, State::Planned, 2), "queued", "accepted");
    check(subject, transition(id(7), State::Accepted, State::Queued, 2), "a stored intent", "nothing");
    let mut torn = step(id(1), State::Accepted, State::Queued, 2);
    torn.status.state = State::Review;
    check(subject, Op::Transition(Box::new(torn)), "queued", "review");
    let unknown = Op::Rename { intent: id(7), resource: score(&org, "qs-9") };
    check(subject, unknown, "a stored intent", "nothing");
}

pub(super) fn an_intake_needs_a_new_id_and_a_free_place<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    subject.commit(&org, &[intakes(&org, 2)]);
    let mut same_id = record(&org, 3);
    same_id.id = id(1);
    let mut same_place = record(&org, 3);
    same_place.order = 2;
    for (wrong, column) in [(same_id, "id"), (same_place, "place")] {
        let error = subject.refused(&org, &[commit(2, vec![intake(wrong)])]);
        assert!(matches!(&error, StoreError::Inconsistent { table: "head", column: c, .. } if *c == column), "{error}");
    }
    let twice = vec![intake(record(&org, 5)), intake(record(&org, 5))];
    subject.refused(&org, &[commit(3, twice)]);
    assert_eq!(subject.store().intent(&org, id(5)), Ok(None));
}

pub(super) fn a_rename_moves_the_intent_only<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let mut named = record(&org, 1);
    named.resource = by_key(&org, "kim@example.com");
    Arc::make_mut(&mut named.intent).resource = named.resource.clone();
    subject.commit(&org, &[commit(1, vec![intake(named.clone())])]);
    let resource = score(&org, "qs-118");
    subject.commit(&org, &[commit(2, vec![Op::Rename { intent: named.id, resource: resource.clone() }])]);
    subject.reopen();
    let stored = subject.store().intent(&org, named.id).expect("it can be read").expect("it is stored");
    assert_eq!(stored.resource, resource);
    assert_eq!(stored.intent, named.intent, "the wish stays as it was sent");
    assert_eq!(subject.store().recover(&org).expect("it can be read").open[0].resource, resource);
    let foreign = Op::Rename { intent: named.id, resource: score(&OrgName::from("globex"), "qs-1") };
    let error = subject.refused(&org, &[commit(3, vec![foreign])]);
    assert!(matches!(error, StoreError::Precondition { .. }), "{error}");
}

pub(super) fn a_group_is_taken_as_a_whole_or_not_at_all<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let before = vec![
        intake(record(&org, 1)),
        Op::Attempt(attempt(&org, 1, &[id(1)])),
        Op::Keep { key: "gate".to_owned(), value: Some(json!("old")) },
        Op::Resource(row(&score(&org, "qs-1"), 1)),
    ];
    subject.commit(&org, &[commit(1, before)]);
    let good = vec![
        intake(record(&org, 2)),
        transition(id(1), State::Accepted, State::Queued, 3),
        Op::Rename { intent: id(1), resource: score(&org, "qs-7") },
        Op::AttemptDone { id: AttemptId(1), outcome: ifmatch_core::AttemptOutcome::NotSent, at: time(4) },
        Op::Attempt(attempt(&org, 2, &[id(2)])),
        Op::Resource(row(&score(&org, "qs-1"), 2)),
        Op::Alias { from: by_key(&org, "kim@example.com"), to: score(&org, "qs-1") },
        Op::Keep { key: "gate".to_owned(), value: None },
    ];
    let bad = vec![transition(id(2), State::Queued, State::Planned, 5)];
    subject.refused(&org, &[commit(2, good.clone()), commit(3, bad.clone())]);
    let mut one = good.clone();
    one.extend(bad);
    subject.refused(&org, &[commit(2, one)]);
    let known = subject.store().row(&org, &score(&org, "qs-1")).expect("it can be read");
    assert_eq!(known, Some(row(&score(&org, "qs-1"), 1)));
    assert_eq!(subject.store().counts(&org), Ok([(State::Accepted, 1)].into()));
    let next = vec![transition(id(2), State::Accepted, State::Queued, 5)];
    subject.commit(&org, &[commit(4, good), commit(5, next)]);
    subject.reopen();
    assert_eq!(subject.store().counts(&org), Ok([(State::Queued, 2)].into()));
    assert_eq!(subject.verify_audit(&org), 4);
}

pub(super) fn later_operations_see_earlier_ones<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    let taken = record(&org, 1);
    let first = vec![intake(taken.clone()), transition(taken.id, State::Accepted, State::Queued, 2)];
    let second = vec![
        transition(taken.id, State::Queued, State::Planned, 3),
        Op::Rename { intent: taken.id, resource: score(&org, "qs-42") },
        transition(taken.id, State::Planned, State::Sent, 4),
        Op::Attempt(attempt(&org, 1, &[taken.id])),
    ];
    let third = vec![
        Op::AttemptDone { id: AttemptId(1), outcome: ifmatch_core::AttemptOutcome::TookEffect, at: time(5) },
        transition(taken.id, State::Sent, State::Landed, 6),
    ];
    subject.commit(&org, &[commit(1, first), commit(2, second), commit(3, third)]);
    assert_eq!(subject.store().counts(&org), Ok([(State::Landed, 1)].into()));
    let log = subject.store().audit(&org, 0, 10).expect("the log can be read");
    let named: Vec<_> = log.iter().map(|record| record.text.contains("qs-42")).collect();
    assert_eq!(named, [false, false, false, true, true], "a leaf names the resource of its moment");
    assert_eq!(subject.verify_audit(&org), 5);
}

pub(super) fn keys_come_back_also_of_settled_intents<S: Store>(subject: &mut Subject<'_, S>) {
    let org = acme();
    subject.commit(&org, &[intakes(&org, 7)]);
    let settle = vec![
        transition(id(3), State::Accepted, State::Rejected, 9),
        transition(id(1), State::Accepted, State::Superseded, 9),
    ];
    subject.commit(&org, &[commit(2, settle)]);
    subject.reopen();
    let recovery = subject.store().recover(&org).expect("it can be read");
    let expected: Vec<_> = [3, 6]
        .map(|order| record(&org, order))
        .iter()
        .map(|record| {
            let key = record.intent.idempotency_key.as_deref().expect("every third sample has a key");
            (record.source.clone(), Digest::of(key.as_bytes()).short(), record.intent.content(), record.id)
        })
        .collect();
    assert_eq!(recovery.keys, expected);
    let open: Vec<u64> = recovery.open.iter().map(|head| head.order).collect();
    assert_eq!(open, [2, 4, 5, 6, 7]);
    assert_eq!(recovery.last_order, 7, "the highest place, also of settled intents");
}

pub(super) fn orgs_see_nothing_of_one_another<S: Store>(subject: &mut Subject<'_, S>) {
    let (one, two) = (acme(), OrgName::from("globex"));
    // The same ids, places, names and numbers in both.
    for org in [&one, &two] {
        let mut ops = vec![
            Op::Attempt(attempt(org, 1, &[id(1)])),
            Op::Resource(row(&score(org, "qs-1"), 4)),
            Op::Alias { from: by_key(org, "kim@example.com"), to: score(org, "qs-1") },
            Op::Keep { key: "gate".to_owned(), value: Some(json!(org.as_str())) },
        ];
        ops.insert(0, intake(record(org, 1)));
        subject.commit(org, &[commit(1, ops)]);
    }
    let untouched = subject.store().recover(&two);
    let step = vec![
        transition(id(1), State::Accepted, State::Queued, 2),
        intake(record(&one, 2)),
        Op::Keep { key: "gate".to_owned(), value: None },
        Op::AttemptDone { id: AttemptId(1), outcome: ifmatch_core::AttemptOutcome::NoEffect, at: time(3) },
    ];
    subject.commit(&one, &[commit(2, step)]);
    subject.reopen();
    assert_eq!(subject.store().recover(&two), untouched);
    assert_eq!(subject.store().counts(&two), Ok([(State::Accepted, 1)].into()));
    assert_eq!(subject.store().counts(&one), Ok([(State::Accepted, 1), (State::Queued, 1)].into()));
    assert_eq!((subject.verify_audit(&one), subject.verify_audit(&two)), (3, 1));
    for wrong in [
        intake(record(&two, 9)),
        Op::Resource(row(&score(&two, "qs-1"), 9)),
        Op::Alias { from: score(&one, "a"), to: score(&two, "a") },
    ] {
        let error = subject.refused(&one, &[commit(3, vec![wrong])]);
        assert!(matches!(error, StoreError::Precondition { .. }), "{error}");
    }
}
