//! What people and mishaps do.

use super::World;
use crate::hours::{shift_in, turned};
use crate::script::{CrashPoint, Op};
use ifmatch_core::{
    Brake, ConflictNote, Decision, DecisionAction, Input, Intent, IntentId, IntentRecord, Scope, SignedDuration, State,
    Ticket, UndoError, undo, undo_both,
};
use ifmatch_store::StoredAttempt;
use serde_json::{Value, json};
use std::sync::Arc;

impl World {
    pub(super) fn act(&mut self, op: Op) {
        let now = self.now.as_millisecond();
        match op {
            Op::Look { source, path } => {
                self.sandbox.advance(now);
                if let Some(record) = self.record(&path) {
                    self.truth.sees(source, path, record);
                }
            }
            Op::Show { source, kind, id, path } => self.asks_to_see(source, &kind, &id, path),
            Op::Export { source, agents } => self.exports(&source, &agents),
            Op::Wish(wish) => self.wishes(wish),
            Op::Submit { source, intent, saw, whole } => {
                let saw = Arc::new(saw);
                self.submits(source, *intent, (Arc::clone(&saw), saw), whole);
            }
            Op::Again { source } => {
                if let Some(body) = self.last_body.get(&source).cloned() {
                    self.sends_again(body);
                }
            }
            Op::Edit { path, patch, by } => {
                let outcome = self.sandbox.edit(now, &path, &patch, &by);
                self.edits += usize::from(outcome.is_ok());
                self.log.note(self.now, "edit", || format!("{by} {path} {patch}: {outcome:?}"));
            }
            Op::EditHours { by, hours } => {
                self.sandbox.advance(now);
                let record = self.sandbox.record(&hours.path).unwrap_or_default();
                if let Some(patch) = turned(&record, &hours) {
                    self.act(Op::Edit { path: hours.path, patch, by });
                }
            }
            Op::Rekey { by, path, shift, again } => {
                self.sandbox.advance(now);
                let record = self.sandbox.record(&path).unwrap_or_default();
                if let Some(mut made) = shift_in(&record, &shift).cloned() {
                    made["id"] = again.into();
                    let patch = json!({ "shifts": [{ "id": shift, "deleted": true }, made] });
                    self.act(Op::Edit { path, patch, by });
                }
            }
            Op::WishHours { source, spoken, hours } => self.wishes_hours(source, spoken, hours),
            Op::Lock { path, seconds } => {
                let outcome = self.sandbox.lock(now, &path, seconds);
                self.log.note(self.now, "lock", || format!("{path} for {seconds} s: {outcome:?}"));
            }
            Op::Crash(CrashPoint::Now) => self.crash("now"),
            Op::Crash(point) => self.armed = Some(point),
            Op::Pause { seconds } => {
                self.process.stand_still(self.now + span(seconds));
                self.log.note(self.now, "world", || format!("the process stands still for {seconds} s"));
            }
            Op::SetClock { seconds } => {
                self.process.set(SignedDuration::from_secs(seconds));
                self.log.note(self.now, "world", || format!("the clock of the machine is set by {seconds} s"));
            }
            Op::Fault(injection) => self.sandbox.inject(injection),
            Op::FailCommits(n) => self.store.borrow_mut().fail_next_commits(n),
            Op::Decide(how) => self.decides(&how),
            Op::Withdraw { newer } => self.withdraws(newer),
            Op::Undo { source, newer } => self.undoes(source, newer),
            Op::Resume => self.resumes(),
        }
    }

    /// A source takes an intent back.
    fn withdraws(&mut self, newer: usize) {
        let open = |id: &&IntentId| !self.told.get(*id).is_some_and(|status| status.state.is_terminal());
        let Some(intent) = self.promised.iter().rev().filter(open).nth(newer).copied() else { return };
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.withdrawals.insert(ticket, intent);
        self.log.note(self.now, "withdraw", || format!("{ticket:?} {intent}"));
        self.feed(Input::Cancelled { ticket, intent, by: "its source".to_owned() });
    }

    /// A person resumes what the gateway may hold by itself; where it holds nothing, nothing happens.
    fn resumes(&mut self) {
        for kind in self.setup.api.dialect().kinds() {
            let scope = Scope::Kind(kind.to_owned());
            self.feed(Input::Braked(Brake { scope, on: false, by: "Ida Berg".to_owned() }));
        }
    }

    /// A source takes back what landed, without a look at the record.
    fn undoes(&mut self, source: String, newer: usize) {
        let landed = |id: &&IntentId| self.told.get(*id).is_some_and(|status| status.state == State::Landed);
        let Some(intent) = self.promised.iter().rev().filter(landed).nth(newer).copied() else { return };
        let Some((record, Ok(mut wish))) = self.undone(intent) else { return };
        if let Some((_, other)) = record.status.partner.and_then(|partner| self.undone(partner)) {
            let Ok(both) = undo_both(wish, other) else { return };
            wish = both;
        }
        self.log.note(self.now, "undo", || format!("{intent} by {source}"));
        self.submits(source, wish, (Arc::default(), Arc::default()), false);
    }

    /// An intent, and what takes it back.
    fn undone(&self, id: IntentId) -> Option<(IntentRecord, Result<Intent, UndoError>)> {
        let org = self.org();
        let mut store = self.store.borrow_mut();
        let record = store.intent(&org, id).ok()??;
        let attempts = store.attempts_of(&org, id).ok()?;
        let wish = undo(&*self.setup.api.dialect(), &record, attempts.iter().map(StoredAttempt::with_end));
        Some((record, wish))
    }

    /// A person goes through the inbox.
    fn decides(&mut self, how: &str) {
        let open: Vec<_> = self
            .told
            .iter()
            .filter(|(_, status)| status.state == State::Review)
            .map(|(id, s)| (*id, s.conflict.clone()))
            .collect();
        for (intent, conflict) in open {
            self.tickets += 1;
            let action = if how == "drop" { DecisionAction::Discard } else { DecisionAction::Apply };
            // The local side of a local time in doubt is what nobody can tell: they take the later instant.
            let side = |note: &ConflictNote| if how == "local" && !note.candidates.is_empty() { "later" } else { how };
            let api = self.setup.api;
            let choose = conflict.iter().map(|note| (api.address(&note.path), Value::from(side(note)))).collect();
            let seen = conflict.iter().map(|note| (api.address(&note.path), note.seen)).collect();
            if how == "remote" {
                self.truth.given_up.extend(conflict.iter().map(|note| (intent, note.path.to_string())));
            }
            let remote = conflict.iter().map(|note| (note.path.to_string(), note.remote.clone()));
            self.truth.decided.entry(intent).or_default().extend(remote);
            let ticket = Ticket(self.tickets);
            self.log.note(self.now, "decide", || format!("{intent} {how}"));
            self.feed(Input::Decided(Decision {
                ticket,
                intent,
                by: "Ida Berg".to_owned(),
                action,
                choose,
                seen,
                note: None,
            }));
        }
    }
}

fn span(seconds: u64) -> SignedDuration {
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}
