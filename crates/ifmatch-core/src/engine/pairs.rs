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
mod ended;

pub use ended::undo_of_half;

use super::lane::LaneKey;
use super::settle::Step;
use super::submit::lane_of;
use super::{Engine, Timer};
use crate::commit::{Op, Share};
use crate::dialect::{GIVEN, TAKEN};
use crate::ids::{IntentId, SourceName};
use crate::input::Submission;
use crate::intent::{Change, Intent, IntentError, Resource};
use crate::record::IntentRecord;
use crate::states::State;
use behind::{Meant, Whose};
use ifmatch_merge::{Change as Changed, Schema, get};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Under this prefix the store keeps a pair that has not ended.
const PAIR: &str = "pair/";

/// So long a half waits for its partner to be accepted.
const PARTNER_WAIT: SignedDuration = SignedDuration::from_mins(10);

/// Sets the id of the other half of an exchange apart from that of the intent that asks for it.
const PARTNER_MARK: u128 = 0x7C31_E05A_26D8_94BF;

/// The pairs of an org that have not ended.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    all: BTreeMap<String, Pair>,
    of: BTreeMap<IntentId, String>,
    /// The pairs with a half about each record.
    about: BTreeMap<Resource, BTreeSet<String>>,
    /// The halves that an intent comes after.
    after: BTreeMap<IntentId, Vec<(IntentId, Whose)>>,
}

/// One pair, as the store keeps it: `{"source": "north", "halves": [{"intent": "int_…", "resource": {…}, "end": "open"}]}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Pair {
    source: SourceName,
    /// One or two; two in the order in which they are written.
    halves: Vec<Half>,
    /// What takes back the half that landed, until that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    back: Option<IntentId>,
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
    /// Whether a person is asked about it.
    #[serde(skip)]
    asked: bool,
    /// Whether a write of it is under way, or a person is asked since nobody can tell what became of one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    away: bool,
    /// Its place in the order of acceptance.
    #[serde(default)]
    order: u64,
    /// What it means of its record.
    #[serde(default)]
    means: Meant,
    /// Newer intents that mean something of the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    followers: Vec<(IntentId, Whose)>,
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

    /// Whether an intent is a half of which nobody can tell whether it has landed. Its end would take its partner back, so no
    /// deadline ends it.
    pub(super) fn may_have_landed(&self, id: IntentId) -> bool {
        self.halves(id).is_some_and(|(half, _)| half.away)
    }

    /// The other half of the pair that an intent is half of.
    pub(super) fn partner(&self, id: IntentId) -> Option<IntentId> {
        self.halves(id)?.1.map(|half| half.intent)
    }

    fn stance(&self, id: IntentId) -> Stance {
        let Some((mine, partner)) = self.halves(id) else { return Stance::Goes };
        if mine.away && !mine.asked {
            // What became of its write is told first, also in a new life, which has forgotten that its partner merged.
            return Stance::Goes;
        }
        let Some(partner) = partner else { return Stance::Waits };
        match partner.end {
            End::Landed(_) | End::Stands => Stance::Goes,
            End::Failed(_) => Stance::Waits,
            // It may have landed: then nobody is asked about this one any more.
            End::Open if partner.away => Stance::Waits,
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

    /// Whether a record shows that a half of an exchange was written: what it gives away is gone, and what it gets is there.
    /// An element is in one place only, so it came here by an exchange, whatever others have made of it since.
    pub(super) fn has_exchanged(&self, share: &Share, schema: &Schema, value: &Value) -> bool {
        let exchanges = self.halves(share.intent).is_some_and(|(half, _)| half.exchanges);
        let stands = |change: &Changed| get(schema, value, &change.path).is_some() == change.after.is_some();
        let gets = share.changes.iter().any(|change| change.before.is_none());
        exchanges && gets && share.changes.iter().all(stands)
    }

    /// Whether an intent waits for its partner, or for an older half that means the same.
    pub(super) fn waits(&self, id: IntentId) -> bool {
        !self.of.is_empty() && (self.stance(id) == Stance::Waits || self.behind(id).is_some())
    }

    /// Why a half can never land with its partner; `None` where it can, and for all that are no halves. Half a pair that may
    /// have landed is no matter of its partner's end: a person is asked.
    pub(super) fn broken(&self, now: Timestamp, id: IntentId) -> Option<String> {
        let (mine, partner) = self.halves(id)?;
        match partner {
            _ if mine.away => None,
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
        Some(Submission { id, intent, fingerprint: None, keep: Vec::new(), ..submission.clone() })
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
            asked: false,
            away: false,
            order: record.order,
            means: Meant::of(&self.kind(&record.resource.kind).schema, &record.intent.change),
            followers: Vec::new(),
        };
        let pair =
            self.pairs.all.entry(key.clone()).or_insert_with(|| Pair { source, halves: Vec::new(), back: None, since });
        pair.halves.push(half);
        pair.halves.sort_by(|a, b| a.resource.cmp(&b.resource));
        self.pairs.of.insert(record.id, key.clone());
        self.pairs.about.entry(record.resource.clone()).or_default().insert(key.clone());
        self.keep_pair(&key);
    }

    /// Has the pair of an intent that is in its lane by now looked at, if it is half of one.
    pub(super) fn watch_half(&mut self, id: IntentId) {
        if let Some(key) = self.pairs.of.get(&id).cloned() {
            self.watch_pair(&key);
        }
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
            let members = pair.halves.iter().map(|half| half.intent).chain(pair.back);
            self.pairs.of.extend(members.map(|id| (id, key.clone())));
            for half in &pair.halves {
                self.pairs.about.entry(half.resource.clone()).or_default().insert(key.clone());
                for (id, whose) in &half.followers {
                    self.pairs.after.entry(*id).or_default().push((half.intent, *whose));
                }
            }
            self.pairs.all.insert(key.clone(), pair);
        }
    }

    /// Has every pair looked at, once its open halves are known.
    pub(super) fn watch_pairs(&mut self) {
        for half in self.pairs.all.values_mut().flat_map(|pair| &mut pair.halves) {
            let state = self.heads.get(&half.intent).map(|head| head.state);
            half.asked = state == Some(State::Review);
            half.away = state.is_some_and(State::is_unresolved) || (half.asked && half.away);
        }
        for id in self.pairs.after.keys().copied().collect::<Vec<_>>() {
            self.show_what_it_waits_for(id);
        }
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
            } else if self.pairs.broken(self.now, id).is_some() || self.pairs.held_up_by(id).is_some() {
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
            // From here on it waits for its partner, and what comes after it waits for whoever that one waits for.
            self.show_what_waits_for(*id);
        }
        !checked.is_empty()
    }
}

/// The element that a share takes away from its record.
fn given_away(share: &Share) -> Option<Value> {
    share.changes.iter().find(|step| step.after.is_none()).and_then(|step| step.before.clone())
}

/// Whether nothing shows so far what an intent waits for.
fn waits_unseen(record: &IntentRecord) -> bool {
    record.status.state == State::Accepted
}

/// The key under which the store keeps a pair.
fn kept(source: &SourceName, name: &str) -> String {
    format!("{PAIR}{}", json!([source, name]))
}
