//! What the engine's store does in a world: it takes commits, fails when it is told to, and hands out what it holds.
//!
//! What it hands out is looked at on the way: it belongs to the org that asks, and intents are what their
//! sources sent. Where that does not hold, and where the engine asks for something that the store cannot make
//! sense of, a promise is broken; the run ends there, since nothing sensible can follow.

use super::World;
use crate::checkers::Violation;
use crate::script::CrashPoint;
use crate::truth::Told;
use ifmatch_core::{Change, Commit, Input, IntentId, IntentRecord, Op, OrgName, Recovery, Resource, TurnId};
use ifmatch_store::StoreError;
use std::sync::Arc;

impl World {
    pub(super) fn persist(&mut self, org: &OrgName, commit: &Commit) {
        let commit = &*self.setup.api.commit(commit);
        if self.armed == Some(CrashPoint::BeforeCommit) {
            return self.crash("before a commit");
        }
        if self.armed == Some(CrashPoint::InCommit) && !self.failing {
            self.store.borrow_mut().tear(org, std::slice::from_ref(commit));
            return self.crash("in a commit");
        }
        if self.failing {
            return;
        }
        let result = self.store.borrow_mut().commit(org, std::slice::from_ref(commit));
        match result {
            Ok(()) if self.armed == Some(CrashPoint::AfterCommit) => {
                self.hear_of_pairs(commit);
                self.crash("after a commit");
            }
            Ok(()) => {
                self.hear_of_pairs(commit);
                self.later(1, Input::Persisted(commit.id));
            }
            Err(StoreError::Unavailable { .. }) => {
                self.failing = true;
                // The engine begins anew, as after a crash: nobody waits any more for what is on the wire.
                self.orphaned.extend(self.flying.values().cloned());
                self.log.note(self.now, "store", || format!("{:?} failed", commit.id));
                self.later(1, Input::PersistFailed(commit.id));
            }
            Err(error) => self.breaks("P1", format!("the engine and its store are at odds: {error}")),
        }
    }

    /// The engine takes half a pair back in the name of the pair's source, and makes the other half of a swap, and of what
    /// takes back a pair: intents that nobody sent.
    fn hear_of_pairs(&mut self, commit: &Commit) {
        let made = commit.ops.iter().filter_map(|op| match op {
            Op::Intake(intake) => Some(&intake.record),
            _ => None,
        });
        let made: Vec<&IntentRecord> = made.collect();
        let undoes = |record: &IntentRecord| record.intent.takes_back_half();
        let swaps = |record: &IntentRecord| made.iter().any(|other| is_other_half(record, other));
        let ours: Vec<&IntentRecord> = made.iter().copied().filter(|record| undoes(record) || swaps(record)).collect();
        for record in ours {
            self.log.note(self.now, if undoes(record) { "undo" } else { "half" }, || {
                let said = record.intent.origin.as_ref().and_then(|by| by.record.as_deref()).unwrap_or_default();
                if undoes(record) { format!("{} takes back {said}", record.id) } else { record.id.to_string() }
            });
            let told = Told {
                source: record.source.to_string(),
                saw: Arc::default(),
                sight: None,
                shown: None,
                believed: Arc::default(),
                policy: false,
                based: true,
                change: record.intent.change.clone(),
            };
            self.truth.told.insert(record.id, told);
        }
    }

    pub(super) fn load(&mut self, org: &OrgName, turn: TurnId, resources: &[Resource], intents: &[IntentId]) {
        let loaded = self.store.borrow_mut().load(org, resources, intents);
        let input = match loaded {
            Ok(loaded) => {
                let rows = loaded.rows.iter().flatten().map(|row| &row.resource);
                let named: Vec<Resource> = rows.chain(loaded.intents.iter().map(|r| &r.resource)).cloned().collect();
                self.belong("a load", &named);
                for record in &loaded.intents {
                    let said = self.truth.told.get(&record.id).map(|told| &told.change);
                    if said.is_some_and(|said| *said != record.intent.change) {
                        self.breaks("P7", format!("a load gave {} another wish than its source sent", record.id));
                    }
                }
                let (rows, intents) = self.setup.api.loaded(loaded.rows, loaded.intents);
                Input::Loaded { turn, rows, intents }
            }
            // What a failed commit was to store is not there: the engine hears of that in a moment.
            Err(_) if self.failing => Input::LoadFailed { turn },
            Err(StoreError::Unavailable { .. }) => Input::LoadFailed { turn },
            Err(error) => return self.breaks("P1", format!("the engine and its store are at odds: {error}")),
        };
        // The engine hears of a commit that failed before it hears what the store holds without it.
        self.later(i64::from(self.failing), input);
    }

    pub(super) fn recovery(&mut self) -> Recovery {
        let recovery = self.store.borrow_mut().recover(&self.org()).expect("the memory store can be read");
        let open = recovery.open.iter().map(|head| &head.resource);
        let written = recovery.attempts.iter().flat_map(|attempt| attempt.shares.iter()).map(|share| &share.resource);
        let named: Vec<Resource> = open.chain(written).cloned().collect();
        self.belong("a recovery", &named);
        self.setup.api.recovery(recovery)
    }

    /// What the store hands out is the org's own.
    fn belong(&mut self, what: &str, named: &[Resource]) {
        let org = self.org();
        if let Some(other) = named.iter().find(|resource| resource.org != org) {
            self.breaks("P7", format!("{what} of {org} gave {other}"));
        }
    }

    /// A promise is broken in a way after which nothing sensible can follow.
    fn breaks(&mut self, promise: &str, what: String) {
        self.log.note(self.now, "broken", || format!("{promise}: {what}"));
        self.broken.push(Violation::new(promise, what));
        self.coming.clear();
        self.ended = true;
    }
}

/// Whether an intent is the other half of a swap that was sent: the same, as the other agent would say it. Or the other half
/// of what takes back a pair, as it was sent with the first one.
fn is_other_half(half: &IntentRecord, sent: &IntentRecord) -> bool {
    if let Change::Undo(undo) = &sent.intent.change {
        let named = undo
            .also
            .as_ref()
            .is_some_and(|also| (&also.resource, &also.change) == (&half.resource, &half.intent.change));
        return named
            && half.source == sent.source
            && half.intent.pair == sent.intent.pair
            && sent.intent.pair == Some(format!("undo:{}", sent.id));
    }
    let (Change::Verb(mine), Change::Verb(asked)) = (&half.intent.change, &sent.intent.change) else { return false };
    let schedule = |record: &IntentRecord| {
        let (schedule, agent) = record.resource.id()?.split_once('/')?;
        Some((schedule.to_owned(), agent.to_owned()))
    };
    let (Some(here), Some(there)) = (schedule(half), schedule(sent)) else { return false };
    let told = [&asked.args["with_shift_id"], &asked.args["shift_id"]];
    mine.name == "swap"
        && asked.name == "swap"
        && half.source == sent.source
        && half.id != sent.id
        && half.intent.pair == sent.intent.pair
        && sent.intent.pair == Some(format!("exchange:{}", sent.id))
        && here.0 == there.0
        && asked.args["with_agent_id"] == here.1
        && mine.args["with_agent_id"] == there.1
        && [&mine.args["shift_id"], &mine.args["with_shift_id"]] == told
}
