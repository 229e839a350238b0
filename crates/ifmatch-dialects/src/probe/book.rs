//! Where experiments write down what they found.

use super::certificate::{Exchange, Finding, Touched};
use super::findings::order;
use super::line::Halt;
use ifmatch_core::Resource;
use serde_json::Value;

/// What only records tell.
pub(super) const OF_RECORDS: &[&str] = &[
    "version_place",
    "version_tag",
    "named_in",
    "guard",
    "stale_answer",
    "missing_version",
    "write_answer",
    "version_step",
    "monotonic",
    "unchanged_write",
    "batch",
    "read_lag_ms",
    "reads_go_back",
    "lock_hold_ms",
];

/// What the target as a whole tells.
const OF_TARGET: &[&str] = &["rate_window", "rate_refusal"];

/// The findings so far. The first one of a name and kind stands.
#[derive(Debug, Default)]
pub(super) struct Book {
    findings: Vec<Finding>,
    touched: Vec<Touched>,
}

impl Book {
    pub(super) fn found(&mut self, name: &str, kind: Option<&str>, value: impl Into<Value>, evidence: Vec<Exchange>) {
        self.put(Finding { value: Some(value.into()), evidence, ..blank(name, kind) });
    }

    pub(super) fn unknown(&mut self, name: &str, kind: Option<&str>, reason: impl Into<String>) {
        self.put(Finding { unknown: Some(reason.into()), ..blank(name, kind) });
    }

    /// Several that one halt leaves unknown.
    pub(super) fn halted(&mut self, names: &[&str], kind: Option<&str>, halt: &Halt) {
        for name in names {
            self.unknown(name, kind, halt.to_string());
        }
    }

    /// Takes back what turned out to prove nothing.
    pub(super) fn withdraw(&mut self, names: &[&str], kind: Option<&str>) {
        self.findings.retain(|finding| finding.kind.as_deref() != kind || !names.contains(&finding.name.as_str()));
    }

    pub(super) fn nothing_named(&mut self, halt: &Halt) {
        self.halted(OF_RECORDS, None, halt);
    }

    /// Nothing could be asked.
    pub(super) fn all_unknown(&mut self, records: &[Resource], halt: &Halt) {
        self.halted(OF_TARGET, None, halt);
        for resource in records {
            self.halted(OF_RECORDS, Some(&resource.kind), halt);
        }
        if records.is_empty() {
            self.nothing_named(halt);
        }
    }

    /// A record was written.
    pub(super) fn touch(&mut self, resource: &Resource, restored: bool) {
        let record = record(resource);
        match self.touched.iter_mut().find(|touched| touched.record == record) {
            Some(touched) => touched.restored = restored,
            None => self.touched.push(Touched { record, restored }),
        }
    }

    pub(super) fn touched(&self) -> Vec<Touched> {
        self.touched.clone()
    }

    /// All of them, by kind, each kind's in the order of the table.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut findings = self.findings.clone();
        findings.sort_by_key(|finding| (finding.kind.is_none(), finding.kind.clone(), order(&finding.name)));
        findings
    }

    fn put(&mut self, finding: Finding) {
        let same = |other: &Finding| other.name == finding.name && other.kind == finding.kind;
        if !self.findings.iter().any(same) {
            self.findings.push(finding);
        }
    }
}

fn blank(name: &str, kind: Option<&str>) -> Finding {
    Finding { name: name.to_owned(), kind: kind.map(str::to_owned), value: None, unknown: None, evidence: Vec::new() }
}

/// A record as a person names it: `quality-score/qs-118`.
pub(super) fn record(resource: &Resource) -> String {
    format!("{}/{}", resource.kind, resource.id().unwrap_or_default())
}
