//! A thousand random operations, lawful and unlawful, against a plain model.

use super::Subject;
use super::samples::*;
use crate::contract::{ListFilter, Store, StoredAttempt};
use ifmatch_core::{
    AttemptId, AttemptOutcome, Commit, Digest, Head, IntentId, IntentRecord, Op, OrgName, Recovery, Resource,
    ResourceRow, Shared, State, states,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// SplitMix64: enough to draw operations, and the same on every machine.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Clone>(&mut self, items: &[T]) -> Option<T> {
        let at = usize::try_from(self.below((items.len() as u64).max(1))).ok()?;
        items.get(at).cloned()
    }
}

/// What a store must hold, in the plainest form. Copied as a whole before each group, so that a
/// refused group is undone without any code of its own.
#[derive(Clone, Default)]
struct Model {
    intents: BTreeMap<u64, IntentRecord>,
    attempts: BTreeMap<u64, StoredAttempt>,
    rows: BTreeMap<Resource, Shared<ResourceRow>>,
    aliases: BTreeMap<Resource, Resource>,
    kept: BTreeMap<String, Value>,
    leaves: Vec<(IntentId, Option<(State, State)>)>,
    clock: u64,
}

impl Model {
    fn of_state(&self, wanted: impl Fn(State) -> bool) -> Vec<IntentRecord> {
        self.intents.values().filter(|record| wanted(record.status.state)).cloned().collect()
    }

    fn open_attempts(&self) -> Vec<u64> {
        self.attempts.iter().filter(|(_, attempt)| attempt.outcome.is_none()).map(|(number, _)| *number).collect()
    }

    /// Draws a lawful operation and applies it.
    fn lawful(&mut self, org: &OrgName, draw: &mut Draw) -> Op {
        self.clock += 1;
        let open = self.of_state(|state| !state.is_terminal());
        match draw.below(10) {
            0..=2 => self.intake(org, draw),
            3..=6 if !open.is_empty() => self.transition(&open, draw),
            7 => self.attempt(org, &open, draw),
            8 => match draw.pick(&self.open_attempts()) {
                Some(number) => self.attempt_done(number),
                None => self.rename(org, &open, draw),
            },
            _ => self.fact(org, draw),
        }
    }

    fn intake(&mut self, org: &OrgName, draw: &mut Draw) -> Op {
        let last = self.intents.keys().next_back().copied().unwrap_or(0);
        let taken = record(org, last + 1 + draw.below(3));
        self.leaves.push((taken.id, None));
        self.intents.insert(taken.order, taken.clone());
        intake(taken)
    }

    fn transition(&mut self, open: &[IntentRecord], draw: &mut Draw) -> Op {
        let chosen = draw.pick(open).expect("the caller has open intents");
        let from = chosen.status.state;
        let rules: Vec<State> = states::TABLE.iter().filter(|rule| rule.from == from).map(|rule| rule.to).collect();
        let to = draw.pick(&rules).expect("every open state has a way on");
        let step = step(chosen.id, from, to, self.clock);
        self.leaves.push((chosen.id, Some((from, to))));
        self.intents.get_mut(&chosen.order).expect("it was listed").status = step.status.clone();
        Op::Transition(Box::new(step))
    }

    fn rename(&mut self, org: &OrgName, open: &[IntentRecord], draw: &mut Draw) -> Op {
        let Some(chosen) = draw.pick(open) else {
            return self.fact(org, draw);
        };
        let resource = score(org, &format!("qs-{}", draw.below(8)));
        self.intents.get_mut(&chosen.order).expect("it was listed").resource = resource.clone();
        Op::Rename { intent: chosen.id, resource }
    }

    fn attempt(&mut self, org: &OrgName, open: &[IntentRecord], draw: &mut Draw) -> Op {
        let last = self.attempts.keys().next_back().copied().unwrap_or(0);
        let carried: Vec<IntentId> = open.iter().filter(|_| draw.below(4) == 0).map(|record| record.id).collect();
        let record = attempt(org, last + 1 + draw.below(2), &carried);
        let stored = StoredAttempt { record: record.clone(), outcome: None, ended_at: None };
        self.attempts.insert(record.id.0, stored);
        Op::Attempt(record)
    }

    fn attempt_done(&mut self, number: u64) -> Op {
        let (outcome, at) = (AttemptOutcome::Answered(format!("2{number:02}")), time(self.clock));
        let stored = self.attempts.get_mut(&number).expect("it was listed");
        (stored.outcome, stored.ended_at) = (Some(outcome.clone()), Some(at));
        Op::AttemptDone { id: AttemptId(number), outcome, at }
    }

    fn fact(&mut self, org: &OrgName, draw: &mut Draw) -> Op {
        let name = score(org, &format!("qs-{}", draw.below(6)));
        match draw.below(3) {
            0 => {
                let row = row(&name, draw.below(40));
                self.rows.insert(name, row.clone());
                Op::Resource(row)
            }
            1 => {
                let from = by_key(org, &format!("agent{}@example.com", draw.below(5)));
                self.aliases.insert(from.clone(), name.clone());
                Op::Alias { from, to: name }
            }
            _ => {
                let (key, value) = (format!("fact-{}", draw.below(5)), json!({"n": draw.below(9)}));
                let value = (draw.below(3) > 0).then_some(value);
                match &value {
                    Some(value) => self.kept.insert(key.clone(), value.clone()),
                    None => self.kept.remove(&key),
                };
                Op::Keep { key, value }
            }
        }
    }

    /// Draws an operation that no store may take.
    fn unlawful(&self, org: &OrgName, draw: &mut Draw) -> Op {
        let all = self.of_state(|_| true);
        let fresh = self.intents.keys().next_back().copied().unwrap_or(0) + 50;
        match (draw.below(6), draw.pick(&all)) {
            (0, Some(known)) => {
                let wrong = if known.status.state == State::Queued { State::Parked } else { State::Queued };
                transition(known.id, wrong, State::Planned, self.clock)
            }
            (1, Some(known)) => intake(IntentRecord { order: fresh, ..known }),
            (2, Some(known)) => intake(IntentRecord { id: id(fresh), ..known }),
            (3, _) => Op::Attempt(attempt(org, 90_000, &[id(fresh)])),
            (4, _) => Op::Alias { from: score(org, "a"), to: score(&OrgName::from("globex"), "a") },
            _ => Op::AttemptDone { id: AttemptId(80_000), outcome: AttemptOutcome::NoEffect, at: time(0) },
        }
    }

    fn recovery(&self) -> Recovery {
        let open = self.of_state(|state| !state.is_terminal());
        let keys = self.intents.values().filter_map(|record| {
            let key = Digest::of(record.intent.idempotency_key.as_ref()?.as_bytes()).short();
            Some((record.source.clone(), key, record.intent.content(), record.id))
        });
        let open_attempts = self.open_attempts();
        Recovery {
            open: open.iter().map(Head::of).collect(),
            attempts: open_attempts.iter().map(|number| self.attempts[number].record.clone()).collect(),
            keys: keys.collect(),
            aliases: self.aliases.clone().into_iter().collect(),
            kept: self.kept.clone().into_iter().collect(),
            last_order: self.intents.keys().next_back().copied().unwrap_or(0),
            last_attempt: self.attempts.keys().next_back().copied().unwrap_or(0),
        }
    }
}

pub(super) fn a_thousand_operations_agree_with_the_model<S: Store>(subject: &mut Subject<'_, S>) {
    let (org, mut draw, mut model, mut operations) = (acme(), Draw(0x1f_0a7c), Model::default(), 0);
    let (mut taken, mut refused) = (0, 0);
    while operations < 1_000 {
        let before = model.clone();
        let commits: Vec<Commit> = (0..1 + draw.below(3))
            .map(|number| {
                let ops: Vec<Op> = (0..1 + draw.below(5)).map(|_| model.lawful(&org, &mut draw)).collect();
                operations += ops.len();
                commit(number, ops)
            })
            .collect();
        if draw.below(6) == 0 {
            let wrong = with_a_wrong_one(commits, &before, &model, &org, &mut draw);
            subject.refused(&org, &wrong);
            model = before;
            refused += 1;
        } else {
            subject.commit(&org, &commits);
            taken += 1;
        }
        if draw.below(12) == 0 {
            subject.reopen();
            compare(subject, &org, &model);
        }
    }
    assert!(taken > 50 && refused > 10, "{taken} groups taken, {refused} refused");
    compare(subject, &org, &model);
    check_log(subject, &org, &model);
}

/// Puts an unlawful operation at the end, where everything before it must be undone, or at the
/// beginning, where nothing may follow.
fn with_a_wrong_one(
    mut commits: Vec<Commit>,
    before: &Model,
    after: &Model,
    org: &OrgName,
    draw: &mut Draw,
) -> Vec<Commit> {
    if draw.below(3) == 0 {
        commits.insert(0, commit(99, vec![before.unlawful(org, draw)]));
    } else {
        commits.push(commit(99, vec![after.unlawful(org, draw)]));
    }
    commits
}

fn compare<S: Store>(subject: &mut Subject<'_, S>, org: &OrgName, model: &Model) {
    let store = subject.store();
    assert_eq!(store.recover(org), Ok(model.recovery()));
    let everything = ListFilter { limit: usize::MAX, ..ListFilter::default() };
    let listed = store.list(org, &everything).expect("it can be listed");
    assert_eq!(listed, model.intents.values().cloned().collect::<Vec<_>>());
    let mut counts = BTreeMap::new();
    for record in &listed {
        *counts.entry(record.status.state).or_insert(0) += 1;
    }
    assert_eq!(store.counts(org), Ok(counts));
    for record in listed.iter().step_by(7) {
        let carries = |attempt: &&StoredAttempt| attempt.record.intents.contains(&record.id);
        let attempts: Vec<_> = model.attempts.values().filter(carries).cloned().collect();
        assert_eq!(store.attempts_of(org, record.id), Ok(attempts));
    }
    for name in 0..6 {
        let resource = score(org, &format!("qs-{name}"));
        assert_eq!(store.row(org, &resource), Ok(model.rows.get(&resource).cloned()));
    }
}

fn check_log<S: Store>(subject: &mut Subject<'_, S>, org: &OrgName, model: &Model) {
    assert_eq!(subject.verify_audit(org), model.leaves.len() as u64);
    let records = subject.store().audit(org, 0, usize::MAX).expect("the log can be read");
    for (record, (intent, step)) in records.iter().zip(&model.leaves) {
        let body = record.leaf().expect("a stored leaf is one").body;
        assert_eq!(body["intent"], json!(intent));
        if let Some((from, to)) = step {
            assert_eq!((&body["from"], &body["to"]), (&json!(from), &json!(to)));
        }
    }
}
