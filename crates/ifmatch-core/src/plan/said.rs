//! What the members of a source have said so far, for those of it that follow in the same composition.

use super::Canvas;
use super::base::Base;
use super::edit::covers;
use super::fate::MemberFate;
use super::outcome::Outcome;
use super::words::{spoken, take_place};
use crate::ids::{IntentId, SourceName};
use crate::record::IntentRecord;
use ifmatch_merge::{Change, Pointer, apply_to};
use serde_json::{Value, json};

/// What one member of a source said, for those after it.
pub(super) struct Said {
    intent: IntentId,
    pub(super) source: SourceName,
    /// The source's whole view after it, as far as it speaks.
    pub(super) view: Value,
    /// The same without what it has in review.
    pub(super) stood: Value,
    /// The bases of its paths, where it is held in review.
    pub(super) held: Vec<(Pointer, Base)>,
    /// Where its values stand, or will.
    words: Vec<Pointer>,
    /// Whether it says values, so that a newer value can say it all.
    is_value: bool,
}

impl Said {
    /// Whether it says what a path holds, and that stands.
    pub(super) fn has_word_at(&self, path: &Pointer) -> bool {
        self.is_value && self.words.iter().any(|at| at.is_prefix_of(path))
    }
}

impl Canvas<'_> {
    /// Whether nobody was heard before a member, and nobody follows.
    pub(super) fn is_alone(&self) -> bool {
        !self.has_more && self.said.is_empty()
    }

    /// Keeps what a member said for those of its source that follow.
    pub(super) fn hear(&mut self, record: &IntentRecord, outcome: &Outcome, changes: &[(Change, Base)]) {
        if self.has_more {
            let said = self.said_by(record, outcome, changes);
            self.said.push(said);
        }
        take_place(&mut self.row, record, outcome);
    }

    fn said_by(&mut self, record: &IntentRecord, outcome: &Outcome, changes: &[(Change, Base)]) -> Said {
        let schema = &self.ground.spec.schema;
        let before = self.said.iter().rev().find(|said| said.source == record.source);
        let before = before.map(|said| (said.view.clone(), said.stood.clone()));
        let settled = || {
            let shadow = self.row.sources.get(&record.source).map(|shadow| Value::clone(&shadow.value))?;
            Some((shadow.clone(), shadow))
        };
        let (mut view, mut stood) = before.or_else(settled).unwrap_or_default();
        let settled = self.row.sources.get(&record.source).map(|shadow| &shadow.settled);
        let add = |value: &mut Value| {
            if !value.is_object() {
                *value = json!({});
            }
            let spoken = spoken(schema, &outcome.said, !outcome.is_value, (value, settled));
            apply_to(schema, value, &spoken);
        };
        add(&mut view);
        if outcome.stands() {
            add(&mut stood);
        }
        let held = match outcome.fate {
            MemberFate::Review { .. } => {
                changes.iter().map(|(change, base)| (change.path.clone(), base.clone())).collect()
            }
            _ => Vec::new(),
        };
        if outcome.speaks() {
            // What it says in full waits under its name from here on.
            for said in self.said.iter_mut().filter(|said| said.source == record.source && said.is_value) {
                if said.held.iter().all(|(at, _)| outcome.covers(at)) {
                    said.held.clear();
                }
            }
        }
        Said {
            intent: record.id,
            source: record.source.clone(),
            view,
            stood,
            held,
            words: if outcome.stands() { outcome.paths.clone() } else { Vec::new() },
            is_value: outcome.is_value,
        }
    }

    /// An older member of the same source in review that this one overlaps and does not cover: it
    /// waits with it. What takes back half a pair waits for nobody's answer: it brings back what the question is about.
    pub(super) fn held_overlap(
        &self,
        record: &IntentRecord,
        paths: &[Pointer],
        whole: Option<&Value>,
    ) -> Option<(IntentId, Pointer)> {
        if !record.status.decided.is_empty() || record.intent.takes_back_half() {
            return None;
        }
        self.said.iter().filter(|said| said.source == record.source && !said.held.is_empty()).find_map(|said| {
            let covered = said.is_value && said.held.iter().all(|(at, _)| covers(whole, paths, at));
            let shared = said.held.iter().find(|(at, _)| paths.iter().any(|path| path.overlaps(at)));
            shared.filter(|_| !covered).map(|(at, _)| (said.intent, at.clone()))
        })
    }
}
