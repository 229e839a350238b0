//! Envelopes wait a moment for company: `docs/design/006-envelopes-wait-for-company.md`.
//!
//! A turn costs the budget the same whether it carries one record or hundreds. So what comes while
//! a turn of its envelope is under way goes together, after it, and once more as long as that turn
//! took. Waiting as long as the write itself takes never costs more than twice the better of the
//! two choices, and needs no guess at what will arrive.

use super::Engine;
use super::lane::Rank;
use crate::ids::TurnId;
use crate::intent::Urgency;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A deadline within this many times the longest wait cannot wait for company.
const PRESSING: i32 = 10;

/// The last turn of each envelope that is not quiet.
#[derive(Debug, Default)]
pub(super) struct Company {
    paces: BTreeMap<Arc<str>, Pace>,
}

/// The last turn of an envelope.
#[derive(Debug)]
struct Pace {
    turn: TurnId,
    began: Timestamp,
    /// Whether it carried several lanes, or others came while it was under way.
    accompanied: bool,
    is_under_way: bool,
    /// Until when the next one waits, at most.
    next: Timestamp,
}

impl Company {
    fn began(&mut self, envelope: Arc<str>, turn: TurnId, now: Timestamp, longest: SignedDuration, lanes: usize) {
        let pace = Pace { turn, began: now, accompanied: lanes > 1, is_under_way: true, next: now + longest };
        self.paces.insert(envelope, pace);
    }

    /// A turn ended. Returns until when the next one of its envelope waits, where it does.
    fn ended(&mut self, envelope: &Arc<str>, turn: TurnId, now: Timestamp) -> Option<Timestamp> {
        let pace = self.paces.get_mut(envelope).filter(|pace| pace.turn == turn)?;
        pace.is_under_way = false;
        pace.next = pace.next.min(now + now.duration_since(pace.began));
        let until = Some(pace.next).filter(|next| pace.accompanied && *next > now);
        if until.is_none() {
            self.paces.remove(envelope);
        }
        until
    }

    /// Whether a turn of an envelope goes on.
    pub(super) fn is_under_way(&self, envelope: &Arc<str>) -> bool {
        self.paces.get(envelope).is_some_and(|pace| pace.is_under_way)
    }

    /// Until when somebody who is ready waits.
    fn until(&mut self, envelope: &Arc<str>, now: Timestamp) -> Option<Timestamp> {
        let pace = self.paces.get_mut(envelope)?;
        pace.accompanied = true;
        Some(pace.next).filter(|next| *next > now)
    }

    /// Forgets an envelope that is quiet again.
    fn forget(&mut self, envelope: &Arc<str>, now: Timestamp) {
        if self.paces.get(envelope).is_some_and(|pace| !pace.is_under_way && pace.next <= now) {
            self.paces.remove(envelope);
        }
    }
}

impl Engine {
    /// Until when the ready lanes of an envelope wait for company; `None` when they may start.
    pub(super) fn waits_for_company(&mut self, family: &str, envelope: &Arc<str>) -> Option<Timestamp> {
        let first = self.lanes.together(family, envelope).next();
        if self.company.is_under_way(envelope) && first.is_some_and(|key| self.dialect.one_writer(&key.resource)) {
            // It is looked at again as soon as that turn ends.
            return Some(self.now + self.config.limits.processing_wait);
        }
        let (lanes, pressed) = self.lanes.company(family, envelope);
        if pressed || lanes >= self.dialect.envelope_max() {
            return None;
        }
        self.company.until(envelope, self.now)
    }

    /// Whether a lane of this rank cannot wait for company.
    pub(super) fn presses(&self, rank: Rank) -> bool {
        rank.0 == Urgency::Interactive || rank.1 <= self.now + self.config.limits.linger_max * PRESSING
    }

    /// A turn of an envelope starts.
    pub(super) fn company_began(&mut self, envelope: Arc<str>, turn: TurnId, lanes: usize) {
        self.company.began(envelope, turn, self.now, self.config.limits.linger_max, lanes);
    }

    /// A turn of an envelope ended: who came meanwhile is looked at again.
    pub(super) fn company_ended(&mut self, envelope: &Arc<str>, turn: TurnId) {
        if let Some(until) = self.company.ended(envelope, turn, self.now) {
            self.timer(until, super::Timer::Company(Arc::clone(envelope)));
        }
        self.lanes.rouse(envelope);
    }

    /// A wait for company is over.
    pub(super) fn on_company(&mut self, envelope: &Arc<str>) {
        self.company.forget(envelope, self.now);
        self.lanes.rouse(envelope);
    }
}
