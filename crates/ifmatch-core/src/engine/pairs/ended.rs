//! What becomes of a pair when one of its halves has moved: the other one goes on, ends as well, or the one that landed is
//! taken back. The pair is over when nothing is left to take back.

use super::{End, Half};
use crate::commit::Share;
use crate::engine::Engine;
use crate::engine::lane::LaneKey;
use crate::engine::settle::Step;
use crate::engine::submit::lane_of;
use crate::ids::{IntentId, Ticket};
use crate::input::Submission;
use crate::intent::{Change, Intent, Origin};
use crate::record::IntentRecord;
use crate::states::State;
use crate::undo::{PAIR_SYSTEM, inverse};

/// Sets the id of an undo apart from that of the half that it takes back.
const UNDO_MARK: u128 = 0x1A6B_0F5D_93C2_48E7;

/// The id of the intent that takes back half a pair, where that was necessary: its partner has not landed.
#[must_use]
pub fn undo_of_half(half: IntentId) -> IntentId {
    IntentId(half.0 ^ UNDO_MARK)
}

impl Engine {
    /// How a half is taken back, known before it is seen to have landed.
    pub(in crate::engine) fn note_landing(&mut self, record: &IntentRecord, share: &Share, version: Option<u64>) {
        let Some((_, partner)) = self.pairs.halves(record.id) else { return };
        let others = partner.map(|half| format!(" without {} for {}", half.intent, half.resource)).unwrap_or_default();
        let origin =
            Origin { system: PAIR_SYSTEM.to_owned(), record: Some(format!("{}{others}", record.id)), sequence: None };
        let undo = inverse(&*self.dialect, record, share, version);
        let end = undo.map_or(End::Stands, |undo| End::Landed(Box::new(Intent { origin: Some(origin), ..undo })));
        self.end_half(record.id, end);
    }

    fn end_half(&mut self, id: IntentId, end: End) {
        let pair = self.pairs.of.get(&id).and_then(|key| self.pairs.all.get_mut(key));
        let halves = pair.map(|pair| pair.halves.iter_mut()).into_iter().flatten();
        halves.filter(|half| half.intent == id).for_each(|half| half.end = end.clone());
    }

    /// Where a half goes instead of to a person: its partner has landed, so that half a pair would stand while it waits.
    /// What nobody can tell stays with a person, since it may have landed.
    pub(in crate::engine) fn half_goes(&self, record: &IntentRecord, to: State, mut step: Step) -> (State, Step) {
        let code = step.code.clone().unwrap_or_default();
        let reason = step.reason.clone().unwrap_or_default();
        if to == State::Review && record.intent.takes_back_half() {
            let halves = record.intent.origin.as_ref().and_then(|origin| origin.record.as_deref()).unwrap_or_default();
            step.code = Some("review/half_pair".to_owned());
            step.reason = Some(format!("half a pair stands, {halves}, and cannot be taken back: {reason}"));
            return (to, step);
        }
        let doubted = is_doubt(&code);
        match self.pairs.halves(record.id) {
            Some((_, Some(partner))) if to == State::Satisfied && gave_way(record) => {
                step.code = Some("rejected/remote_wins".to_owned());
                step.reason = Some(format!(
                    "the decision keeps what others wrote; its partner {} does not stand without it",
                    partner.intent
                ));
                (State::Rejected, step)
            }
            Some((_, Some(Half { intent, end: End::Landed(_), .. }))) if to == State::Review && !doubted => {
                step.code = Some("rejected/pair".to_owned());
                step.reason = Some(format!("{reason}; its partner {intent}, which had landed, is taken back"));
                step.winner = Some(*intent);
                (State::Rejected, step)
            }
            _ => (to, step),
        }
    }

    /// A half has moved: where it ended, its partner goes on, ends as well, or is taken back.
    pub(in crate::engine) fn half_went(&mut self, record: &IntentRecord) {
        let state = record.status.state;
        let Some(key) = self.pairs.of.get(&record.id).cloned() else { return };
        if self.pairs.all[&key].back == Some(record.id) {
            if state.is_terminal() || state == State::Review {
                self.end_pair(&key);
            }
            return;
        }
        if !state.is_terminal() {
            return self.half_moves(record);
        }
        // Nobody is asked about it any more, and none of it is on its way.
        for half in self.pairs.all.get_mut(&key).map(|pair| pair.halves.iter_mut()).into_iter().flatten() {
            if half.intent == record.id {
                (half.asked, half.away) = (false, false);
            }
        }
        match state {
            // What landed was noted with what takes it back.
            State::Landed if self.pairs.halves(record.id).is_some_and(|(mine, _)| mine.end != End::Open) => {}
            State::Landed => self.end_half(record.id, End::Stands),
            State::Satisfied => self.end_half(record.id, End::Stands),
            _ => self.end_half(record.id, End::Failed(state)),
        }
        let pair = &self.pairs.all[&key];
        let ends: Vec<&End> = pair.halves.iter().map(|half| &half.end).collect();
        let undo = match ends.as_slice() {
            [End::Landed(undo), End::Failed(_)] | [End::Failed(_), End::Landed(undo)] => Some(Intent::clone(undo)),
            [_, End::Open] | [End::Open, _] => {
                self.keep_pair(&key);
                return self.watch_pair(&key);
            }
            _ => None,
        };
        match undo {
            Some(undo) => self.take_back(&key, undo),
            None => self.end_pair(&key),
        }
    }

    /// Nothing is left to do for a pair.
    fn end_pair(&mut self, key: &str) {
        let Some(pair) = self.pairs.all.remove(key) else { return };
        self.keep_pair(key);
        for id in pair.halves.iter().map(|half| half.intent).chain(pair.back) {
            self.pairs.of.remove(&id);
        }
        for half in pair.halves {
            if let Some(keys) = self.pairs.about.get_mut(&half.resource) {
                keys.remove(key);
                if keys.is_empty() {
                    self.pairs.about.remove(&half.resource);
                }
            }
            for (id, _) in &half.followers {
                let halves = self.pairs.after.get_mut(id);
                halves.into_iter().for_each(|halves| halves.retain(|(other, _)| *other != half.intent));
                if self.pairs.after.get(id).is_some_and(Vec::is_empty) {
                    self.pairs.after.remove(id);
                }
            }
            self.rouse_followers(&half.followers);
        }
    }

    /// Half of a pair goes on, or is held back: what its partner shows, and what waits for that one, may change by it.
    fn half_moves(&mut self, record: &IntentRecord) {
        let (id, state) = (record.id, record.status.state);
        let key = self.pairs.of[&id].clone();
        let asked = state == State::Review;
        let doubted = asked && record.status.code.as_deref().is_some_and(is_doubt);
        let away = doubted || state.is_unresolved();
        let was_away = self.pairs.halves(id).is_some_and(|(half, _)| half.away);
        let halves = self.pairs.all.get_mut(&key).map(|pair| pair.halves.iter_mut()).into_iter().flatten();
        for half in halves.filter(|half| half.intent == id) {
            half.asked = asked;
            half.away = away;
            // What the person decides is composed anew before the other half may go.
            half.checked &= !asked;
        }
        if asked {
            self.show_what_waits_for(id);
        }
        let halves = self.pairs.all.get(&key).map(|pair| pair.halves.iter()).into_iter().flatten();
        let followers: Vec<_> = halves.flat_map(|half| half.followers.iter().copied()).collect();
        self.rouse_followers(&followers);
        let partner = self.pairs.partner(id).and_then(|partner| self.heads.get(&partner)).map(lane_of);
        if let Some(lane) = partner.filter(|_| matches!(state, State::Parked | State::Deferred | State::Review)) {
            self.lift_barriers(&lane);
        }
        if doubted {
            self.keep_pair(&key);
        } else if was_away && !away {
            // Its partner goes on, and it ends itself where that one has ended.
            self.watch_pair(&key);
        }
    }

    /// Accepts the undo of half a pair, in the commit that ends the other half.
    fn take_back(&mut self, key: &str, undo: Intent) {
        let Change::Undo(change) = &undo.change else { return };
        let id = undo_of_half(change.intent);
        let pair = self.pairs.all.get_mut(key).expect("the pair of a half");
        pair.back = Some(id);
        let source = pair.source.clone();
        self.pairs.of.insert(id, key.to_owned());
        self.keep_pair(key);
        let content = undo.content();
        let submission = Submission {
            ticket: Ticket(0),
            id,
            source,
            intent: undo,
            whole: false,
            fingerprint: None,
            strict: false,
            proxied: false,
            keep: Vec::new(),
        };
        self.take_in(submission, content);
    }

    /// Ends a half whose partner never came or ended otherwise.
    pub(in crate::engine) fn end_as_half(&mut self, key: &LaneKey, record: &mut IntentRecord, reason: &str) {
        let winner = self.pairs.halves(record.id).and_then(|(_, partner)| partner).map(|half| half.intent);
        let step = Step { winner, ..Step::why("rejected/pair", reason) };
        self.transit(key, record, State::Rejected, step);
    }
}

/// Whether a person decided that what others wrote stands.
fn gave_way(record: &IntentRecord) -> bool {
    record.status.decided.values().any(|decided| decided.value == decided.remote)
}

/// Whether a person is asked since nobody can tell whether a write landed.
fn is_doubt(code: &str) -> bool {
    matches!(code, "review/undecided" | "review/ambiguity_exhausted")
}
