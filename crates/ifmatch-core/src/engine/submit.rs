//! An intent on its way in.

use super::Engine;
use super::Phase;
use super::keys::Known;
use super::lane::{LaneKey, Wake};
use crate::commit::{Intake, Op};
use crate::effect::{Accepted, Effect, Notice, Refusal};
use crate::hash::Digest;
use crate::ids::Ticket;
use crate::input::Submission;
use crate::intent::{Change, Intent, IntentError};
use crate::record::{Head, IntentRecord, IntentStatus};
use crate::states::State;
use std::sync::Arc;

impl Engine {
    pub(super) fn on_submitted(&mut self, submission: Submission) {
        let submission = Submission { intent: self.dialect.understood(submission.intent), ..submission };
        let ticket = submission.ticket;
        if self.phase != Phase::Running {
            return self.refuse(ticket, Refusal::Unavailable);
        }
        if let Err(error) = self.check(&submission) {
            return self.refuse(ticket, Refusal::Intent(error));
        }
        let content = submission.intent.content();
        match self.known(&submission, &content) {
            Known::No => match self.pairs.check(&submission.source, &submission.intent) {
                Ok(()) => self.accept(submission, content),
                Err(error) => self.refuse(ticket, Refusal::Intent(error)),
            },
            Known::Same(id) => {
                let accepted = Accepted { ticket, id, duplicate: true, at: self.now };
                self.commits.after(Effect::Notify(Notice::Accepted(accepted)));
            }
            Known::Mismatch(first) => self.refuse(ticket, Refusal::IdempotencyMismatch { first }),
        }
    }

    fn refuse(&mut self, ticket: Ticket, refusal: Refusal) {
        self.commits.now(Effect::Notify(Notice::Refused { ticket, refusal }));
    }

    fn check(&self, submission: &Submission) -> Result<(), IntentError> {
        let intent = &submission.intent;
        if intent.resource.org != self.config.org {
            let reason = format!("{} is not the org of this source", intent.resource.org);
            return Err(IntentError::new("unknown_org", "/resource/org", reason));
        }
        if self.dialect.kind(&intent.resource.kind).is_none() {
            let kinds = self.dialect.kinds().join(", ");
            let reason = format!("{} is not one of {kinds}", intent.resource.kind);
            return Err(IntentError::new("unknown_kind", "/resource/kind", reason));
        }
        intent.check()?;
        self.dialect.check(intent)?;
        if intent.pair.is_some() && self.partner_of(submission).is_some() {
            return Err(IntentError::new(
                "invalid_pair",
                "/pair",
                "this verb is about two records, and a pair of its own",
            ));
        }
        Ok(())
    }

    /// Whether the intent is one that was accepted before: by its key, or as the same proxied write
    /// while the first is open, or for as long as keys are kept where it names a version.
    fn known(&self, submission: &Submission, content: &Digest) -> Known {
        let source = &submission.source;
        if let Some(key) = effective_key(submission) {
            return self.keys.look(source, &key, content);
        }
        let print = submission.fingerprint.as_ref();
        print.and_then(|print| self.keys.open(source, &print.digest)).map_or(Known::No, Known::Same)
    }

    fn accept(&mut self, submission: Submission, content: Digest) {
        let (ticket, id) = (submission.ticket, submission.id);
        match self.partner_of(&submission) {
            None => self.take_in(submission, content),
            Some(partner) => {
                let sort = if matches!(submission.intent.change, Change::Undo(_)) { "undo" } else { "exchange" };
                let pair = Some(format!("{sort}:{id}"));
                let paired = |it: Submission| Submission { intent: Intent { pair: pair.clone(), ..it.intent }, ..it };
                let others = partner.intent.content();
                self.take_in(paired(submission), content);
                self.take_in(paired(partner), others);
            }
        }
        let accepted = Accepted { ticket, id, duplicate: false, at: self.now };
        self.commits.after(Effect::Notify(Notice::Accepted(accepted)));
    }

    /// Stores a new intent and puts it into its lane.
    pub(super) fn take_in(&mut self, submission: Submission, content: Digest) {
        let key = effective_key(&submission);
        let mut intent = submission.intent;
        intent.idempotency_key = key;
        self.last_order += 1;
        let named = intent.resource.clone();
        let resource = self.aliases.get(&named).cloned().unwrap_or(named);
        let record = IntentRecord {
            id: submission.id,
            source: submission.source,
            resource,
            order: self.last_order,
            accepted_at: self.now,
            accepted_there: self.clocks.there(self.now),
            strict: submission.strict,
            whole: submission.whole,
            proxied: submission.proxied,
            fingerprint: submission.fingerprint.filter(|_| intent.idempotency_key.is_none()).map(|print| print.digest),
            status: IntentStatus::accepted(self.now).into(),
            intent: Arc::new(intent),
        };
        if let Some(key) = &record.intent.idempotency_key {
            self.keys.keep(&record.source, super::keys::key_digest(key), content, record.id);
        }
        let head = Head::of(&record);
        let lane = lane_of(&head);
        self.note_half(&record);
        self.note_follower(&record);
        self.commits.op(Op::Intake(Box::new(Intake { record, content })));
        for (key, value) in submission.keep {
            self.commits.op(Op::Keep { key, value: Some(value) });
        }
        let id = head.id;
        self.join(&lane, head);
        self.watch_half(id);
        self.show_what_waits_for(id);
    }

    /// Puts an open intent into its lane; the lane becomes ready unless it waits for a reason that
    /// a new member does not change.
    pub(super) fn join(&mut self, key: &LaneKey, head: Head) {
        let (id, order) = (head.id, head.order);
        if let Some(print) = &head.fingerprint {
            self.keys.fly(&head.source, print, id);
        }
        self.heads.insert(id, head);
        let lane = self.lane(key);
        lane.members.insert(order, id);
        let rests = lane.held_by.is_none() && matches!(lane.wake, Wake::Idle | Wake::Ready | Wake::Brake);
        self.watch_times(id, key);
        let waits = self.heads.get(&id).is_some_and(|head| {
            matches!(head.state, State::Accepted | State::Queued)
                && (head.not_before.is_some_and(|at| at > self.now) || self.source_braked(&head.source))
        });
        if waits {
            self.lanes.add_chore(key);
        }
        if rests {
            self.make_ready(key);
        } else {
            self.look_sooner(key);
        }
    }
}

/// The lane of an open intent.
pub(super) fn lane_of(head: &Head) -> LaneKey {
    LaneKey { resource: head.resource.clone(), operation: head.operation.clone() }
}

/// The key under which the intent is kept: its own, or the fingerprint of a proxied write that
/// names a version.
fn effective_key(submission: &Submission) -> Option<String> {
    let print =
        || submission.fingerprint.filter(|print| print.versioned).map(|print| format!("fingerprint:{}", print.digest));
    submission.intent.idempotency_key.clone().or_else(print)
}
