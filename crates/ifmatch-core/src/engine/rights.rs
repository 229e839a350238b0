//! Rights that are missing: what no repetition cures is not repeated.
//!
//! A write that is refused as forbidden while none of its kind lands waits for the right with one probe train for all of them.
//! As soon as two records were refused, further ones join it without a request. The first that lands releases them all.

use super::lane::{Lane, LaneKey, Wake};
use super::settle::Step;
use super::{Engine, Timer};
use crate::evidence::Evidence;
use crate::ids::TurnId;
use crate::record::IntentRecord;
use crate::states::State;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// So long a write that landed shows that the credentials have the right to write records of its kind.
const OTHERS_LANDED: SignedDuration = SignedDuration::from_hours(1);

/// So many records refused since one of them last landed are taken for a right that was taken away meanwhile.
const REFUSED_MAX: usize = 8;

/// So many records must be refused before others are held without a request: one may have its own reason.
const REFUSED_MIN: usize = 2;

/// First and longest pause between probes for a right: somebody must give it, which takes minutes at the least.
const PROBE_PAUSES: (SignedDuration, SignedDuration) = (SignedDuration::from_secs(15), SignedDuration::from_mins(15));

/// What the lock domain of a right begins with.
const RIGHT: &str = "right/";

/// What is known of the rights of an org's credentials.
#[derive(Debug, Default)]
pub(super) struct Rights {
    /// When one landed last, by what it needed the right for.
    landed: BTreeMap<String, Timestamp>,
    /// Who was refused since then, by what is refused.
    refused: BTreeMap<String, BTreeSet<LaneKey>>,
    /// What the target said last, by what is refused.
    words: BTreeMap<String, String>,
}

impl Engine {
    /// When a change to a record of a kind landed last.
    pub(super) fn last_landed(&self, kind: &str) -> Option<Timestamp> {
        self.rights.landed.get(&format!("{RIGHT}{kind}")).copied()
    }

    /// Whether others of its kind land with the same credentials, so that a refusal as forbidden hides something else.
    pub(super) fn others_land(&mut self, key: &LaneKey) -> bool {
        let domain = domain(key);
        let recent = self.rights.landed.get(&domain).is_some_and(|at| self.now.duration_since(*at) <= OTHERS_LANDED);
        let refused = self.rights.refused.entry(domain).or_default();
        if refused.len() < REFUSED_MAX {
            refused.insert(key.clone());
        }
        recent && refused.len() < REFUSED_MAX
    }

    /// A write of its kind landed: the right is there, and everybody who waited for it goes on.
    pub(super) fn has_right(&mut self, key: &LaneKey) {
        let domain = domain(key);
        self.rights.landed.insert(domain.clone(), self.now);
        self.rights.refused.remove(&domain);
        if self.rights.words.remove(&domain).is_some() {
            for key in self.trains.release(&domain) {
                self.lane(&key).lacks_right = false;
                self.make_ready(&key);
            }
        }
    }

    /// A right is missing: the lane waits for it.
    pub(super) fn wait_for_right(&mut self, turn: TurnId, key: &LaneKey, evidence: &Evidence) {
        self.rights.words.insert(domain(key), evidence.words());
        self.join_right(key);
        let most = self.config.limits.dependency_wait;
        self.park_within(turn, key, most, "review/forbidden", |waited| unheeded(waited, &evidence.words()));
    }

    /// Has a lane that is about to start wait with the others whose right is missing. Returns whether it does.
    pub(super) fn joins_without_right(&mut self, key: &LaneKey) -> bool {
        let domain = domain(key);
        let waiting = self.trains.waiting(&domain);
        let exempt = |lane: &Lane| {
            // Parts of an envelope that was refused as one are tried: the right may be there but for one record.
            lane.share_max.is_some()
                || lane.unresolved.is_some()
                || lane.run.is_some()
                || lane.has_debt()
                || asked(lane)
        };
        if waiting < REFUSED_MIN || self.trains.holds(&domain, key) || self.lanes.look(key).is_none_or(exempt) {
            return false;
        }
        let now = self.now;
        self.join_right(key);
        let since = *self.lane(key).locked_since.get_or_insert(now);
        self.park(key);
        self.timer(now, Timer::Chore(key.clone()));
        self.timer(since + self.config.limits.dependency_wait, Timer::Chore(key.clone()));
        true
    }

    /// What a lane waits for is a right from here on; whatever it waited for before is probed by another one.
    fn join_right(&mut self, key: &LaneKey) {
        let before = self.domain_of(key);
        let lane = self.lane(key);
        lane.lacks_right = true;
        lane.held_above = false;
        if before != domain(key) {
            self.leave_train(&before, key);
        }
    }

    /// Shows an intent that is held without a request as parked, and after the longest wait as one for a person.
    pub(super) fn show_without_right(&mut self, key: &LaneKey, record: &mut IntentRecord) {
        let Some(lane) = self.lanes.look(key).filter(|lane| lane.lacks_right) else { return };
        if !matches!(lane.wake, Wake::Lock(_)) {
            return;
        }
        let words = self.rights.words.get(&domain(key)).cloned().unwrap_or_default();
        let waited = lane.locked_since.map_or(SignedDuration::ZERO, |since| self.now.duration_since(since));
        if waited >= self.config.limits.dependency_wait {
            if !matches!(record.status.state, State::Review) {
                let reason = unheeded(crate::plan::seconds(waited), &words);
                self.transit(key, record, State::Review, Step::why("review/forbidden", reason));
            }
        } else if matches!(record.status.state, State::Accepted | State::Queued) {
            let reason = format!("held without a request, since others of its kind are refused: {words}");
            self.transit(key, record, State::Parked, Step::why("parked/forbidden", reason));
        }
    }

    /// A lane that waited for a right has something else to wait for, or nothing: another one probes in its place.
    pub(super) fn leave_right(&mut self, key: &LaneKey) {
        if !std::mem::take(&mut self.lane(key).lacks_right) {
            return;
        }
        self.leave_train(&domain(key), key);
    }

    /// A lane probes no more: another one does in its place.
    pub(super) fn leave_train(&mut self, domain: &str, key: &LaneKey) {
        if self.trains.leave(domain, key).is_some() {
            self.timer(self.now, Timer::Train(domain.to_owned()));
        }
    }

    /// Pauses between probes for a right, where that is what a lane waits for.
    pub(super) fn right_pauses(&self, key: &LaneKey) -> Option<(SignedDuration, SignedDuration)> {
        self.lanes.look(key).filter(|lane| lane.lacks_right).map(|_| PROBE_PAUSES)
    }

    /// What a lane waits for, where it waits for a right.
    pub(super) fn right_of(&self, key: &LaneKey) -> Option<String> {
        self.lanes.look(key).filter(|lane| lane.lacks_right).map(|_| domain(key))
    }
}

/// Whether somebody waits for an answer.
fn asked(lane: &Lane) -> bool {
    !lane.reads.is_empty() || !lane.decisions.is_empty()
}

fn unheeded(waited: f64, words: &str) -> String {
    format!("the right was missing for {waited:.0} s: {words}")
}

/// What a right is needed for: changing, making, or operating on records of a kind.
fn domain(key: &LaneKey) -> String {
    let kind = &key.resource.kind;
    match (&key.operation, key.resource.id()) {
        (Some(operation), _) => format!("{RIGHT}{kind}/{operation}"),
        (None, None) => format!("{RIGHT}{kind}/create"),
        (None, Some(_)) => format!("{RIGHT}{kind}"),
    }
}
