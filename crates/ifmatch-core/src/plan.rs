//! What one resource shall become: every pending intent composed onto what the target holds.
//!
//! Intents are taken in order of acceptance. Each is merged with the record as the ones before it
//! left it, the values of other sources counting as remote with that source as writer. What
//! cannot be merged stays out and gets its fate; the rest becomes one write.
//!
//! Pure: the same row, remote and members give the same [`Plan`].

mod answer;
mod base;
mod claim;
mod echo;
mod edit;
mod fate;
mod fields;
mod gone;
mod local;
mod member;
mod outcome;
mod ping_pong;
mod said;
mod say;
mod settle;
mod verb;
mod words;
mod writer;

pub(crate) use base::{Candidate, nearest};
pub use fate::MemberFate;
pub(crate) use say::{outcome_sentence, seconds};

use crate::commit::Share;
use crate::config::{EngineConfig, Sends};
use crate::dialect::{Dialect, KindSpec};
use crate::ids::{IntentId, SourceName};
use crate::intent::Change as Wish;
use crate::record::IntentRecord;
use crate::shadow::{ResourceRow, Snapshot};
use crate::states::State;
use ifmatch_merge::{Change, Pointer, Schema, json_equal, same};
use jiff::Timestamp;
use outcome::Outcome;
use said::Said;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the composition rests on.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// The dialect.
    pub dialect: &'a dyn Dialect,
    /// The kind of the resource.
    pub spec: &'a KindSpec,
    /// The sources and their policies.
    pub config: &'a EngineConfig,
    /// The time.
    pub now: Timestamp,
    /// What is known of the resource.
    pub row: &'a ResourceRow,
    /// What the target holds; `None` where there is no such record.
    pub remote: Option<&'a Snapshot>,
}

impl Ground<'_> {
    /// Whether a source sends whole records, each of which says all that it knows.
    fn sends_state(&self, source: &SourceName) -> bool {
        self.config.sources.get(source).is_some_and(|source| source.sends == Sends::State)
    }
}

/// What one resource shall become, and what becomes of each member.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The whole record as it stands in the target.
    pub from: Arc<Value>,
    /// The whole record as it shall stand; equal to `from` when there is nothing to write.
    pub to: Arc<Value>,
    /// The fate of each member, in order of acceptance.
    pub fates: Vec<(IntentId, MemberFate)>,
    /// The contribution of each member that the write carries.
    pub shares: Vec<Share>,
    /// The row with what the members that need no write have said; absent where they said nothing new.
    pub row: Option<ResourceRow>,
}

impl Plan {
    /// Whether there is anything to write.
    #[must_use]
    pub fn writes(&self) -> bool {
        !Arc::ptr_eq(&self.from, &self.to) && !json_equal(&self.from, &self.to)
    }
}

/// The record while it is being composed.
struct Canvas<'a> {
    ground: Ground<'a>,
    /// The record as the members so far left it.
    value: Arc<Value>,
    /// The source whose pending value stands at a path; `None` where a policy mixed several.
    pending: BTreeMap<Pointer, Option<SourceName>>,
    /// What was said so far by members of each source, newest last.
    said: Vec<Said>,
    /// Whether members follow for whom that is kept.
    has_more: bool,
    /// List elements removed by members of this composition.
    removed: BTreeMap<Pointer, IntentId>,
    /// For members whose elements the target holds under other keys: from where to where.
    followed: BTreeMap<IntentId, Vec<(Pointer, Pointer)>>,
    row: Cow<'a, ResourceRow>,
}

/// Composes the members of one resource, in order of acceptance, those in review included.
#[must_use]
pub fn compose(ground: Ground<'_>, members: &[IntentRecord]) -> Plan {
    let nothing = || Arc::new(Value::Object(serde_json::Map::new()));
    let from = ground.remote.map_or_else(nothing, |remote| remote.value.clone());
    let mut canvas = Canvas {
        ground,
        value: Arc::clone(&from),
        pending: BTreeMap::new(),
        said: Vec::new(),
        has_more: true,
        removed: ground.row.removed.clone(),
        followed: BTreeMap::new(),
        row: Cow::Borrowed(ground.row),
    };
    let mut outcomes: Vec<Outcome> = Vec::new();
    for (at, record) in members.iter().enumerate() {
        canvas.has_more = at + 1 < members.len();
        let outcome = canvas.take(record);
        outcomes.push(outcome);
    }
    supersede(&ground.spec.schema, members, &mut outcomes);
    // What only spells the record otherwise changes nothing.
    let unchanged = Arc::ptr_eq(&from, &canvas.value) || ground.dialect.alike(&from, &canvas.value);
    let to = if unchanged { Arc::clone(&from) } else { canvas.value };
    let mut row = canvas.row;
    let mut plan = Plan { from, to, fates: Vec::new(), shares: Vec::new(), row: None };
    for (record, outcome) in members.iter().zip(outcomes) {
        words::remember(&mut row, &ground.spec.schema, record, &outcome);
        if let MemberFate::Carried { .. } = outcome.fate {
            plan.shares.push(Share {
                intent: record.id,
                resource: ground.row.resource.clone(),
                changes: outcome.changes,
                said: outcome.said,
                followed: canvas.followed.remove(&record.id).unwrap_or_default(),
            });
        }
        plan.fates.push((record.id, outcome.fate));
    }
    if let Cow::Owned(row) = row
        && row != *ground.row
    {
        plan.row = Some(row);
    }
    plan
}

/// A newer intent of the same source that covers every path of an older one supersedes it; one
/// that merely overlaps an older one in review joins the review.
fn supersede(schema: &Schema, members: &[IntentRecord], outcomes: &mut [Outcome]) {
    for older in 0..members.len() {
        for newer in older + 1..members.len() {
            if members[older].source != members[newer].source || !outcomes[older].is_open() {
                continue;
            }
            if matches!(members[newer].intent.change, Wish::Undo(_)) {
                // It takes back what another intent wrote, and is no word about what this one wants.
                continue;
            }
            let (left, right) = outcomes.split_at_mut(newer);
            let (old, new) = (&mut left[older], &mut right[0]);
            if old.paths.is_empty() || !new.speaks() {
                continue;
            }
            // Another's value on the canvas stays there: only a newer one that stands takes its place.
            let replaces = matches!(old.fate, MemberFate::Review { .. }) || new.stands();
            if only_repeats(schema, &members[newer], old, new) {
                continue;
            }
            if old.is_value && replaces && old.paths.iter().all(|path| new.covers(path)) {
                new.inherit(schema, old);
                new.go_on_from(old, |word| {
                    word.local.is_some() && base::shows(schema, &members[newer], &word.path, word.local.as_ref())
                });
                old.fate = MemberFate::Superseded {
                    by: Some(members[newer].id),
                    code: "superseded/newer_intent",
                    reason: format!("{} of the same source covers every path", members[newer].id),
                };
            }
        }
    }
}

/// Whether a member shows as its base the very value that an older one is about to write, and says no other: alone it
/// would change nothing, so the older one goes on.
fn only_repeats(schema: &Schema, record: &IntentRecord, old: &Outcome, new: &Outcome) -> bool {
    let repeats = |change: &Change| {
        let after = change.after.as_ref();
        let says = |said: &Change| said.path == change.path && same(said.after.as_ref(), after);
        after.is_some() && base::shows(schema, record, &change.path, after) && new.said.iter().any(says)
    };
    matches!(old.fate, MemberFate::Carried { .. }) && old.changes.iter().any(repeats)
}

/// Whether a record waits for a person and nothing has been decided.
pub(crate) fn is_held(record: &IntentRecord) -> bool {
    record.status.state == State::Review
}

#[cfg(test)]
mod tests;
