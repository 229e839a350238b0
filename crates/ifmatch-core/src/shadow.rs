//! What is known of a resource: the target's confirmed representations, and what each source said.

use crate::ids::{IntentId, SourceName};
use crate::intent::Resource;
use crate::silent::Check;
use crate::slip::{Owed, Slip};
use ifmatch_merge::{Pointer, present};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One confirmed representation of a resource.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The representation as the target spells it, server-managed fields included. Shared: it is
    /// kept, loaded and planned with far more often than it changes.
    pub value: Arc<Value>,
    /// Its version, where the target has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Its tag byte for byte, where the target sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// Who wrote it, as far as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writer: Option<String>,
    /// When it was written, as far as the target says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_at: Option<Timestamp>,
    /// When the target last confirmed it to us.
    pub read_at: Timestamp,
    /// The last intent that was accepted when the target first confirmed it, by the order of acceptance: for those after it,
    /// it stood there. No clock says so: it may be set back between two lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_after: Option<u64>,
    /// Sources that were shown this representation through us, and after which intent, by the order of acceptance, first.
    /// What a source sends later may be made from it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown_to: BTreeMap<SourceName, u64>,
}

impl Snapshot {
    /// Whether it was known to stand there before an intent was accepted, which has this place in the order of acceptance.
    #[must_use]
    pub fn is_seen_before(&self, order: u64) -> bool {
        self.seen_after.is_some_and(|after| after < order)
    }

    /// Whether the target says that it was written before an instant of its clock; ours tells that to a second at best.
    #[must_use]
    pub fn was_written_before(&self, instant: Timestamp) -> bool {
        let margin = SignedDuration::from_secs(1);
        self.modified_at.is_some_and(|written| written + margin <= instant)
    }
}

/// Everything known of one resource, stored as one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceRow {
    /// The resource.
    pub resource: Resource,
    /// Target shadow: confirmed representations, oldest first, at most [`ResourceRow::HISTORY_MAX`].
    #[serde(default)]
    pub history: Vec<Snapshot>,
    /// Whether the target last said that there is no such record.
    #[serde(default)]
    pub absent: bool,
    /// Highest version seen or implied: no read below it is believed.
    #[serde(default)]
    pub floor: u64,
    /// What each source said.
    #[serde(default)]
    pub sources: BTreeMap<SourceName, SourceShadow>,
    /// List elements that an intent of ours removed: address to the intent. Names the culprit when
    /// a later verb misses the element.
    #[serde(default)]
    pub removed: BTreeMap<Pointer, IntentId>,
    /// For each path, the source whose intent last landed there, and the value's digest then.
    #[serde(default)]
    pub written: BTreeMap<Pointer, SourceName>,
    /// A write of ours that was let through over others', while what they wrote is looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slip: Option<Box<Slip>>,
    /// What a write of ours took from others, and the next one puts back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owed: Option<Box<Owed>>,
    /// An accepted write of ours that a read must bear out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Box<Check>>,
    /// Paths at which only an answer that is not believed told a version: what stood there is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub untold: BTreeMap<u64, Vec<Pointer>>,
}

impl ResourceRow {
    /// How many confirmed representations are kept.
    pub const HISTORY_MAX: usize = 16;

    /// A row about which nothing is known.
    #[must_use]
    pub fn new(resource: Resource) -> Self {
        Self {
            resource,
            history: Vec::new(),
            absent: false,
            floor: 0,
            sources: BTreeMap::new(),
            removed: BTreeMap::new(),
            written: BTreeMap::new(),
            slip: None,
            owed: None,
            check: None,
            untold: BTreeMap::new(),
        }
    }

    /// Notes that nobody knows what stood at these paths of a version.
    pub(crate) fn leave_untold(&mut self, version: u64, paths: Vec<Pointer>) {
        let Self { history, untold, .. } = self;
        untold.retain(|at, _| history.iter().any(|known| known.version == Some(*at)));
        untold.insert(version, paths);
    }

    /// Whether nobody knows what stood at a path of a version.
    pub(crate) fn is_untold(&self, version: u64, path: &Pointer) -> bool {
        self.untold.get(&version).is_some_and(|paths| paths.iter().any(|at| at.overlaps(path)))
    }

    /// Takes over what was known of the same record under another name.
    pub fn inherit(&mut self, other: &Self) {
        for (source, shadow) in &other.sources {
            let mine = self.sources.entry(source.clone()).or_default();
            for (record, taken) in &shadow.taken {
                mine.taken.entry(record.clone()).or_default().extend(taken.clone());
            }
            mine.refused.extend(shadow.refused.iter().cloned());
            if mine.value.is_null() {
                mine.value = shadow.value.clone();
                mine.settled.clone_from(&shadow.settled);
            }
        }
    }

    /// The last confirmed representation.
    #[must_use]
    pub fn shadow(&self) -> Option<&Snapshot> {
        self.history.last()
    }

    /// The confirmed representation of a version.
    #[must_use]
    pub fn at_version(&self, version: u64) -> Option<&Snapshot> {
        self.history.iter().rev().find(|snapshot| snapshot.version == Some(version))
    }

    /// The last confirmed representation between two versions.
    #[must_use]
    pub fn last_between(&self, from: u64, to: u64) -> Option<&Snapshot> {
        let between = |version: u64| from < version && version < to;
        self.history.iter().filter(|snapshot| snapshot.version.is_some_and(between)).max_by_key(|it| it.version)
    }

    /// Takes a confirmed representation, after the last intent that is accepted so far. One older than the newest known is
    /// kept in its place in the history, and never becomes the shadow.
    pub fn confirm(&mut self, mut snapshot: Snapshot, accepted: u64) {
        self.absent = false;
        snapshot.seen_after.get_or_insert(accepted);
        if let Some(version) = snapshot.version {
            self.floor = self.floor.max(version);
            if let Some(known) = self.history.iter_mut().find(|known| known.version == Some(version)) {
                // A read shows what the target made of a write whose answer was only a version.
                let before = std::mem::replace(known, snapshot);
                known.seen_after = before.seen_after.or(known.seen_after);
                known.shown_to.extend(before.shown_to);
                // Not every read tells when and by whom it was written.
                known.modified_at = known.modified_at.or(before.modified_at);
                known.writer = known.writer.take().or(before.writer);
                return;
            }
        }
        let place = match snapshot.version {
            Some(version) => self.history.partition_point(|known| known.version.is_some_and(|v| v < version)),
            None => self.history.len(),
        };
        self.history.insert(place, snapshot);
        if self.history.len() > Self::HISTORY_MAX {
            // What a source was shown is what its next write is made from: the rest goes first.
            let newest = self.history.len() - 1;
            let spare = self.history[..newest].iter().position(|snapshot| snapshot.shown_to.is_empty());
            self.history.remove(spare.unwrap_or(0));
        }
    }
}

/// What one source last said of a resource, path by path as its intents settled.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SourceShadow {
    /// The source's view: its values where its intents settled. A path of a refused intent keeps
    /// its older value. Shared, as that of a snapshot is.
    #[serde(default)]
    pub value: Arc<Value>,
    /// Highest sequence taken per foreign record and path: a late intent is reduced to the rest.
    #[serde(default)]
    pub taken: BTreeMap<String, BTreeMap<Pointer, Taken>>,
    /// The intent that last settled at each path: an older one that comes after it says nothing
    /// there any more.
    #[serde(default)]
    pub settled: BTreeMap<Pointer, Word>,
    /// Values that were refused at a path, so that the same wish under a fresh version is known.
    #[serde(default)]
    pub refused: Vec<Refused>,
}

/// When a source's word at a path settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    /// Place of its intent in the order of acceptance.
    pub order: u64,
    /// Its intent.
    pub intent: IntentId,
    /// The version of the record that first held it, where known.
    pub version: Option<u64>,
    /// Whether it was a deed, such as a verb's, which says nothing of what stood there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deed: bool,
}

/// The newest intent that a source's sequence has at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Its sequence.
    pub sequence: u64,
    /// The intent.
    pub intent: IntentId,
}

/// A value of a source that a remote value refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    /// The path.
    pub path: Pointer,
    /// What the source had started from.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub base: Option<Value>,
    /// What the source wanted.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub local: Option<Value>,
    /// What stood there.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote: Option<Value>,
}
