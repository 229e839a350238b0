//! The answer to a write: who landed, who was refused, and of whom nobody can tell.

use super::super::lane::LaneKey;
use super::super::recovered::value_lane;
use super::super::refusal::written_at;
use super::super::settle::Step;
use super::Engine;
use super::silent::Borne;
use crate::commit::{AttemptOutcome, AttemptRecord, Op, Share};
use crate::dialect::{Call, Fact, Guard, Processing, Reply};
use crate::evidence::{About, Class, Evidence};
use crate::ids::{AttemptId, TurnId};
use crate::intent::Resource;
use crate::plan::outcome_sentence;
use crate::record::{IntentRecord, Settled};
use crate::shadow::Snapshot;
use crate::silent::{Dropped, touches};
use crate::slip::Slip;
use crate::states::State;

impl Engine {
    /// The answer to a write.
    pub(in crate::engine) fn on_written(&mut self, turn: TurnId, attempt: &AttemptRecord, reply: Reply) {
        let (mut labels, mut unclear, mut unread) = (Vec::new(), Vec::new(), Vec::new());
        let Call::Write(items) = &attempt.call else { return };

        if let [item] = items.as_slice() {
            let key = value_lane(&item.resource);
            if self.lane(&key).unresolved.is_some() {
                return self.on_resent(turn, attempt, reply.facts.into_iter().next().map(|(_, fact)| fact));
            }
        }
        if let Some(processing) = taken_as_one(&reply) {
            return self.track(turn, attempt, processing);
        }
        let mut together = (items.len() > 1 && refused_as_one(&reply)).then_some(items.len());
        if together.is_some() && self.holds_them(&reply) {
            let keys: Vec<LaneKey> = items.iter().map(|item| value_lane(&item.resource)).collect();
            together = together.filter(|_| !self.sift(&keys));
        }
        for item in items {
            let key = value_lane(&item.resource);
            self.lane(&key).refused_together = together;
            let fact =
                reply.facts.iter().find(|(resource, _)| *resource == item.resource).map(|(_, fact)| fact.clone());
            match fact {
                Some(Fact::Written(written)) => {
                    if written.shown {
                        let row = self.turns[&turn].materials.get(&key).map(|material| material.row.clone());
                        self.note_move(attempt, &written.snapshot, row.as_deref());
                    }
                    match self.bear_out(turn, &key, attempt, &written) {
                        Borne::Settled => self.free(turn, &key),
                        Borne::Unread => unread.push(item.resource.clone()),
                    }
                }
                Some(Fact::Refused(evidence)) => {
                    labels.push(evidence.label.clone());
                    if evidence.class == Class::Ambiguous {
                        unclear.push((key, evidence));
                    } else {
                        self.write_refused(turn, &key, attempt, &evidence);
                    }
                }
                Some(Fact::Absent) => {
                    let evidence = Evidence::bare(Class::Absent, "404", "there is no such record");
                    self.write_refused(turn, &key, attempt, &evidence);
                }
                Some(Fact::Observed(_) | Fact::Found(_) | Fact::Operation(_) | Fact::Processing(_)) | None => {
                    let evidence =
                        Evidence::bare(Class::Ambiguous, "no result", "the answer does not name this record");
                    unclear.push((key, evidence));
                }
            }
        }
        self.make_ambiguous(turn, attempt, unclear);
        let outcome = AttemptOutcome::Answered(labels.first().cloned().unwrap_or_else(|| "accepted".to_owned()));
        self.commits.op(Op::AttemptDone { id: attempt.id, outcome, at: self.now });
        if !unread.is_empty() {
            self.ask(turn, Call::Read(unread));
        }
    }

    /// Whether a refusal of several records says, or is taken to say, that something holds them.
    fn holds_them(&self, reply: &Reply) -> bool {
        let holds = |(resource, fact): &(Resource, Fact)| match fact {
            Fact::Refused(evidence) => match evidence.class {
                Class::Lock | Class::InProgress | Class::Dependency => true,
                Class::Stale | Class::Bare => {
                    let key = value_lane(resource);
                    self.lanes.look(&key).is_some_and(|lane| lane.contended)
                }
                _ => false,
            },
            _ => false,
        };
        reply.facts.iter().all(holds)
    }

    /// The target took a write and shows what it made of it: the base moves; where the record holds what was written,
    /// sources' shadows move and intents land.
    pub(in crate::engine) fn land(
        &mut self,
        turn: TurnId,
        key: &LaneKey,
        attempt: &AttemptRecord,
        stands: &Snapshot,
        lost: &[Dropped],
    ) {
        self.has_right(key);
        self.learn_hold(key, attempt);
        let together = match &attempt.call {
            Call::Write(items) => items.len(),
            _ => 1,
        };
        self.sifted(key, together);
        self.landed_beside_lock(key, attempt, stands.version);
        if stands.writer.is_some() && self.is_surely_ours(key, attempt, stands) {
            self.own_writer.clone_from(&stands.writer);
        }
        self.note_stamp(key, stands);
        self.alerted.remove(&key.resource.kind);
        self.count_silent(key, lost);
        let mut material = self.take_material(turn, key);
        let mut snapshot = stands.clone();
        let mine = attempt.shares.iter().filter(|share| share.resource == key.resource);
        let (refused, shares): (Vec<&Share>, Vec<&Share>) =
            mine.partition(|share| lost.iter().any(|lost| touches(share, &lost.path)));
        let slip = self.slip_of(key, &material, attempt, &snapshot, true);
        self.forget_owed(key, &mut material);
        let (over, slip) = match slip {
            Some(slip) if self.is_looked_into(&slip, &shares, &material.intents) => (None, Some(slip)),
            over => (over, None),
        };
        for share in refused {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            let overwrote = over.as_ref().or(slip.as_ref()).map(Slip::untold);
            record.status.overwrote = overwrote.or(record.status.overwrote.take());
            self.review_silent(key, &mut material.row, record, share, lost, (attempt.id, snapshot.version));
        }
        for &share in &shares {
            let Some(record) = material.intents.iter_mut().find(|record| record.id == share.intent) else { continue };
            if let Some(slip) = &slip {
                self.track_slip(key, record, slip);
                continue;
            }
            record.status.overwrote = over.as_ref().map(Slip::untold).or(record.status.overwrote.take());
            let schema = &self.kind(&key.resource.kind).schema;
            share.confirm(&mut material.row, record, snapshot.version, schema);
            if record.proxied {
                snapshot.shown_to.insert(record.source.clone(), self.last_order);
            }
            // Where shares undo each other, a record that was not written does not bear them out.
            let bare = !lost.is_empty() && attempt.leaves(share, schema);
            let own = bare.then(|| share.without_changes());
            self.land_one(key, record, own.as_ref().unwrap_or(share), &snapshot, attempt.id);
        }
        match slip {
            Some(slip) => {
                let shares = shares.into_iter().cloned().collect();
                self.keep_slip(key, &mut material, Slip { shares, ..slip });
            }
            None => material.row.confirm(snapshot, self.last_order),
        }
        self.confirmed(turn, key);
        material.row_changed = true;
        material.intents.retain(|record| !record.status.state.is_terminal());
        self.put_material(turn, key, material);
        self.lane(key).written();
        let domain = self.dialect.lock_domain(&key.resource);
        self.release_lock(&domain);
    }

    /// Whether what the answer to a write shows came of that write. One that changes nothing leaves the version and the
    /// name of whoever wrote before, and where nobody checks versions that may be long after the one that it names.
    fn is_surely_ours(&self, key: &LaneKey, attempt: &AttemptRecord, shown: &Snapshot) -> bool {
        let (Some(from), Some(to)) = (written_at(attempt, key), shown.version) else { return false };
        to == from + 1 || (to > from && self.guard(&key.resource.kind) == Guard::Monotonic)
    }

    pub(in crate::engine) fn land_one(
        &mut self,
        key: &LaneKey,
        record: &mut IntentRecord,
        share: &Share,
        snapshot: &Snapshot,
        attempt: AttemptId,
    ) {
        let named = record.intent.base.as_ref().and_then(|base| base.version);
        let before = snapshot.version.map(|version| version.saturating_sub(1));
        let foreign = named.is_some() && named < before;
        let merged_with = foreign.then_some("others");
        let mut sentence = outcome_sentence(&share.changes, snapshot.version, merged_with);
        for (from, to) in &share.followed {
            sentence.push_str(&format!(", {from} found again as {to}"));
        }
        let result = Settled {
            version: snapshot.version,
            etag: snapshot.etag.clone(),
            id: record.intent.resource.id().is_none().then(|| key.resource.id().map(str::to_owned)).flatten(),
            revision: None,
        };
        self.note_landing(record, share, snapshot.version);
        let step = Step { reason: Some(sentence), result: Some(result), ..Step::default() };
        self.transit(key, record, State::Landed, step.attempt(attempt).by("target"));
    }
}

/// Whether one refusal was given for everything that a write carried.
fn refused_as_one(reply: &Reply) -> bool {
    let words = |fact: &Fact| match fact {
        Fact::Refused(evidence) if evidence.about == About::Whole => {
            Some((evidence.label.clone(), evidence.message.clone()))
        }
        _ => None,
    };
    let first = reply.facts.first().and_then(|(_, fact)| words(fact));
    first.is_some() && reply.facts.iter().all(|(_, fact)| words(fact) == first)
}

/// How everything that a write carried goes on, where the target has taken it all.
fn taken_as_one(reply: &Reply) -> Option<Processing> {
    let mut taken = reply.facts.iter().map(|(_, fact)| match fact {
        Fact::Processing(processing) => Some(processing),
        _ => None,
    });
    let first = taken.next()??;
    taken.all(|other| other.is_some()).then(|| first.clone())
}
