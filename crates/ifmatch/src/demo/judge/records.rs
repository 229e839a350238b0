//! The ledger by record, and the wishes that mean each record.

use super::Case;
use crate::demo::wish::{Effect, Ended, Set, Subject};
use ifmatch_sandbox::LedgerEntry;
use std::collections::{BTreeMap, BTreeSet};

/// Fields that the target writes itself.
const MANAGED: [&str; 9] = [
    "/id",
    "/agent_id",
    "/review_date",
    "/trade_id",
    "/settled_at",
    "/state",
    "/draft_revision",
    "/published_revision",
    "/date_modified",
];

/// One record: its history, and who wanted something of it.
pub(super) struct Record<'a> {
    pub(super) path: &'a str,
    pub(super) entries: Vec<&'a LedgerEntry>,
    /// The wishes, each once, however often it arrived.
    pub(super) wishes: Vec<&'a Ended>,
}

/// All records of a run.
pub(super) struct Records<'a> {
    pub(super) all: Vec<Record<'a>>,
    by_path: BTreeMap<&'a str, usize>,
    by_mark: BTreeMap<(&'a str, &'a str), BTreeSet<usize>>,
}

impl<'a> Records<'a> {
    pub(super) fn new(case: &Case<'a>) -> Self {
        let mut records = Self { all: Vec::new(), by_path: BTreeMap::new(), by_mark: BTreeMap::new() };
        for entry in case.ledger {
            let place = records.place(&entry.path);
            records.all[place].entries.push(entry);
            for change in &entry.changes {
                if let Some(value) = change.after.as_ref().and_then(|value| value.as_str()) {
                    records.by_mark.entry((change.path.as_str(), value)).or_default().insert(place);
                }
            }
        }
        let mut known = BTreeSet::new();
        for ended in case.ended {
            if known.insert(ended.wish.name.as_str()) {
                for place in records.places(&ended.wish.truth.subject) {
                    records.all[place].wishes.push(ended);
                }
            }
        }
        records
    }

    fn place(&mut self, path: &'a str) -> usize {
        *self.by_path.entry(path).or_insert_with(|| {
            self.all.push(Record { path, entries: Vec::new(), wishes: Vec::new() });
            self.all.len() - 1
        })
    }

    fn places(&self, subject: &Subject) -> Vec<usize> {
        match subject {
            Subject::Path(path) => self.by_path.get(path.as_str()).copied().into_iter().collect(),
            Subject::Mark { field, value } => {
                self.by_mark.get(&(*field, value.as_str())).into_iter().flatten().copied().collect()
            }
        }
    }

    /// The records that a subject names: more than one where a mark was given twice.
    pub(super) fn of(&self, subject: &Subject) -> impl Iterator<Item = &Record<'a>> {
        self.places(subject).into_iter().map(|place| &self.all[place])
    }
}

impl Record<'_> {
    /// The values that wishes set on it.
    pub(super) fn sets(&self) -> impl Iterator<Item = &Set> {
        self.wishes.iter().flat_map(|ended| match &ended.wish.truth.effect {
            Effect::Sets(sets) => sets.as_slice(),
            Effect::Shift { .. } | Effect::Publish => &[],
        })
    }

    /// Whether a wish names a shift.
    pub(super) fn names_shift(&self, shift: &str) -> bool {
        self.wishes
            .iter()
            .any(|ended| matches!(&ended.wish.truth.effect, Effect::Shift { shift: named, .. } if named == shift))
    }
}

/// Whether an entry is a write of the strategy.
pub(in crate::demo) fn is_ours(entry: &LedgerEntry) -> bool {
    entry.client_id.is_some()
}

/// Whether the target writes a path itself.
pub(in crate::demo) fn is_managed(path: &str) -> bool {
    MANAGED.contains(&path)
}

/// The shift that a path of an agent's record lies in.
pub(super) fn shift_of(path: &str) -> Option<&str> {
    path.strip_prefix("/shifts/").map(|rest| rest.split('/').next().unwrap_or(rest))
}

/// Whether one of two paths lies in the other.
pub(in crate::demo) fn overlap(a: &str, b: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(a, b) || within(b, a)
}
