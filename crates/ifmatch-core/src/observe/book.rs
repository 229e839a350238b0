//! What was found: sums per source, client and ISO week, and the findings one by one.

use super::ObserveBounds;
use super::exchange::Client;
use crate::ids::SourceName;
use ifmatch_merge::{Pointer, present};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The ISO week of an instant in UTC, for example `2026-W47`.
#[must_use]
pub fn week_of(at: Timestamp) -> String {
    let week = at.to_zoned(TimeZone::UTC).date().iso_week_date();
    format!("{:04}-W{:02}", week.year(), week.week())
}

/// Everything that was found, by source and week.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Book {
    /// The sheets.
    pub sheets: BTreeMap<(SourceName, String), Sheet>,
    /// Sheets that changed since they were taken last, or fell out.
    changed: BTreeSet<(SourceName, String)>,
}

/// What was found about one source in one week.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Sums by client id; the empty one where clients log in at the gateway.
    pub clients: BTreeMap<String, Sums>,
    /// Oldest first.
    pub findings: VecDeque<Finding>,
    /// How many findings fell out.
    pub fallen: u64,
}

/// Counts. A repeat is a write that says the same as an earlier one of the same client for the same record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sums {
    /// Requests that were forwarded.
    pub requests: u64,
    /// Those that ask for no change.
    pub reads: u64,
    /// The others.
    pub writes: u64,
    /// Changes of records that the target took.
    pub taken: u64,
    /// Changes that it refused as a conflict.
    pub conflicts: u64,
    /// Conflicts that would have merged without loss.
    pub conflicts_merge: u64,
    /// Conflicts that a person would have had to decide. Of the rest nobody knows.
    pub conflicts_person: u64,
    /// Changes that it refused for another reason.
    pub refused: u64,
    /// Answers 429.
    pub throttled: u64,
    /// Accepted writes that erased an edit of somebody else.
    pub erasing_writes: u64,
    /// Edits of somebody else that were erased.
    pub lost_edits: u64,
    /// Accepted writes that may have erased an edit: what stood there did not go by.
    pub not_seen: u64,
    /// Repeats of a write that the target had taken.
    pub repeats_blind: u64,
    /// Repeats of a write that had no answer.
    pub repeats_after_silence: u64,
    /// Repeats of a write that was refused as a conflict.
    pub repeats_after_conflict: u64,
    /// Repeats of a write that was refused for another reason.
    pub repeats_after_refusal: u64,
    /// Writes without an answer that were found in the record afterwards.
    pub landed_unseen: u64,
    /// Requests that loops took beside the first sending: repeats, and reads between them.
    pub loop_requests: u64,
    /// Those of them that were answered 429.
    pub loop_throttled: u64,
    /// Exchanges whose body was too large or unreadable. They were forwarded.
    pub unread: u64,
    /// Writes to routes whose meaning is not known. They were forwarded.
    pub unknown: u64,
}

impl Sums {
    /// Both together.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            reads: self.reads + other.reads,
            writes: self.writes + other.writes,
            taken: self.taken + other.taken,
            conflicts: self.conflicts + other.conflicts,
            conflicts_merge: self.conflicts_merge + other.conflicts_merge,
            conflicts_person: self.conflicts_person + other.conflicts_person,
            refused: self.refused + other.refused,
            throttled: self.throttled + other.throttled,
            erasing_writes: self.erasing_writes + other.erasing_writes,
            lost_edits: self.lost_edits + other.lost_edits,
            not_seen: self.not_seen + other.not_seen,
            repeats_blind: self.repeats_blind + other.repeats_blind,
            repeats_after_silence: self.repeats_after_silence + other.repeats_after_silence,
            repeats_after_conflict: self.repeats_after_conflict + other.repeats_after_conflict,
            repeats_after_refusal: self.repeats_after_refusal + other.repeats_after_refusal,
            landed_unseen: self.landed_unseen + other.landed_unseen,
            loop_requests: self.loop_requests + other.loop_requests,
            loop_throttled: self.loop_throttled + other.loop_throttled,
            unread: self.unread + other.unread,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A lost edit: what stood there went by, and somebody else had put it there.
    Lost,
    /// It may have erased something: what stood there, or what the client started from, did not go by.
    NotSeen,
}

/// One edit that was erased, or one write that may have erased some.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How sure it is.
    pub known: Known,
    /// When the write was answered.
    pub at: Timestamp,
    /// The client, where clients log in at the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The kind of the record.
    pub kind: String,
    /// The record.
    pub record: String,
    /// The place in it; the whole for one that is not known.
    pub path: Pointer,
    /// What somebody else had put there.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub before: Option<Value>,
    /// What was written over it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub written: Option<Value>,
    /// Who had put it there, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// The version that was written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<u64>,
    /// The version that the write made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl Book {
    /// A book of sheets that were kept.
    #[must_use]
    pub fn of(sheets: BTreeMap<(SourceName, String), Sheet>) -> Self {
        Self { sheets, changed: BTreeSet::new() }
    }

    /// The sheets that changed since the last call; one that is not in the book any more has fallen out.
    pub fn take_changed(&mut self) -> BTreeSet<(SourceName, String)> {
        std::mem::take(&mut self.changed)
    }

    /// The sums of a client in the week of an instant.
    pub(super) fn sums(&mut self, client: &Client, at: Timestamp) -> &mut Sums {
        let id = client.id.clone().unwrap_or_default();
        self.sheet(client, at).clients.entry(id).or_default()
    }

    fn sheet(&mut self, client: &Client, at: Timestamp) -> &mut Sheet {
        let place = (client.source.clone(), week_of(at));
        self.changed.insert(place.clone());
        self.sheets.entry(place).or_default()
    }

    /// Notes a finding. The oldest of its sheet, and the oldest week of its source, make room.
    pub(super) fn note(&mut self, client: &Client, finding: Finding, bounds: ObserveBounds) {
        let sheet = self.sheet(client, finding.at);
        sheet.findings.push_back(finding);
        while sheet.findings.len() > bounds.findings_max {
            sheet.findings.pop_front();
            sheet.fallen += 1;
        }
        let weeks: Vec<_> = self.sheets.keys().filter(|(source, _)| *source == client.source).cloned().collect();
        for old in weeks.iter().rev().skip(bounds.weeks_max) {
            self.sheets.remove(old);
            self.changed.insert(old.clone());
        }
    }
}
