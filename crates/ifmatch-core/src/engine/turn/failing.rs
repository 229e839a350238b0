//! The same 500 to every copy of one write while others of its kind land: no outage, but a write that this target cannot take.
//!
//! It is asked about four times, the last after reads had the time to catch up. The version still stands after the answers
//! to all copies, so none of them took effect: the one at fault is refused with its fields, and holds up nothing.

use super::super::doubts::failed_as;
use super::super::lane::{Failing, LaneKey};
use super::Engine;
use crate::commit::{AttemptOutcome, AttemptRecord};
use crate::evidence::Evidence;
use crate::ids::TurnId;
use crate::states::State;

/// So many copies are answered alike before the write is blamed.
const ALIKE: u32 = 4;

/// What an unresolved write that fails alone asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// Nothing: it may be an outage.
    None,
    /// A pause until this instant.
    Pause(jiff::Timestamp),
    /// It is at fault.
    Write,
}

impl Engine {
    /// Notes how a write failed: the first time, or again.
    pub(in crate::engine) fn note_failing(&mut self, key: &LaneKey, evidence: &Evidence, first: bool) {
        let now = self.now;
        // Any other status may come from something between, which knows nothing of the write.
        let alike = failed_as(&evidence.label) == "500";
        let lane = self.lane(key);
        lane.failing = match lane.failing.take() {
            _ if !alike => None,
            None if first => Some(Failing { times: 1, first: now, last: now, evidence: Box::new(evidence.clone()) }),
            None => None,
            Some(before) => {
                Some(Failing { times: before.times + 1, last: now, evidence: Box::new(evidence.clone()), ..before })
            }
        };
    }

    /// Whether an unresolved write fails where others of its kind land, while its version stands.
    pub(super) fn blame(&self, turn: TurnId, key: &LaneKey) -> Blame {
        let Some(failing) = self.lanes.look(key).and_then(|lane| lane.failing.as_ref()) else { return Blame::None };
        let others = self.last_landed(&key.resource.kind).is_some_and(|landed| landed >= failing.first);
        if failing.times + 1 < ALIKE || !others {
            return Blame::None;
        }
        let over = failing.last + self.config.limits.lag_wait;
        match (self.asked_at(turn) > over, failing.times < ALIKE) {
            (false, _) => Blame::Pause(over + jiff::SignedDuration::from_millis(1)),
            (true, true) => Blame::None,
            (true, false) => Blame::Write,
        }
    }

    /// The write is at fault: it took no effect and is refused; of several intents fewer at a time.
    pub(super) fn blame_write(&mut self, turn: TurnId, key: &LaneKey, attempt: &AttemptRecord) {
        let Some(failing) = self.lane(key).failing.take() else { return };
        let evidence = *failing.evidence;
        let mine = attempt.shares.iter().filter(|share| share.resource == key.resource);
        let paths = mine.flat_map(|share| share.changes.iter().map(|change| change.path.to_string()));
        let field = evidence.field.clone().or_else(|| Some(paths.collect::<Vec<_>>().join(", ")));
        let said = if evidence.message.is_empty() { &evidence.label } else { &evidence.message };
        let message = format!("{said} (told {} times for this write alone, while others land)", failing.times);
        let evidence = Evidence { field: field.filter(|field| !field.is_empty()), message, ..evidence };
        self.find_culprit(turn, key, attempt, &evidence, State::Rejected, "rejected/invalid");
        let take = self.lane(key).take;
        self.told(key, attempt, &AttemptOutcome::NoEffect);
        self.resolved(turn, key, attempt, AttemptOutcome::NoEffect);
        let lane = self.lane(key);
        lane.take = take;
        lane.must_read = true;
    }
}
