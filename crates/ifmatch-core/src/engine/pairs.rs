//! Pairs: two intents of one source that land both or not at all.
//!
//! The halves go one after the other, in the order of their records. Before the first is written, the second is composed
//! once and held back: what would not merge shows then, and nothing has been written. Where the first has landed and the
//! second ends otherwise, the first is taken back by an undo of its own: only the values that it wrote, and by way of a
//! person where somebody changed them since. Two halves are never held together, so pairs cannot wait for each other.
//!
//! An exchange is a pair that is made here of one intent: each record gives an element and gets the one that the other gives. The
//! first half is composed once, and held back, to see what it gives; then it goes as any pair. What has landed at the first is
//! what the second must still hold, and what it gets.

mod behind;

use super::lane::LaneKey;
use super::settle::Step;
use super::submit::lane_of;
use super::{Engine, Timer};
use crate::commit::{Op, Share};
use crate::dialect::{GIVEN, TAKEN};
use crate::ids::{IntentId, SourceName, Ticket};
use crate::input::Submission;
use crate::intent::{Change, Intent, IntentError, Origin, Resource};
use crate::record::IntentRecord;
use crate::states::State;
use crate::undo::inverse;
use behind::Meant;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The system that names itself as the origin of an undo that the engine makes of half a pair; the record there names the
/// half that landed and the one that did not.
pub const PAIR_SYSTEM: &str = "ifmatch-pair";

/// Under this prefix the store keeps a pair that has not ended.
const PAIR: &str = "pair/";

/// So long a half waits for its partner to be accepted.
const PARTNER_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Sets the id of an undo apart from that of the half that it takes back.
const UNDO_MARK: u128 = 0x1A6B_0F5D_93C2_48E7;

/// Sets the id of the other half of an exchange apart from that of the intent that asks for it.
const PARTNER_MARK: u128 = 0x7C31_E05A_26D8_94BF;

/// The pairs of an org that have not ended.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    all: BTreeMap<String, Pair>,
    of: BTreeMap<IntentId, String>,
    /// The halves that an intent of their source comes after.
    after: BTreeMap<IntentId, Vec<IntentId>>,
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
    /// Whether it gives an element for one of its partner's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    exchanges: bool,
    /// What it gives, as last composed.
    #[serde(skip)]
    gives: Option<Value>,
    /// Its place in the order of acceptance.
    #[serde(default)]
    order: u64,
    /// What it means of its record.
    #[serde(default)]
    means: Meant,
    /// Newer intents of its source that mean something of the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    followers: Vec<IntentId>,
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

    /// The other half of the pair that an intent is half of.
    pub(super) fn partner(&self, id: IntentId) -> Option<IntentId> {
        self.halves(id)?.1.map(|half| half.intent)
    }

    fn stance(&self, id: IntentId) -> Stance {
        let Some((mine, partner)) = self.halves(id) else { return Stance::Goes };
        let Some(partner) = partner else { return Stance::Waits };
        match partner.end {
            End::Landed(_) | End::Stands => Stance::Goes,
            End::Failed(_) => Stance::Waits,
            End::Open if mine.resource < partner.resource && partner.checked => Stance::Goes,
            // What the first gives must be known before the second is looked at.
            End::Open if mine.exchanges && mine.resource < partner.resource && !mine.checked => Stance::IsChecked,
            End::Open if mine.exchanges && mine.resource > partner.resource && !partner.checked => Stance::Waits,
            End::Open if mine.resource < partner.resource || mine.checked => Stance::Waits,
            End::Open => Stance::IsChecked,
        }
    }

    /// Half of an exchange with what its partner gives, as far as that is known, and with what that one was given.
    pub(super) fn exchanged(&self, mut record: IntentRecord) -> IntentRecord {
        let Some((Half { exchanges: true, .. }, Some(partner))) = self.halves(record.id) else { return record };
        let goes = self.stance(record.id) == Stance::Goes;
        let (taken, given) = match &partner.end {
            End::Landed(undo) => (put_back(undo), taken_back(undo)),
            End::Open => (partner.gives.clone(), None),
            End::Stands | End::Failed(_) => (None, None),
        };
        let mut intent = Intent::clone(&record.intent);
        if let Change::Verb(verb) = &mut intent.change
            && let Some(args) = verb.args.as_object_mut()
        {
            let taken = taken.or_else(|| goes.then_some(Value::Null));
            args.extend(taken.map(|taken| (TAKEN.to_owned(), taken)));
            args.extend(given.map(|given| (GIVEN.to_owned(), given)));
        }
        record.intent = Arc::new(intent);
        record
    }

    /// Whether an intent waits for its partner, or for an older half that means the same.
    pub(super) fn waits(&self, id: IntentId) -> bool {
        !self.of.is_empty() && (self.stance(id) == Stance::Waits || self.behind(id).is_some())
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

/// What an undo puts back that the undone half gave away.
fn put_back(undo: &Intent) -> Option<Value> {
    let Change::Undo(undo) = &undo.change else { return None };
    undo.changes.iter().find(|step| step.before.is_none()).and_then(|step| step.after.clone())
}

/// What an undo takes away that the undone half was given.
fn taken_back(undo: &Intent) -> Option<Value> {
    let Change::Undo(undo) = &undo.change else { return None };
    undo.changes.iter().find(|step| step.after.is_none()).and_then(|step| step.before.clone())
}

impl Engine {
    /// The other half of an intent about two records: an exchange, or what takes back a pair.
    pub(super) fn partner_of(&self, submission: &Submission) -> Option<Submission> {
        let intent = &submission.intent;
        let intent = match &intent.change {
            Change::Verb(verb) => {
                let (resource, verb) = self.dialect.exchange(&intent.resource, verb)?;
                let change = Change::Verb(verb);
                Intent { idempotency_key: None, resource, change, base: None, ..intent.clone() }
            }
            Change::Undo(undo) => Intent::clone(undo.also.as_ref()?),
            _ => return None,
        };
        let id = IntentId(submission.id.0 ^ PARTNER_MARK);
        Some(Submission { id, intent, fingerprint: None, ..submission.clone() })
    }

    /// Notes an intent just accepted with the pair that it names.
    pub(super) fn note_half(&mut self, record: &IntentRecord) {
        let Some(name) = &record.intent.pair else { return };
        let key = kept(&record.source, name);
        let (source, since) = (record.source.clone(), self.now);
        let verb = match &record.intent.change {
            Change::Verb(verb) => Some(verb),
            _ => None,
        };
        let exchanges = verb.is_some_and(|verb| self.dialect.exchange(&record.resource, verb).is_some());
        let (intent, resource) = (record.id, record.resource.clone());
        let half = Half {
            intent,
            resource,
            end: End::Open,
            checked: false,
            exchanges,
            gives: None,
            order: record.order,
            means: Meant::of(&self.kind(&record.resource.kind).schema, &record.intent.change),
            followers: Vec::new(),
        };
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
            for half in &pair.halves {
                half.followers.iter().for_each(|id| self.pairs.after.entry(*id).or_default().push(half.intent));
            }
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
            } else if self.pairs.broken(self.now, id).is_some() || self.asked_of(id).is_some() {
                self.lanes.add_chore(&lane);
            } else if self.lanes.look(&lane).is_some_and(|lane| lane.wake == super::lane::Wake::Idle) {
                self.make_ready(&lane);
            }
        }
    }

    /// Halves that were to be composed and not written, and that would have been written: they wait for their partners,
    /// which may go. Whether there are any: then what is left is composed again, and may have others among it.
    pub(super) fn checks_halves(
        &mut self,
        key: &LaneKey,
        material: &mut super::turn::Material,
        plan: &crate::plan::Plan,
    ) -> bool {
        if self.pairs.of.is_empty() {
            return false;
        }
        let is_checked = |share: &&Share| self.pairs.stance(share.intent) == Stance::IsChecked;
        let checked: Vec<(IntentId, Option<Value>)> =
            plan.shares.iter().filter(is_checked).map(|share| (share.intent, given_away(share))).collect();
        for (id, gives) in &checked {
            let pair = self.pairs.of[id].clone();
            let halves = &mut self.pairs.all.get_mut(&pair).expect("the pair of a half").halves;
            for half in halves.iter_mut().filter(|half| half.intent == *id) {
                (half.checked, half.gives) = (true, gives.clone());
            }
            let first = halves.first().is_some_and(|half| half.intent == *id);
            let partner = halves.iter().find(|half| half.intent != *id).map(|half| half.intent);
            let record = material.intents.iter_mut().find(|record| record.id == *id);
            if let (Some(record), Some(partner)) = (record.filter(|record| waits_unseen(record)), partner) {
                let comes = if first { "is looked at" } else { "is written" };
                let step = Step::why("queued/pair", format!("it merges; its partner {partner} {comes} first"));
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
        if !self.pairs.of.contains_key(&record.id) {
            return;
        }
        if !state.is_terminal() {
            return self.half_rests(record.id, state);
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
            for id in half.followers {
                let halves = self.pairs.after.get_mut(&id);
                halves.into_iter().for_each(|halves| halves.retain(|other| *other != half.intent));
                if self.pairs.after.get(&id).is_some_and(Vec::is_empty) {
                    self.pairs.after.remove(&id);
                }
            }
        }
        self.keep_pair(&key);
        if let Some(undo) = undo {
            self.take_back(source, undo);
        }
    }

    /// Half of a pair is held back: what its partner shows, and what waits for that one, may change by it.
    fn half_rests(&mut self, id: IntentId, state: State) {
        if !matches!(state, State::Parked | State::Deferred | State::Review) {
            return;
        }
        let partner = self.pairs.partner(id);
        if let Some(lane) = partner.and_then(|partner| self.heads.get(&partner)).map(lane_of) {
            self.lift_barriers(&lane);
        }
        if state == State::Review {
            // What the person decides is composed anew before the other half may go.
            let key = self.pairs.of[&id].clone();
            let halves = self.pairs.all.get_mut(&key).map(|pair| pair.halves.iter_mut()).into_iter().flatten();
            halves.filter(|half| half.intent == id).for_each(|half| half.checked = false);
            self.watch_pair(&key);
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

/// The element that a share takes away from its record.
fn given_away(share: &Share) -> Option<Value> {
    share.changes.iter().find(|step| step.after.is_none()).and_then(|step| step.before.clone())
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
