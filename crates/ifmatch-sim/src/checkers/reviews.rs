//! Every review that was opened, also where it was settled later, and what it was opened for: by what the ledger shows, not
//! by what its code says.

use super::evidence::{Evidence, OURS, touches, word};
use super::{needless, shifts};
use crate::records::{alike, path_of, value_at};
use crate::world::World;
use ifmatch_core::merge::Pointer;
use ifmatch_core::{Change, ConflictNote, IntentId, IntentRecord, IntentStatus, Limits, State};
use ifmatch_sandbox::LedgerEntry;
use serde::{Deserialize, Serialize};

/// What reviews were opened for; the words are those of "needless review".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviews {
    /// Somebody else wrote, or was about to write, what the intent wants otherwise, and its source had not seen that.
    pub overlaps: u64,
    /// Nobody did, and nothing that the gateway could get to know tells so.
    pub undecided: u64,
    /// A rule, a policy or an earlier review demands it.
    pub demanded: u64,
    /// None of these.
    pub needless: u64,
}

impl Reviews {
    /// So many needless ones for each true overlap are borne with.
    pub const NEEDLESS_PER_OVERLAP_MAX: f64 = 0.05;

    /// All of them.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.overlaps + self.undecided + self.demanded + self.needless
    }

    /// Needless ones for each true overlap; where there was none of those, as if there had been one.
    #[must_use]
    pub fn needless_per_overlap(&self) -> f64 {
        self.needless as f64 / self.overlaps.max(1) as f64
    }

    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        self.overlaps += other.overlaps;
        self.undecided += other.undecided;
        self.demanded += other.demanded;
        self.needless += other.needless;
    }

    fn note(&mut self, ground: Ground) {
        *match ground {
            Ground::Overlap => &mut self.overlaps,
            Ground::Undecided => &mut self.undecided,
            Ground::Demanded => &mut self.demanded,
            Ground::Needless => &mut self.needless,
        } += 1;
    }
}

/// A review as it was opened, or the refusal that its source wants in its place.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    intent: IntentId,
    /// Which case, without the state.
    code: String,
    conflict: Vec<ConflictNote>,
    /// What it is about.
    paths: Vec<Pointer>,
    /// How many entries the ledger had.
    entries: usize,
}

impl Opened {
    /// What a status opens that follows another one of its intent.
    pub(crate) fn of(id: IntentId, last: Option<&IntentStatus>, status: &IntentStatus, entries: usize) -> Option<Self> {
        let asks = |status: &IntentStatus| match status.state {
            State::Review => true,
            State::Rejected => !status.conflict.is_empty(),
            _ => false,
        };
        let code = status.code.as_deref()?.split_once('/')?.1.to_owned();
        let edits = status.edits.iter().map(|edit| &edit.path);
        let paths = edits.chain(status.conflict.iter().map(|note| &note.path)).cloned().collect();
        let opens = asks(status) && !last.is_some_and(asks);
        opens.then(|| Self { intent: id, code, conflict: status.conflict.clone(), paths, entries })
    }
}

/// What a review was opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ground {
    Overlap,
    Undecided,
    Demanded,
    Needless,
}

/// What the reviews of a world were opened for.
pub(super) fn count(world: &World, evidence: &Evidence) -> Reviews {
    let mut reviews = Reviews::default();
    for (at, opened) in world.opened.iter().enumerate() {
        if let Some(record) = evidence.intents.get(&opened.intent) {
            reviews.note(ground(world, evidence, record, opened, &world.opened[..at]));
        }
    }
    reviews
}

fn ground(world: &World, evidence: &Evidence, record: &IntentRecord, opened: &Opened, before: &[Opened]) -> Ground {
    let notes = &opened.conflict;
    if notes.iter().any(|note| overlaps(world, evidence, record, opened, note)) {
        return Ground::Overlap;
    }
    let goes_back = || notes.iter().any(|note| needless::goes_back(evidence, record, note));
    let doubted = || notes.iter().any(|note| needless::is_doubted(world, evidence, record, note));
    let (holds, ground) = match opened.code.as_str() {
        "true_conflict" | "stale" | "joined" => match () {
            () if goes_back() || hangs_on_earlier(evidence, record, opened, before) => (true, Ground::Demanded),
            () => (tells_nothing(world, record) || doubted(), Ground::Undecided),
        },
        "unknown_base" | "no_base" => {
            let shown = notes.iter().all(|note| needless::shows_what_stood(world, evidence, record, note));
            (!shown, Ground::Undecided)
        }
        "merges_exhausted" => {
            let moves = needless::moves(world, evidence, record) + world.process.crashes as usize;
            (moves >= Limits::default().merges_max as usize, Ground::Demanded)
        }
        "undecided" | "ambiguity_exhausted" | "lag_exhausted" | "ambiguous_local_time" | "missing_local_time" => {
            (true, Ground::Undecided)
        }
        _ => (true, Ground::Demanded),
    };
    if holds { ground } else { Ground::Needless }
}

/// Whether somebody else wrote at the path of a conflict after the source had looked, or another source was about to, and
/// what they wrote is not what the intent wants there.
fn overlaps(world: &World, evidence: &Evidence, record: &IntentRecord, opened: &Opened, note: &ConflictNote) -> bool {
    if let Some(overlaps) = shifts::is_needed(world, evidence, record, note) {
        return overlaps;
    }
    let path = path_of(&record.resource).unwrap_or_default();
    let (at, source) = (note.path.as_str(), record.source.as_str());
    let known = evidence.replaced(record.id).into_iter().chain([record]);
    let since = known.filter_map(|record| sight(world, evidence, record, opened, at)).min();
    let another =
        |entry: &&LedgerEntry| entry.actor != OURS || evidence.sources(entry, at).iter().any(|by| by != source);
    let later = evidence.first(opened.entries);
    let later = later.filter(|entry| entry.path == path && Some(entry.to_version) > since).filter(another);
    let here = |other: &str| other.parse().is_ok_and(|other: Pointer| other.overlaps(&note.path));
    let mut changes = later.flat_map(|entry| &entry.changes).filter(|change| here(&change.path));
    let field = note.path.segments().next().unwrap_or_default();
    let writer = |other: &&IntentRecord| {
        let is = note.remote_writer.as_deref() == Some(other.source.as_str());
        is && other.resource == record.resource && other.source != record.source
    };
    let mut pending = evidence.intents.values().filter(writer);
    changes.any(|change| !alike(change.after.as_ref(), note.local.as_ref()))
        || pending.any(|other| alike(word(other, &field).as_deref(), note.remote.as_ref()))
}

/// The version of the record that the source of an intent knew at a path: the one that it saw, the one that it takes back
/// or, where it names none, that of its own last word there.
fn sight(world: &World, evidence: &Evidence, record: &IntentRecord, opened: &Opened, at: &str) -> Option<u64> {
    let told = world.truth.told.get(&record.id)?;
    let base = record.intent.base.as_ref();
    if let Change::Undo(_) = record.intent.change {
        return base?.version;
    }
    let path = path_of(&record.resource)?;
    let mut before = evidence.first(opened.entries).rev().filter(|entry| entry.path == path);
    let own = |entry: &&LedgerEntry| is_own_word(evidence, record, entry, at);
    match before.find(own).map(|entry| entry.to_version).max(told.sight).filter(|_| base.is_none()) {
        Some(known) => Some(known),
        None => told.saw["version"].as_u64(),
    }
}

/// Whether an entry is what an earlier intent of the same source says of a path, and nobody else had a part in it.
fn is_own_word(evidence: &Evidence, record: &IntentRecord, entry: &LedgerEntry, at: &str) -> bool {
    let earlier = |other: &IntentRecord| other.source == record.source && other.order < record.order;
    let mut shares = evidence.shares(entry).iter().filter(|share| touches(share, at)).peekable();
    let change = entry.changes.iter().find(|change| change.path == at);
    let said = |other: &IntentRecord| match &other.intent.change {
        Change::MergePatch(wanted) | Change::Desired(wanted) => {
            let wanted = value_at(&record.resource.kind, wanted, at);
            change.is_some_and(|change| alike(wanted, change.after.as_ref()))
        }
        _ => true,
    };
    shares.peek().is_some()
        && shares.all(|share| evidence.intents.get(&share.intent).is_some_and(|other| earlier(other) && said(other)))
}

/// Whether nothing in an intent tells the gateway what its source knew: it names nothing and has looked elsewhere, or it
/// names a version that the gateway never saw.
fn tells_nothing(world: &World, record: &IntentRecord) -> bool {
    let Some(told) = world.truth.told.get(&record.id) else { return false };
    match &record.intent.base {
        None => told.shown < told.sight,
        Some(base) if base.value.is_some() => false,
        Some(base) => {
            let row = world.store.borrow_mut().row(&world.org(), &record.resource).ok().flatten();
            base.version.is_some_and(|version| row.is_none_or(|row| row.at_version(version).is_none()))
        }
    }
}

/// Whether an earlier wish of the same source was stuck where this one goes on.
fn hangs_on_earlier(evidence: &Evidence, record: &IntentRecord, opened: &Opened, before: &[Opened]) -> bool {
    let own = |other: &&Opened| {
        let other = evidence.intents.get(&other.intent).filter(|other| other.id != record.id);
        other.is_some_and(|other| other.source == record.source && other.resource == record.resource)
    };
    let mut stuck = before.iter().filter(own).flat_map(|other| &other.paths);
    stuck.any(|stuck| opened.paths.iter().any(|path| path.overlaps(stuck)))
}

#[cfg(test)]
mod tests;
