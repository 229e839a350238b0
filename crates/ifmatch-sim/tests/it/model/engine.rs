//! The engine's side of the protocol: what it does at a read, at an answer and at a restart.

use super::SendModel;
use super::protocol::{Conflict, Guard, Resend, Restart, Stale, Undecided};
use super::state::{Answer, Copy, Phase, Rows, Shown, Stage, State, Value, Wish, Write};

impl SendModel {
    /// The record was read: an unresolved write is weighed, or what is pending is composed.
    pub(super) fn take_read(&self, state: &mut State, shown: Shown) {
        match state.engine.rows.attempt {
            Some(attempt) => self.weigh(state, attempt, shown),
            None => self.compose(state, shown),
        }
    }

    fn weigh(&self, state: &mut State, attempt: Write, shown: Shown) {
        let stands = self.guard == Guard::Version && shown.version == attempt.from;
        match self.protocol.resend {
            Resend::Pasted => {
                let pasted = Write { from: shown.version, ..attempt };
                state.engine.rows.attempt = Some(pasted);
                state.engine.durable = false;
                state.engine.phase = Phase::ToSend { again: true };
            }
            Resend::Identical | Resend::Blind if stands => state.engine.phase = Phase::ToSend { again: true },
            Resend::Identical | Resend::Blind => self.judge(state, attempt, shown),
        }
    }

    /// The version moved, or nothing can land any more: each share is told by what the record holds.
    fn judge(&self, state: &mut State, attempt: Write, shown: Shown) {
        let moved = shown.version - attempt.from;
        let one_write = match self.guard {
            Guard::Version => moved == 1,
            Guard::Content | Guard::Nothing => !self.sees_versions() || moved <= 1,
        };
        for intent in carried(&attempt) {
            let holds = match self.wishes[intent] {
                Wish::Set => shown.content.value == attempt.to.value,
                Wish::Add => shown.content.tally == attempt.to.tally,
            };
            let stage = match (holds, one_write, self.protocol.undecided) {
                (true, _, _) | (false, false, Undecided::Landed) => Stage::Landed,
                (false, true, _) | (false, false, Undecided::Again) => Stage::Queued,
                (false, false, Undecided::Review) => Stage::Review,
            };
            let founded = applied(state, intent) || (self.wishes[intent] == Wish::Set && holds);
            state.wrongs.unfounded |= stage == Stage::Landed && !founded;
            state.engine.rows.stages[intent] = stage;
        }
        self.count(&mut state.engine.rows, &attempt, shown.version);
        state.engine.rows.floor = shown.version;
        self.end(state);
    }

    /// Composes what is pending with what a read shows, and records a write where one is needed.
    fn compose(&self, state: &mut State, shown: Shown) {
        let mut to = shown.content;
        let mut carries = 0;
        let rows = &mut state.engine.rows;
        for intent in 0..self.wishes.len() {
            if rows.stages[intent] != Stage::Queued {
                continue;
            }
            let own = Value::Own(u8::try_from(intent).expect("intents are few"));
            let newer = (intent + 1..self.wishes.len())
                .any(|other| self.wishes[other] == Wish::Set && rows.stages[other] == Stage::Queued);
            let said = rows.said & (1 << intent) != 0;
            let stage = match (self.wishes[intent], to.value, self.protocol.conflict) {
                (_, _, Conflict::ReviewAll) => Stage::Review,
                // The local side equals the base: only the remote side changed.
                (Wish::Set, stands, _) if said && stands != own => Stage::Satisfied,
                (Wish::Set, stands, _) if stands == own => Stage::Satisfied,
                (Wish::Set, Value::Foreign(_), Conflict::Review) => Stage::Review,
                (Wish::Set, _, _) if newer => Stage::Superseded,
                (Wish::Set | Wish::Add, _, _) => Stage::Sent,
            };
            state.wrongs.unfounded |= stage == Stage::Satisfied && to.value != own;
            rows.stages[intent] = stage;
            if stage == Stage::Sent {
                carries |= 1 << intent;
                match self.wishes[intent] {
                    Wish::Set => to.value = own,
                    Wish::Add => to.tally += 1,
                }
            }
        }
        rows.floor = rows.floor.max(shown.version);
        state.engine.durable = false;
        if carries != 0 {
            state.composed += 1;
            let knew = shown.foreign;
            let (number, from, before) = (state.composed, shown.version, shown.content);
            rows.attempt = Some(Write { number, from, before, to, carries, knew, blind: false });
            if self.protocol.moves_base_on_send {
                rows.said |= carries;
            }
            state.engine.phase = Phase::ToSend { again: false };
        }
    }

    /// The recorded write leaves.
    pub(super) fn send(&self, state: &mut State, again: bool) {
        let mut write = state.engine.rows.attempt.expect("what is sent is recorded");
        state.wrongs.unrecorded |= state.store.attempt != Some(write);
        write.blind = again && self.protocol.resend == Resend::Blind;
        put(state, Copy { write, awaited: true });
        state.engine.phase = Phase::Waiting { again };
    }

    pub(super) fn take_answer(&self, state: &mut State, answer: Answer, again: bool) {
        let attempt = state.engine.rows.attempt.expect("an answer belongs to an attempt");
        forget_exchange(state);
        let stale = if again { self.protocol.stale_again } else { self.protocol.stale_first };
        match (answer, stale) {
            (Answer::Accepted(version), _) => {
                self.count(&mut state.engine.rows, &attempt, version);
                state.engine.rows.floor = state.engine.rows.floor.max(version);
                self.settle(state, &attempt, Stage::Landed);
            }
            (Answer::Stale, Stale::Ours) => self.settle(state, &attempt, Stage::Landed),
            (Answer::Stale, Stale::MergeAgain) => {
                self.raise(&mut state.engine.rows, &attempt);
                self.settle(state, &attempt, Stage::Queued);
            }
            (Answer::Stale, Stale::CheckFirst) => {
                self.raise(&mut state.engine.rows, &attempt);
                state.engine.durable = false;
                state.engine.phase = Phase::Idle;
            }
        }
    }

    /// A refusal implies a version above the one that was named.
    fn raise(&self, rows: &mut Rows, attempt: &Write) {
        if self.guard == Guard::Version {
            rows.floor = rows.floor.max(attempt.from + 1);
        }
    }

    /// Where the target checks no version, a version that moved by more than our own write shows
    /// that somebody else wrote, perhaps what we overwrote.
    fn count(&self, rows: &mut Rows, attempt: &Write, version: u8) {
        let unguarded = self.guard != Guard::Version;
        rows.reported |= unguarded && self.sees_versions() && version > attempt.from + 1;
    }

    fn sees_versions(&self) -> bool {
        self.guard == Guard::Version || (self.shows_versions && self.protocol.counts_versions)
    }

    fn settle(&self, state: &mut State, attempt: &Write, stage: Stage) {
        for intent in carried(attempt) {
            state.wrongs.unfounded |= stage == Stage::Landed && !applied(state, intent);
            state.engine.rows.stages[intent] = stage;
        }
        self.end(state);
    }

    /// The attempt has its outcome, as soon as that is durable.
    fn end(&self, state: &mut State) {
        state.engine.rows.attempt = None;
        state.engine.durable = false;
        state.engine.phase = Phase::Idle;
    }

    /// Nobody waits for the answer any more.
    pub(super) fn give_up_waiting(&self, state: &mut State) {
        forget_exchange(state);
        state.engine.phase =
            if self.protocol.resend == Resend::Blind { Phase::ToSend { again: true } } else { Phase::Idle };
    }

    /// The process ends, and starts again on what the store holds.
    pub(super) fn restart(&self, state: &mut State) {
        forget_exchange(state);
        state.engine.rows = state.store;
        state.engine.durable = true;
        state.engine.phase = Phase::Idle;
        if self.protocol.restart == Restart::Forgotten
            && let Some(attempt) = state.engine.rows.attempt.take()
        {
            for intent in carried(&attempt) {
                state.engine.rows.stages[intent] = Stage::Queued;
            }
            state.engine.durable = false;
        }
    }
}

/// The intents that a write carries.
pub(super) fn carried(write: &Write) -> impl Iterator<Item = usize> + use<> {
    let carries = write.carries;
    (0..super::state::INTENTS_MAX).filter(move |intent| carries & (1 << intent) != 0)
}

fn applied(state: &State, intent: usize) -> bool {
    state.target.applied & (1 << intent) != 0
}

/// Puts a copy on the wire, in its place.
pub(super) fn put(state: &mut State, copy: Copy) {
    state.wire.push(copy);
    state.wire.sort_unstable();
}

/// Answers that nobody waits for are as good as lost; the copies themselves go on.
fn forget_exchange(state: &mut State) {
    state.answers.clear();
    for copy in &mut state.wire {
        copy.awaited = false;
    }
    state.wire.sort_unstable();
}
