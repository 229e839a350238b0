//! What an open intent waits for, and when its turn comes.

use super::lane::{Lane, Wake};
use super::submit::lane_of;
use super::{Engine, InFlight, Purpose, Token};
use crate::commit::AttemptRecord;
use crate::dialect::{Call, Guard};
use crate::ids::{IntentId, TurnId};
use crate::record::Head;
use crate::states::State;
use crate::why::{Next, Outlook, ToldBy, Unresolved};
use jiff::Timestamp;
use std::cmp::Reverse;

impl Engine {
    /// What an open intent waits for, for [`crate::why()`]; `None` when it is not open.
    #[must_use]
    pub fn outlook(&self, id: IntentId) -> Option<Outlook> {
        let head = self.heads.get(&id)?;
        let lane = self.lanes.look(&lane_of(head))?;
        let limits = &self.config.limits;
        Some(Outlook {
            next: self.next_of(head, lane),
            domain: self.domain_of(&lane_of(head)),
            contended_at: lane.stale_at.filter(|_| lane.contended),
            lock_ends: lane
                .locked_since
                .map(|since| since + if lane.lacks_right { limits.dependency_wait } else { limits.lock_wait }),
            dependency_ends: lane.locked_since.map(|since| since + limits.dependency_wait),
            lagging: lane.lags_since.is_some(),
            trouble: lane.trouble.clone().filter(|_| lane.failures > 0),
            unresolved: lane.unresolved.as_ref().map(|attempt| Unresolved {
                sent_at: attempt.at,
                horizon: attempt.horizon,
                resends: attempt.resends,
                own: attempt.intents.contains(&id),
                told_by: self.told_by(attempt),
                alike: lane.failed_as.as_deref().map(|failed_as| self.doubts.known(failed_as)).unwrap_or_default(),
            }),
            deadline: head.deadline,
            merges_max: limits.merges_max,
            ambiguity_max: limits.ambiguity_max,
        })
    }

    fn told_by(&self, attempt: &AttemptRecord) -> ToldBy {
        match &attempt.call {
            Call::Create(_) => ToldBy::Lookups,
            Call::Start(_) => ToldBy::Operation,
            Call::Write(items) => {
                let guarded = |kind: &str| self.guard(kind) == Guard::Monotonic;
                match items.iter().all(|item| guarded(&item.resource.kind)) {
                    true if attempt.taken => ToldBy::Reads,
                    true => ToldBy::Copies,
                    false => ToldBy::Horizon,
                }
            }
            Call::Read(_) | Call::ReadStamps { .. } | Call::Past { .. } | Call::Lookup(_) | Call::Status(_) => {
                ToldBy::Reads
            }
        }
    }

    /// Until when the answer to the write of a turn is waited for, while one is on the wire.
    fn answer_until(&self, held_by: TurnId) -> Option<Timestamp> {
        let of_turn = |flight: &&InFlight| matches!(flight.purpose, Purpose::Write { turn, .. } if turn == held_by);
        self.exchanges.values().find(of_turn).map(|flight| flight.give_up_at)
    }

    fn next_of(&self, head: &Head, lane: &Lane) -> Next {
        if head.state == State::Tracking
            && let Some((at, listens)) = lane.held_by.and_then(|turn| self.next_look(turn))
        {
            return Next::Outcome { at, listens };
        }
        if head.state == State::Sent
            && let Some(until) = lane.held_by.and_then(|turn| self.answer_until(turn))
        {
            return Next::Answer(until);
        }
        match &lane.wake {
            _ if head.state == State::Review => Next::Person,
            _ if lane.held_by.is_some() => Next::Turn,
            _ if head.not_before.is_some_and(|at| at > self.now) => {
                head.not_before.map_or(Next::Nothing, Next::NotBefore)
            }
            Wake::Lock(domain) => self.next_probe(domain),
            Wake::At(at) => Next::Look(*at),
            Wake::Brake => Next::Brake,
            Wake::Barrier => Next::Barrier,
            Wake::Ready if self.source_braked(&head.source) => Next::Brake,
            Wake::Ready if self.lanes.rests(lane) => Next::Company,
            Wake::Ready => self.next_in_line(lane),
            Wake::Idle if self.source_braked(&head.source) => Next::Brake,
            Wake::Idle => Next::Nothing,
        }
    }

    fn next_probe(&self, domain: &str) -> Next {
        let train = self.trains.iter().find(|(name, _, _)| *name == domain);
        train.map_or(Next::Line, |(_, waiting, at)| Next::Probe { waiting, at })
    }

    fn next_in_line(&self, lane: &Lane) -> Next {
        let closed = self.gates.closed(self.now).filter(|(name, _)| lane.buckets().any(|bucket| bucket == *name));
        match (closed.min_by_key(|(_, until)| Reverse(*until)), self.token) {
            (Some((bucket, until)), _) => Next::Budget { bucket: bucket.to_owned(), until },
            (None, Token::Refused(until)) => Next::Token { again_at: Some(until).filter(|at| *at > self.now) },
            (None, Token::Asked | Token::None) => Next::Token { again_at: None },
            (None, Token::Granted) => Next::Line,
        }
    }
}
