//! What comes after half of a pair in its lane: an intent of the same source that means something of the same waits until the
//! half has gone, or the older word would land after the newer one.
//!
//! What an intent means is known when it is accepted: the paths that it names, or the words of its verb.

use super::{End, Pairs, Stance, takes_back_half};
use crate::engine::Engine;
use crate::engine::lane::Wake;
use crate::engine::settle::Step;
use crate::engine::submit::lane_of;
use crate::ids::IntentId;
use crate::intent::Change;
use crate::record::{Head, IntentRecord};
use crate::states::State;
use ifmatch_merge::{Pointer, Schema, patch_paths};
use serde::{Deserialize, Serialize};

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

impl Pairs {
    /// The older half that an intent comes after, where that has not gone yet.
    ///
    /// Of two pairs only the younger one waits, or each of them could wait for the other.
    pub(super) fn behind(&self, id: IntentId) -> Option<IntentId> {
        let mine = self.age(id);
        let stays = |half: &IntentId| {
            let open = self.halves(*half).is_some_and(|(half, _)| half.end == End::Open);
            open && (self.stance(*half) != Stance::Goes || self.behind(*half).is_some())
        };
        let older = |half: &IntentId| mine.is_none_or(|mine| self.age(*half).is_some_and(|age| age < mine));
        self.after.get(&id)?.iter().copied().find(|half| older(half) && stays(half))
    }

    /// Place in the order of acceptance of the older half of the pair that an intent is half of.
    fn age(&self, id: IntentId) -> Option<u64> {
        let pair = self.all.get(self.of.get(&id)?)?;
        pair.halves.iter().map(|half| half.order).min()
    }

    /// Notes an intent just accepted with the open halves of its source for its record that it comes after; the pairs that
    /// know more by that.
    fn follows(&mut self, record: &IntentRecord, meant: &Meant) -> Vec<String> {
        let mut known = Vec::new();
        for (key, pair) in self.all.iter_mut().filter(|(_, pair)| pair.source == record.source) {
            let older = pair.halves.iter_mut().filter(|half| half.intent != record.id && half.end == End::Open);
            for half in older.filter(|half| half.resource == record.resource && half.means.overlaps(meant)) {
                half.followers.push(record.id);
                self.after.entry(record.id).or_default().push(half.intent);
                known.push(key.clone());
            }
        }
        known
    }
}

impl Engine {
    /// Has an intent just accepted wait for older halves that mean the same. What takes back half a pair waits for nothing.
    pub(in crate::engine) fn note_follower(&mut self, record: &IntentRecord) {
        if self.pairs.of.is_empty() || takes_back_half(&record.intent) || record.intent.operation().is_some() {
            return;
        }
        let meant = Meant::of(&self.kind(&record.resource.kind).schema, &record.intent.change);
        for key in self.pairs.follows(record, &meant) {
            self.keep_pair(&key);
            self.watch_pair(&key);
        }
    }

    /// What is said of an intent that waits because a person is asked about another half; `None` where it is said already, or
    /// it does not wait for that.
    pub(in crate::engine) fn waits_for_person(&self, record: &IntentRecord) -> Option<Step> {
        if !matches!(record.status.state, State::Accepted | State::Queued | State::Parked) {
            return None;
        }
        let mut half = record.id;
        let partner = loop {
            match self.asked_of(half) {
                Some(partner) => break partner,
                None => half = self.pairs.behind(half)?,
            }
        };
        let reason = if half == record.id {
            format!("its partner {partner} waits for a person")
        } else {
            format!("it comes after {half} of the same source, whose partner {partner} waits for a person")
        };
        (record.status.reason.as_ref() != Some(&reason)).then(|| Step::why("queued/pair", reason))
    }

    /// The partner of a half, where that one waits for a person and the half for it.
    pub(super) fn asked_of(&self, id: IntentId) -> Option<IntentId> {
        let partner = self.pairs.partner(id)?;
        let asked = self.heads.get(&partner).is_some_and(|head| head.state == State::Review);
        (asked && self.pairs.stance(id) == Stance::Waits).then_some(partner)
    }

    /// Whether what an intent waits for is held back itself: a partner that has not come, or one that waits for a lock, a
    /// time or a person. A publish does not wait for such a pair, and waits for one that is under way.
    pub(in crate::engine) fn rests(&self, id: IntentId) -> bool {
        if !self.pairs.waits(id) {
            return false;
        }
        if let Some(half) = self.pairs.behind(id) {
            return self.rests(half) || self.heads.get(&half).is_some_and(|head| self.is_held_back(head));
        }
        let partner = self.pairs.partner(id);
        let head = partner.and_then(|partner| self.heads.get(&partner));
        head.is_none_or(|head| self.is_held_back(head) || self.pairs.behind(head.id).is_some())
    }

    fn is_held_back(&self, head: &Head) -> bool {
        let wake = self.lanes.look(&lane_of(head)).map(|lane| &lane.wake);
        matches!(head.state, State::Parked | State::Deferred | State::Review)
            || matches!(wake, Some(Wake::Lock(_) | Wake::Brake))
            || head.not_before.is_some_and(|at| at > self.now)
    }
}
