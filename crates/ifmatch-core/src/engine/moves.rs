//! Documents that our own writes moved.
//!
//! One version and one stamp may stand for several records: those of an activity code are its list's, and a write of agents
//! raises the version of their schedule. Whoever reads another record of the document then sees that it was written a moment
//! ago, and not that the writer was us and wrote something else. What is kept here tells: a record that none of these writes
//! was about stands as it stood before them.

use super::Engine;
use super::lane::LaneKey;
use crate::commit::AttemptRecord;
use crate::dialect::{Call, Guard};
use crate::intent::Resource;
use crate::record::IntentRecord;
use crate::shadow::{ResourceRow, Snapshot};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Of so many documents at most the last moves are kept.
const DOCUMENTS_MAX: usize = 1000;

/// So many versions are kept from which a document moved.
const PASSED_MAX: usize = 64;

/// The last moves of each document.
#[derive(Debug, Default)]
pub(super) struct Moves {
    documents: BTreeMap<String, Move>,
}

/// What writes of ours, and nobody else's, made of a document.
#[derive(Debug)]
struct Move {
    /// Where they began, as far as that is known.
    from: Option<Stand>,
    to: Stand,
    /// The versions that they led from, the last of them.
    passed: BTreeSet<u64>,
    /// The records that they were about.
    written: BTreeSet<Resource>,
}

/// How a document stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stand {
    /// Its version; `None` where only its stamps are known.
    version: Option<u64>,
    writer: Option<String>,
    modified_at: Option<Timestamp>,
    /// The last intent that was accepted when it was first known to stand so.
    seen_after: u64,
}

impl Stand {
    fn of(snapshot: &Snapshot, seen_after: u64) -> Self {
        Self {
            version: snapshot.version,
            writer: snapshot.writer.clone(),
            modified_at: snapshot.modified_at,
            seen_after: snapshot.seen_after.unwrap_or(seen_after),
        }
    }

    /// Whether a representation shows the document as it stood then: by version, else by time and writer.
    fn is_shown(&self, snapshot: &Snapshot) -> bool {
        match self.version {
            Some(_) => self.version == snapshot.version,
            None => {
                let stamped = self.writer.is_some() && self.modified_at.is_some();
                stamped && self.writer == snapshot.writer && self.modified_at == snapshot.modified_at
            }
        }
    }
}

impl Moves {
    fn moved(&mut self, document: String, from: Option<Stand>, to: Stand, written: BTreeSet<Resource>) {
        let known = self.documents.get(&document).and_then(|known| known.to.version);
        if known.is_some() && known == to.version {
            // Another record of the same write.
            return;
        }
        if self.documents.len() >= DOCUMENTS_MAX {
            self.documents.pop_first();
        }
        let before = self.documents.remove(&document);
        let goes_on = before.filter(|before| {
            let same = |from: &Stand| from.version.is_some() && from.version == before.to.version;
            before.from.is_some() && from.as_ref().is_some_and(same)
        });
        let left = from.as_ref().and_then(|from| from.version);
        let mut next = match goes_on {
            Some(before) => Move { to, written: before.written.into_iter().chain(written).collect(), ..before },
            None => Move { from, to, passed: BTreeSet::new(), written },
        };
        next.passed.extend(left);
        if next.passed.len() > PASSED_MAX {
            next.passed.pop_first();
        }
        self.documents.insert(document, next);
    }

    /// What the moves of its document tell of a record that was just read: since when it stands as it does. Returns the
    /// versions since then at which it stood as it does.
    fn place(&self, document: &str, resource: &Resource, snapshot: &mut Snapshot) -> Option<&BTreeSet<u64>> {
        let moved = self.documents.get(document)?;
        if !moved.to.is_shown(snapshot) || moved.written.contains(resource) {
            return None;
        }
        let since = moved.from.as_ref();
        let stood = since.map_or(moved.to.seen_after, |from| from.seen_after.min(moved.to.seen_after));
        snapshot.seen_after = Some(snapshot.seen_after.map_or(stood, |seen| seen.min(stood)));
        let from = since?;
        if from.modified_at.is_some() {
            snapshot.modified_at = from.modified_at;
        }
        Some(&moved.passed)
    }
}

impl Engine {
    /// The target took a write and showed what came of it, under the version that the write named: nobody else's lies between.
    pub(super) fn note_move(&mut self, attempt: &AttemptRecord, shown: &Snapshot, row: Option<&ResourceRow>) {
        let Call::Write(items) = &attempt.call else { return };
        let Some(first) = items.first() else { return };
        let Some(document) = self.dialect.stamped_by(&first.resource) else { return };
        let from = first.precondition.version.filter(|_| self.guard(&first.resource.kind) == Guard::Monotonic);
        let from = from.and_then(|version| row?.at_version(version)).map(|before| Stand::of(before, self.last_order));
        let written = items.iter().map(|item| item.resource.clone()).collect();
        self.moves.moved(document, from, Stand { seen_after: self.last_order, ..Stand::of(shown, 0) }, written);
    }

    /// A record of ours landed whose document bears its stamps from then on, and a version that nobody told.
    pub(super) fn note_stamp(&mut self, key: &LaneKey, stands: &Snapshot) {
        if self.dialect.stamped_by(&key.resource).is_some() {
            return;
        }
        let Some(document) = self.dialect.stamps(&key.resource) else { return };
        let to = Stand { version: None, seen_after: self.last_order, ..Stand::of(stands, 0) };
        self.moves.moved(document, None, to, BTreeSet::new());
    }

    /// The status of an operation showed the version of the document that it is about.
    pub(super) fn note_sight(&mut self, key: &LaneKey, version: u64) {
        if let Some(document) = self.dialect.stamped_by(&key.resource) {
            let to = Stand { version: Some(version), writer: None, modified_at: None, seen_after: self.last_order };
            self.moves.moved(document, None, to, BTreeSet::new());
        }
    }

    /// Puts a representation that was just read to where the moves of its document tell that it stood. Returns it at the
    /// versions that intents name, and at which it stood as it does.
    pub(super) fn place_move(
        &self,
        resource: &Resource,
        intents: &[IntentRecord],
        snapshot: &mut Snapshot,
    ) -> Vec<Snapshot> {
        let placed = self.dialect.stamped_by(resource);
        let passed = placed.and_then(|document| self.moves.place(&document, resource, snapshot));
        let Some(passed) = passed else { return Vec::new() };
        let bases = intents.iter().filter_map(|record| record.intent.base.as_ref()?.version);
        let named: BTreeSet<u64> = bases.filter(|version| passed.contains(version)).collect();
        named.into_iter().map(|version| Snapshot { version: Some(version), ..snapshot.clone() }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::OrgName;
    use serde_json::json;

    fn resource(id: &str) -> Resource {
        Resource::by_id(&OrgName::from("acme"), "code", id)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn shown(version: Option<u64>, second: i64, writer: Option<&str>) -> Snapshot {
        Snapshot {
            value: json!({"name": "n"}).into(),
            version,
            etag: None,
            writer: writer.map(str::to_owned),
            modified_at: Some(at(second)),
            read_at: at(100),
            seen_after: None,
            shown_to: BTreeMap::new(),
        }
    }

    fn moves(steps: &[(u64, u64, &str)]) -> Moves {
        let mut moves = Moves::default();
        for (from, to, id) in steps {
            let stand = |version: u64| {
                let second = i64::try_from(version).unwrap();
                Stand { seen_after: version * 10, ..Stand::of(&shown(Some(version), second, None), 0) }
            };
            moves.moved("list".to_owned(), Some(stand(*from)), stand(*to), BTreeSet::from([resource(id)]));
        }
        moves
    }

    #[test]
    fn what_our_writes_were_not_about_stands_since_before_them() {
        let moves = moves(&[(3, 4, "a"), (4, 5, "b")]);
        let mut read = shown(Some(5), 5, None);
        let passed = moves.place("list", &resource("c"), &mut read).unwrap();
        assert_eq!(passed, &BTreeSet::from([3, 4]));
        assert_eq!((read.modified_at, read.seen_after), (Some(at(3)), Some(30)));
        for written in ["a", "b"] {
            let mut read = shown(Some(5), 5, None);
            assert_eq!(moves.place("list", &resource(written), &mut read), None);
            assert_eq!(read, shown(Some(5), 5, None));
        }
    }

    #[test]
    fn somebody_elses_write_ends_what_is_known() {
        // Between the two writes somebody moved the list from 4 to 6.
        let broken = moves(&[(3, 4, "a"), (6, 7, "b")]);
        let mut read = shown(Some(7), 7, None);
        broken.place("list", &resource("a"), &mut read);
        assert_eq!((read.modified_at, read.seen_after), (Some(at(6)), Some(60)));
        let mut later = shown(Some(9), 9, None);
        assert_eq!(broken.place("list", &resource("c"), &mut later), None);
        assert_eq!(later, shown(Some(9), 9, None));
    }

    #[test]
    fn a_document_without_a_told_version_is_known_by_its_stamps() {
        let mut moves = Moves::default();
        let to = Stand { version: None, seen_after: 7, ..Stand::of(&shown(Some(40), 5, Some("us")), 0) };
        moves.moved("week".to_owned(), None, to, BTreeSet::new());
        let seen = |second: i64, writer: Option<&str>| {
            let mut read = shown(Some(2), second, writer);
            assert_eq!(moves.place("week", &resource("week"), &mut read), None);
            (read.seen_after, read.modified_at)
        };
        assert_eq!(seen(5, Some("us")), (Some(7), Some(at(5))));
        assert_eq!(seen(6, Some("us")), (None, Some(at(6))));
        assert_eq!(seen(5, Some("Mara Lind")), (None, Some(at(5))));
    }
}
