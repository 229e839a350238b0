//! What comes after half of a pair in its lane. An intent of the same source that means something of the same waits until the
//! half has gone, or the older word would land after the newer one. Once the half has landed, whoever means the same waits
//! until the pair is over: what may be taken back is nothing to go on from.
//!
//! What an intent means is known when it is accepted: the paths that it names, or the words of its verb.

use super::{End, Half, Pairs, Stance};
use crate::engine::Engine;
use crate::engine::lane::{LaneKey, Wake};
use crate::engine::settle::Step;
use crate::engine::submit::lane_of;
use crate::ids::IntentId;
use crate::intent::Change;
use crate::record::{Head, IntentRecord};
use crate::states::State;
use ifmatch_merge::{Pointer, Schema, patch_paths};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What of a record an intent means: `{"paths": ["/availability/status"]}`, `{"words": ["shift-17"]}`, or `"all"`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Meant {
    /// It cannot be told.
    #[default]
    All,
    Paths(Vec<Pointer>),
    /// The texts among the arguments of a verb: the ids of elements.
    Words(Vec<String>),
}

impl Meant {
    pub(super) fn of(schema: &Schema, change: &Change) -> Self {
        match change {
            Change::MergePatch(patch) => {
                Self::Paths(patch_paths(schema, patch).into_iter().map(|change| change.path).collect())
            }
            Change::Undo(undo) => Self::Paths(undo.changes.iter().map(|change| change.path.clone()).collect()),
            Change::Verb(verb) => {
                let texts = verb.args.as_object().into_iter().flatten().filter_map(|(_, arg)| arg.as_str());
                let words: Vec<String> = texts.map(str::to_owned).collect();
                if words.is_empty() { Self::All } else { Self::Words(words) }
            }
            _ => Self::All,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        let named = |paths: &[Pointer], words: &[String]| {
            let names = |path: &Pointer| path.segments().any(|segment| words.iter().any(|word| *word == *segment));
            paths.iter().any(names)
        };
        match (self, other) {
            (Self::All, _) | (_, Self::All) => true,
            (Self::Paths(a), Self::Paths(b)) => a.iter().any(|path| b.iter().any(|other| path.overlaps(other))),
            (Self::Words(a), Self::Words(b)) => a.iter().any(|word| b.contains(word)),
            (Self::Paths(paths), Self::Words(words)) | (Self::Words(words), Self::Paths(paths)) => named(paths, words),
        }
    }
}

/// Whose an intent is that comes after a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Whose {
    /// The source's of the half.
    Own,
    Anothers,
}

impl Pairs {
    /// The older half that an intent comes after, where that is in its way: one of the same source that has not gone yet, or
    /// one of any source that has landed, as long as it may be taken back. What overlaps a half that waits for a person joins
    /// that review, or takes its place, as ever.
    ///
    /// Of pairs that come after each other only the younger one waits, or each of them could wait for the other.
    pub(super) fn behind(&self, id: IntentId) -> Option<IntentId> {
        self.all_behind(id).next()
    }

    /// All of them.
    fn all_behind(&self, id: IntentId) -> impl Iterator<Item = IntentId> {
        let halves = self.after.get(&id).into_iter().flatten().filter(move |(half, _)| self.gives_way(id, *half));
        halves.filter(move |(half, whose)| self.bars(*half, *whose)).map(|(half, _)| *half)
    }

    /// Whether an intent lets a half go first that it comes after.
    fn gives_way(&self, id: IntentId, half: IntentId) -> bool {
        let (Some(mine), Some(other)) = (self.of.get(&id), self.of.get(&half)) else { return true };
        self.age(mine) > self.age(other) || !self.comes_after(other, mine)
    }

    /// Whether half of a pair comes after half of another one, directly or over pairs in between.
    fn comes_after(&self, key: &str, other: &str) -> bool {
        let (mut open, mut seen) = (vec![key], BTreeSet::new());
        while let Some(at) = open.pop() {
            if at == other {
                return true;
            }
            if seen.insert(at) {
                let halves = self.all.get(at).into_iter().flat_map(|pair| &pair.halves);
                let before = halves.filter_map(|half| self.after.get(&half.intent)).flatten();
                open.extend(before.filter_map(|(half, _)| self.of.get(half)).map(String::as_str));
            }
        }
        false
    }

    /// What takes back the pair of a half, where something does.
    fn taken_back_by(&self, id: IntentId) -> Option<IntentId> {
        self.all.get(self.of.get(&id)?)?.back
    }

    fn bars(&self, id: IntentId, whose: Whose) -> bool {
        let Some((half, partner)) = self.halves(id) else { return false };
        match half.end {
            End::Landed(_) => !partner.is_some_and(|partner| partner.asked),
            End::Open if whose == Whose::Own && !half.asked => {
                self.stance(id) != Stance::Goes || self.behind(id).is_some()
            }
            End::Open | End::Stands | End::Failed(_) => false,
        }
    }

    /// Place in the order of acceptance of the older half of a pair.
    fn age(&self, key: &str) -> Option<u64> {
        self.all.get(key)?.halves.iter().map(|half| half.order).min()
    }

    /// Notes an intent just accepted with the halves for its record that it comes after; the pairs that know more by that.
    fn follows(&mut self, record: &IntentRecord, meant: &Meant) -> Vec<String> {
        let mut known = Vec::new();
        for key in self.about.get(&record.resource).into_iter().flatten() {
            let pair = self.all.get_mut(key).expect("the pair of a record");
            let whose = if pair.source == record.source { Whose::Own } else { Whose::Anothers };
            let mut halves = pair.halves.iter_mut().filter(|half| half.intent != record.id);
            let meant = |half: &&mut Half| half.resource == record.resource && half.means.overlaps(meant);
            if let Some(half) = halves.find(meant) {
                half.followers.push((record.id, whose));
                self.after.entry(record.id).or_default().push((half.intent, whose));
                known.push(key.clone());
            }
        }
        known
    }

    /// What holds up an intent that waits, where that is a person who is asked: a half, and its partner that the person is
    /// asked about. The half is the intent itself, or one that it comes after, directly or over others in between.
    pub(super) fn held_up_by(&self, id: IntentId) -> Option<(IntentId, IntentId)> {
        let (mut open, mut seen) = (vec![id], BTreeSet::new());
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            let partner = self.halves(at).and_then(|(_, partner)| partner);
            if let Some(partner) = partner.filter(|partner| partner.asked && self.waits(at)) {
                return Some((at, partner.intent));
            }
            let over = partner.map(|partner| partner.intent).filter(|partner| self.behind(*partner).is_some());
            let before: Vec<IntentId> = self.all_behind(at).collect();
            // What it comes after itself is looked at first, in order.
            open.extend(over.into_iter().chain(before.into_iter().rev()));
        }
        None
    }

    /// All that may wait for a half: its partner, what comes after it, and what waits for those.
    fn waiting_on(&self, id: IntentId) -> BTreeSet<IntentId> {
        let (mut open, mut seen) = (vec![id], BTreeSet::new());
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                let (half, partner) = self.halves(at).unzip();
                open.extend(partner.flatten().map(|partner| partner.intent));
                open.extend(half.into_iter().flat_map(|half| half.followers.iter().map(|(id, _)| *id)));
            }
        }
        seen
    }
}

impl Engine {
    /// Has an intent just accepted wait for older halves that mean the same. What takes back half a pair waits for nothing.
    pub(in crate::engine) fn note_follower(&mut self, record: &IntentRecord) {
        if self.pairs.all.is_empty() || record.intent.takes_back_half() || record.intent.operation().is_some() {
            return;
        }
        let meant = Meant::of(&self.kind(&record.resource.kind).schema, &record.intent.change);
        for key in self.pairs.follows(record, &meant) {
            self.keep_pair(&key);
        }
    }

    /// Has an intent that waits say so, where what holds it up is a person.
    pub(in crate::engine) fn show_what_it_waits_for(&mut self, id: IntentId) {
        let lane = self.heads.get(&id).map(lane_of);
        if let Some(lane) = lane.filter(|_| self.pairs.held_up_by(id).is_some()) {
            self.lanes.add_chore(&lane);
        }
    }

    /// The same of all in a lane.
    pub(in crate::engine) fn show_what_members_wait_for(&mut self, key: &LaneKey) {
        if self.pairs.all.is_empty() {
            return;
        }
        let members = self.lanes.look(key).map(|lane| lane.members.values().copied().collect::<Vec<_>>());
        for id in members.unwrap_or_default() {
            self.show_what_it_waits_for(id);
        }
    }

    /// The same of a half and all that may wait for it.
    pub(in crate::engine) fn show_what_waits_for(&mut self, half: IntentId) {
        if self.pairs.all.is_empty() {
            return;
        }
        for id in self.pairs.waiting_on(half) {
            self.show_what_it_waits_for(id);
        }
    }

    /// Has the lanes of what comes after a half looked at again, directly or over others in between.
    pub(super) fn rouse_followers(&mut self, followers: &[(IntentId, Whose)]) {
        let waiting: BTreeSet<IntentId> = followers.iter().flat_map(|(id, _)| self.pairs.waiting_on(*id)).collect();
        for id in waiting {
            // It may come after another half by now, which waits for a person.
            self.show_what_it_waits_for(id);
            let Some(lane) = self.heads.get(&id).map(lane_of) else { continue };
            if self.lanes.look(&lane).is_some_and(|lane| lane.wake == Wake::Idle) {
                self.make_ready(&lane);
            }
        }
    }

    /// What is said of an intent that waits because a person is asked about another half; `None` where it is said already, or
    /// it does not wait for that.
    pub(in crate::engine) fn waits_for_person(&self, key: &LaneKey, record: &IntentRecord) -> Option<Step> {
        match record.status.state {
            State::Accepted | State::Queued | State::Parked => {}
            // The brake is off by now, or its time has come.
            State::Deferred if self.deferral(key, record).is_none() => {}
            _ => return None,
        }
        let (half, partner) = self.pairs.held_up_by(record.id)?;
        let reason = if half == record.id {
            format!("its partner {partner} waits for a person")
        } else {
            format!("it waits for {half}, whose partner {partner} waits for a person")
        };
        (record.status.reason.as_ref() != Some(&reason)).then(|| Step::why("queued/pair", reason))
    }

    /// Whether what an intent waits for is held back itself: a partner that has not come, or one that waits for a lock, a
    /// time or a person. A publish does not wait for such a pair, and waits for one that is under way.
    pub(in crate::engine) fn rests(&self, id: IntentId) -> bool {
        self.is_at_rest(id, &mut BTreeSet::new())
    }

    fn is_at_rest(&self, id: IntentId, seen: &mut BTreeSet<IntentId>) -> bool {
        if !self.pairs.waits(id) || !seen.insert(id) {
            return false;
        }
        if let Some(half) = self.pairs.behind(id) {
            return self.holds_up(half, seen);
        }
        let Some(partner) = self.pairs.partner(id) else { return true };
        let behind = self.pairs.behind(partner);
        self.heads.get(&partner).is_some_and(|head| self.is_held_back(head))
            || behind.is_some_and(|half| self.holds_up(half, seen))
    }

    /// Whether a half that others come after is held back, or where it has landed: its partner, or what takes it back.
    fn holds_up(&self, half: IntentId, seen: &mut BTreeSet<IntentId>) -> bool {
        let rest = || [self.pairs.partner(half), self.pairs.taken_back_by(half)].into_iter().flatten();
        let open = if self.heads.contains_key(&half) { vec![half] } else { rest().collect() };
        open.into_iter()
            .filter_map(|id| self.heads.get(&id))
            .any(|head| self.is_held_back(head) || self.is_at_rest(head.id, seen))
    }

    fn is_held_back(&self, head: &Head) -> bool {
        let wake = self.lanes.look(&lane_of(head)).map(|lane| &lane.wake);
        matches!(head.state, State::Parked | State::Deferred | State::Review)
            || matches!(wake, Some(Wake::Lock(_) | Wake::Brake))
            || head.not_before.is_some_and(|at| at > self.now)
    }
}
