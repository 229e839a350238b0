//! Pairs: two intents of one source that land both or not at all.
//!
//! The halves go one after the other, in the order of their records. Before the first is written, the second is composed
//! once and held back: what would not merge shows then, and nothing has been written. Where the first has landed and the
//! second ends otherwise, the first is taken back by an undo of its own: only the values that it wrote, and by way of a
//! person where somebody changed them since. Two halves are never held together, so pairs cannot wait for each other.

use super::lane::LaneKey;
use super::settle::Step;
use super::submit::lane_of;
use super::{Engine, Timer};
use crate::commit::{Op, Share};
use crate::ids::{IntentId, SourceName, Ticket};
use crate::input::Submission;
use crate::intent::{Change, Intent, IntentError, Origin, Resource};
use crate::record::IntentRecord;
use crate::states::State;
use crate::undo::inverse;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The system that names itself as the origin of an undo that the engine makes of half a pair; the record there names the
/// half that landed and the one that did not.
pub const PAIR_SYSTEM: &str = "ifmatch-pair";

/// Under this prefix the store keeps a pair that has not ended.
const PAIR: &str = "pair/";

/// So long a half waits for its partner to be accepted.
const PARTNER_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Sets the id of an undo apart from that of the half that it takes back.
const UNDO_MARK: u128 = 0x1A6B_0F5D_93C2_48E7;

/// The pairs of an org that have not ended.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    all: BTreeMap<String, Pair>,
    of: BTreeMap<IntentId, String>,
}

/// One pair, as the store keeps it: `{"source": "north", "halves": [{"intent": "int_…", "resource": {…}, "end": "open"}]}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pair {
    source: SourceName,
    /// One or two; two in the order in which they are written.
    halves: Vec<Half>,
    /// When the first one came, or this life of the engine began.
    #[serde(skip)]
    since: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Half {
    intent: IntentId,
    resource: Resource,
    end: End,
    /// Whether it was composed and would have been written.
    #[serde(skip)]
    checked: bool,
}

/// What has become of a half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum End {
    Open,
    /// It landed, and this takes it back.
    Landed(Box<Intent>),
    /// What it wants stands, and it wrote nothing to take back.
    Stands,
    /// It ended otherwise, in this state.
    Failed(State),
}

/// What a half may do for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stance {
    /// It is planned and sent.
    Goes,
    /// It is composed, and not written.
    IsChecked,
    /// It is left alone.
    Waits,
}

impl Pairs {
    /// Whether an intent can be half of the pair that it names.
    ///
    /// # Errors
    /// `invalid_pair`: the pair has two halves already, or this one is about the same record.
    pub(super) fn check(&self, source: &SourceName, intent: &Intent) -> Result<(), IntentError> {
        let Some(pair) = intent.pair.as_ref().and_then(|name| self.all.get(&kept(source, name))) else { return Ok(()) };
        let fail = |reason: &str| Err(IntentError::new("invalid_pair", "/pair", reason));
        match pair.halves.as_slice() {
            [only] if only.resource == intent.resource => fail("the halves of a pair are about two records"),
            [_] => Ok(()),
            _ => fail("the pair with this name has its two halves and has not ended"),
        }
    }

    /// The half that an intent is, and its partner.
    fn halves(&self, id: IntentId) -> Option<(&Half, Option<&Half>)> {
        let pair = self.all.get(self.of.get(&id)?)?;
        let mine = pair.halves.iter().find(|half| half.intent == id)?;
        Some((mine, pair.halves.iter().find(|half| half.intent != id)))
    }

    fn stance(&self, id: IntentId) -> Stance {
        let Some((mine, partner)) = self.halves(id) else { return Stance::Goes };
        let Some(partner) = partner else { return Stance::Waits };
        match partner.end {
            End::Landed(_) | End::Stands => Stance::Goes,
            End::Failed(_) => Stance::Waits,
            End::Open if mine.resource < partner.resource && partner.checked => Stance::Goes,
            End::Open if mine.resource < partner.resource || mine.checked => Stance::Waits,
            End::Open => Stance::IsChecked,
        }
    }

    /// Whether an intent waits for its partner.
    pub(super) fn waits(&self, id: IntentId) -> bool {
        !self.of.is_empty() && self.stance(id) == Stance::Waits
    }

    /// Why a half can never land with its partner; `None` where it can, and for all that are no halves.
    pub(super) fn broken(&self, now: Timestamp, id: IntentId) -> Option<String> {
        match self.halves(id)?.1 {
            Some(Half { intent, resource, end: End::Failed(state), .. }) => {
                Some(format!("its partner {intent} for {resource} ended {state}"))
            }
            Some(_) => None,
            None => {
                let pair = &self.all[&self.of[&id]];
                let came = now.duration_since(pair.since) < PARTNER_WAIT;
                (!came).then(|| format!("no partner of it came within {} minutes", PARTNER_WAIT.as_mins()))
            }
        }
    }
}

impl Engine {
    /// Notes an intent just accepted with the pair that it names.
    pub(super) fn note_half(&mut self, record: &IntentRecord) {
        let Some(name) = &record.intent.pair else { return };
        let key = kept(&record.source, name);
        let (source, since) = (record.source.clone(), self.now);
        let half = Half { intent: record.id, resource: record.resource.clone(), end: End::Open, checked: false };
        let pair = self.pairs.all.entry(key.clone()).or_insert_with(|| Pair { source, halves: Vec::new(), since });
        pair.halves.push(half);
        pair.halves.sort_by(|a, b| a.resource.cmp(&b.resource));
        self.pairs.of.insert(record.id, key.clone());
        self.keep_pair(&key);
        self.watch_pair(&key);
    }

    fn keep_pair(&mut self, key: &str) {
        let pair = self.pairs.all.get(key);
        let value = pair.map(|pair| serde_json::to_value(pair).expect("a pair is JSON"));
        self.commits.op(Op::Keep { key: key.to_owned(), value });
    }

    /// The pairs that the store kept.
    pub(super) fn restore_pairs(&mut self, facts: &[(String, Value)]) {
        for (key, value) in facts.iter().filter(|(key, _)| key.starts_with(PAIR)) {
            let Ok(mut pair) = Pair::deserialize(value) else { continue };
            pair.since = self.now;
            self.pairs.of.extend(pair.halves.iter().map(|half| (half.intent, key.clone())));
            self.pairs.all.insert(key.clone(), pair);
        }
    }

    /// Has every pair looked at, once its open halves are known.
    pub(super) fn watch_pairs(&mut self) {
        for key in self.pairs.all.keys().cloned().collect::<Vec<_>>() {
            self.watch_pair(&key);
        }
    }

    /// Has the open halves of a pair looked at: now, and a lone one again when it has waited for long enough.
    fn watch_pair(&mut self, key: &str) {
        let Some(pair) = self.pairs.all.get(key) else { return };
        let (since, alone) = (pair.since, pair.halves.len() == 1);
        let ids: Vec<IntentId> = pair.halves.iter().map(|half| half.intent).collect();
        for id in ids {
            let Some(lane) = self.heads.get(&id).map(lane_of) else { continue };
            if alone {
                self.timer(since + PARTNER_WAIT, Timer::Chore(lane));
            } else if self.pairs.broken(self.now, id).is_some() {
                self.lanes.add_chore(&lane);
            } else if self.lanes.look(&lane).is_some_and(|lane| lane.wake == super::lane::Wake::Idle) {
                self.make_ready(&lane);
            }
        }
    }

    /// Halves that were to be composed and not written, and that would have been written: they wait for their partners,
    /// which may go. Whether there are any.
    pub(super) fn checks_halves(
        &mut self,
        key: &LaneKey,
        material: &mut super::turn::Material,
        plan: &crate::plan::Plan,
    ) -> bool {
        if self.pairs.of.is_empty() {
            return false;
        }
        let carried = plan.shares.iter().map(|share| share.intent);
        let checked: Vec<IntentId> = carried.filter(|id| self.pairs.stance(*id) == Stance::IsChecked).collect();
        for id in &checked {
            let pair = self.pairs.of[id].clone();
            let halves = &mut self.pairs.all.get_mut(&pair).expect("the pair of a half").halves;
            halves.iter_mut().filter(|half| half.intent == *id).for_each(|half| half.checked = true);
            let partner = halves.iter().find(|half| half.intent != *id).map(|half| half.intent);
            let record = material.intents.iter_mut().find(|record| record.id == *id);
            if let (Some(record), Some(partner)) = (record.filter(|record| waits_unseen(record)), partner) {
                let step = Step::why("queued/pair", format!("it merges; its partner {partner} is written first"));
                self.transit(key, record, State::Queued, step);
            }
            self.watch_pair(&pair);
        }
        !checked.is_empty()
    }

    /// How a half is taken back, known before it is seen to have landed.
    pub(super) fn note_landing(&mut self, record: &IntentRecord, share: &Share, version: Option<u64>) {
        let Some((_, partner)) = self.pairs.halves(record.id) else { return };
        let others = partner.map(|half| format!(" without {} for {}", half.intent, half.resource)).unwrap_or_default();
        let origin =
            Origin { system: PAIR_SYSTEM.to_owned(), record: Some(format!("{}{others}", record.id)), sequence: None };
        let undo = inverse(record, share, version);
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
    pub(super) fn half_goes(&self, record: &IntentRecord, to: State, mut step: Step) -> (State, Step) {
        let code = step.code.clone().unwrap_or_default();
        let reason = step.reason.clone().unwrap_or_default();
        if to == State::Review && takes_back_half(&record.intent) {
            let halves = record.intent.origin.as_ref().and_then(|origin| origin.record.as_deref()).unwrap_or_default();
            step.code = Some("review/half_pair".to_owned());
            step.reason = Some(format!("half a pair stands, {halves}, and cannot be taken back: {reason}"));
            return (to, step);
        }
        let doubted = matches!(code.as_str(), "review/undecided" | "review/ambiguity_exhausted");
        match self.pairs.halves(record.id) {
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
    pub(super) fn half_went(&mut self, record: &IntentRecord) {
        let state = record.status.state;
        if !state.is_terminal() || !self.pairs.of.contains_key(&record.id) {
            return;
        }
        match state {
            // What landed was noted with what takes it back.
            State::Landed if self.pairs.halves(record.id).is_some_and(|(mine, _)| mine.end != End::Open) => {}
            State::Landed => self.end_half(record.id, End::Stands),
            State::Satisfied => self.end_half(record.id, End::Stands),
            _ => self.end_half(record.id, End::Failed(state)),
        }
        let key = self.pairs.of[&record.id].clone();
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
        let source = pair.source.clone();
        for half in self.pairs.all.remove(&key).map(|pair| pair.halves).unwrap_or_default() {
            self.pairs.of.remove(&half.intent);
        }
        self.keep_pair(&key);
        if let Some(undo) = undo {
            self.take_back(source, undo);
        }
    }

    /// Accepts the undo of half a pair, in the commit that ends the pair.
    fn take_back(&mut self, source: SourceName, undo: Intent) {
        let Change::Undo(change) = &undo.change else { return };
        let id = IntentId(change.intent.0 ^ UNDO_MARK);
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
        };
        self.take_in(submission, content);
    }

    /// Ends a half whose partner never came or ended otherwise.
    pub(super) fn end_as_half(&mut self, key: &LaneKey, record: &mut IntentRecord, reason: &str) {
        let winner = self.pairs.halves(record.id).and_then(|(_, partner)| partner).map(|half| half.intent);
        let step = Step { winner, ..Step::why("rejected/pair", reason) };
        self.transit(key, record, State::Rejected, step);
    }
}

/// Whether it takes back half a pair.
fn takes_back_half(intent: &Intent) -> bool {
    let ours = intent.origin.as_ref().is_some_and(|origin| origin.system == PAIR_SYSTEM);
    ours && matches!(intent.change, Change::Undo(_))
}

/// Whether nothing shows so far what an intent waits for.
fn waits_unseen(record: &IntentRecord) -> bool {
    record.status.state == State::Accepted
}

/// The key under which the store keeps a pair.
fn kept(source: &SourceName, name: &str) -> String {
    format!("{PAIR}{}", json!([source, name]))
}
