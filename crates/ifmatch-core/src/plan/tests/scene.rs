//! A record, what sources know of it, and what they send: the stage of every composition test.

use super::target::Notes;
use crate::config::{EngineConfig, Limits, SourceConfig};
use crate::dialect::{Dialect, Guard};
use crate::ids::{IntentId, SourceName};
use crate::intent::Resource;
use crate::names::Names;
use crate::plan::{Ground, MemberFate, Plan, compose};
use crate::record::{IntentRecord, IntentStatus};
use crate::shadow::{ResourceRow, Snapshot};
use crate::states::State;
use ifmatch_merge::{IntervalNames, Pointer, Strategy, diff, merge_patch};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// When version 0 would have been written; version n is an hour younger each.
pub(super) fn hour(n: u64) -> Timestamp {
    let start: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    start + SignedDuration::from_hours(n.cast_signed())
}

pub(super) fn at(path: &str) -> Pointer {
    Pointer::parse(path).unwrap()
}

fn resource() -> Resource {
    Resource::by_id(&"acme".into(), "note", "a-1")
}

/// The stage.
pub(super) struct Scene {
    dialect: Notes,
    pub(super) config: EngineConfig,
    pub(super) row: ResourceRow,
    remote: Option<Snapshot>,
    pub(super) members: Vec<IntentRecord>,
    /// When the next intent is accepted.
    pub(super) clock: Timestamp,
}

impl Scene {
    /// Nothing is known and nothing exists.
    pub(super) fn empty() -> Self {
        let sources = ["a", "b", "c"].into_iter().map(|name| (SourceName::from(name), SourceConfig::default()));
        Self {
            dialect: Notes::guarded_by(Guard::Monotonic),
            config: EngineConfig {
                org: "acme".into(),
                sources: sources.collect(),
                unguarded: Default::default(),
                notices: false,
                verify: Default::default(),
                limits: Limits::default(),
                seed: 1,
            },
            row: ResourceRow::new(resource()),
            remote: None,
            members: Vec::new(),
            clock: hour(100),
        }
    }

    /// Version 1 of the record, written by a person: score 80, comments "old", no tags, items i1 and i2.
    pub(super) fn new() -> Self {
        let items = json!([{"id": "i1", "text": "one"}, {"id": "i2", "text": "two"}]);
        Self::empty().writes(
            "eve",
            json!({
                "owner": "o-7", "score": 80, "comments": "old", "tags": [], "items": items,
            }),
        )
    }

    /// The record may have shifts as well.
    pub(super) fn with_shifts(mut self) -> Self {
        let (start, length, parts) = ("start".to_owned(), "minutes".to_owned(), "parts".to_owned());
        let spec = &mut self.dialect.spec;
        spec.schema = std::mem::take(&mut spec.schema)
            .rule("/shifts", Strategy::KeyedList { keys: vec!["id".to_owned()] })
            .rule("/shifts/*", Strategy::IntervalSet(IntervalNames { start, length, parts }));
        spec.writable = Names::of(&["score", "comments", "tags", "items", "shifts"]);
        self
    }

    /// Who wrote the record, and when, stands where the version does.
    pub(super) fn with_metadata(mut self) -> Self {
        self.dialect.spec.version_fields = Names::of(&["version", "metadata"]);
        self.dialect.spec.stamps = Names::of(&["/metadata/at"]);
        self
    }

    /// Of the record only the score can be written.
    pub(super) fn with_one_field(mut self) -> Self {
        self.dialect.spec.writable = Names::of(&["score"]);
        self
    }

    /// The next version, written by somebody in the target.
    pub(super) fn writes(mut self, by: &str, patch: Value) -> Self {
        let (version, before) = match &self.remote {
            Some(remote) => (remote.version.unwrap() + 1, Value::clone(&remote.value)),
            None => (1, json!({})),
        };
        let mut value = merge_patch(&before, &patch);
        value["version"] = json!(version);
        value["date_modified"] = json!(hour(version).to_string());
        value["modified_by"] = json!(by);
        let snapshot = Snapshot {
            value: value.into(),
            version: Some(version),
            etag: None,
            writer: Some(by.to_owned()),
            modified_at: Some(hour(version)),
            read_at: hour(version),
            seen_after: None,
            shown_to: BTreeMap::new(),
        };
        self.row.confirm(snapshot, self.members.len() as u64);
        self.remote = self.row.shadow().cloned();
        self
    }

    /// The record is in the target no more.
    pub(super) fn vanishes(mut self) -> Self {
        self.row.absent = true;
        self.remote = None;
        self
    }

    /// The newest version is read once more.
    pub(super) fn read_again(mut self, read_at: Timestamp) -> Self {
        self.row
            .confirm(Snapshot { read_at, seen_after: None, ..self.remote.take().unwrap() }, self.members.len() as u64);
        self.remote = self.row.shadow().cloned();
        self
    }

    /// The target never says when it changed the record.
    pub(super) fn unstamped(mut self) -> Self {
        self.row.history.iter_mut().chain(&mut self.remote).for_each(|snapshot| snapshot.modified_at = None);
        self
    }

    /// A source reads the newest version through us.
    pub(super) fn shows(mut self, source: &str) -> Self {
        let after = self.members.len() as u64;
        self.row.history.last_mut().unwrap().shown_to.insert(source.into(), after);
        self
    }

    /// What a source last said, in full.
    pub(super) fn said(mut self, source: &str, value: Value) -> Self {
        self.row.sources.entry(source.into()).or_default().value = value.into();
        self
    }

    /// The newest representation with a patch upon it: the body of a client that sends everything.
    pub(super) fn document(&self, version: u64, patch: &Value) -> Value {
        merge_patch(&self.row.at_version(version).unwrap().value, patch)
    }

    /// An intent is accepted. `wish` holds the members of the intent beside `resource`.
    pub(super) fn sends(mut self, source: &str, wish: Value) -> Self {
        self.push(source, wish);
        self
    }

    pub(super) fn push(&mut self, source: &str, mut wish: Value) -> &mut IntentRecord {
        wish["resource"] = json!({"org": "acme", "kind": "note", "id": "a-1"});
        let order = self.members.len() as u64 + 1;
        let whole = wish["change"].get("desired").is_some();
        let mut status = IntentStatus::accepted(self.clock);
        status.state = State::Queued;
        // Read from JSON, as a store would: members that are not named have their defaults.
        let record = json!({
            "id": IntentId(u128::from(order)), "source": source, "intent": wish, "resource": resource(),
            "order": order, "accepted_at": self.clock, "whole": whole, "proxied": whole, "status": status,
        });
        self.members.push(serde_json::from_value(record).unwrap());
        self.members.last_mut().unwrap()
    }

    pub(super) fn plan(&self) -> Plan {
        compose(
            Ground {
                dialect: &self.dialect,
                spec: self.dialect.kind("note").unwrap(),
                config: &self.config,
                now: hour(101),
                row: &self.row,
                remote: self.remote.as_ref(),
            },
            &self.members,
        )
    }

    /// What a plan writes lands as the next version.
    pub(super) fn lands(&mut self, plan: &Plan) {
        let version = self.remote.as_ref().and_then(|remote| remote.version).map(|version| version + 1);
        for share in &plan.shares {
            let record = self.members.iter().find(|record| record.id == share.intent).unwrap();
            share.confirm(&mut self.row, record, version, &self.dialect.spec.schema);
        }
    }

    /// The first member went to review when it was composed; what happens from here on comes after.
    pub(super) fn held(mut self) -> Self {
        let plan = self.plan();
        let MemberFate::Review { code, reason, conflict, edits } = plan.fates[0].1.clone() else {
            panic!("the first member is no review but {:?}", plan.fates[0].1);
        };
        let status = &mut self.members[0].status;
        (status.state, status.code, status.reason) = (State::Review, Some(code.to_owned()), Some(reason));
        (status.conflict, status.edits) = (conflict, edits);
        self.row = plan.row.unwrap_or(self.row);
        self
    }

    /// The fates and what is written, as text: `carried; /score=85`.
    pub(super) fn outcome(&self) -> String {
        let plan = self.plan();
        let fates: Vec<String> = plan.fates.iter().map(|(_, fate)| told(fate)).collect();
        let schema = &self.dialect.kind("note").unwrap().schema;
        let written: Vec<String> = diff(schema, &plan.from, &plan.to)
            .into_iter()
            .map(|change| match change.after {
                Some(after) => format!("{}={after}", change.path),
                None => format!("{} removed", change.path),
            })
            .collect();
        let written = if written.is_empty() { "nothing".to_owned() } else { written.join(" ") };
        format!("{}; {written}", fates.join(", "))
    }

    pub(super) fn becomes(&self, expected: &str) {
        assert_eq!(self.outcome(), expected);
    }
}

fn told(fate: &MemberFate) -> String {
    match fate {
        MemberFate::Carried { .. } => "carried".to_owned(),
        MemberFate::Satisfied { .. } => "satisfied".to_owned(),
        MemberFate::Superseded { by, .. } => match by {
            Some(by) => format!("superseded by {}", by.0),
            None => "superseded".to_owned(),
        },
        MemberFate::Review { conflict, .. } => {
            let paths: Vec<&str> = conflict.iter().map(|note| note.path.as_str()).collect();
            format!("review {}", paths.join(" ")).trim_end().to_owned()
        }
        MemberFate::Expired => "expired".to_owned(),
        MemberFate::Rejected { winner, .. } => match winner {
            Some(winner) => format!("rejected by {}", winner.0),
            None => "rejected".to_owned(),
        },
    }
}
