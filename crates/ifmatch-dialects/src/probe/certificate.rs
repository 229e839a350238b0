//! What a probe found out, as it is kept in a file.

use super::findings;
use super::line::named;
use ifmatch_core::{Request, Response, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "ifmatch-certificate/1";

/// What a target was seen to do.
///
/// Shape: `{"schema": "ifmatch-certificate/1", "target": "https://api.example.net", "dialect": "wfm-v2", "at": "…",
/// "requests": 61, "writes": 12, "records": [{"record": "quality-score/qs-118", "restored": true}], "findings": […]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// [`SCHEMA`].
    pub schema: String,
    /// The address that was asked.
    pub target: String,
    /// The dialect in which it was asked.
    pub dialect: String,
    /// When the probe ended, by the clock of whoever asked.
    pub at: Timestamp,
    /// Requests that were sent, logins not counted.
    pub requests: u64,
    /// How many of them may have changed something.
    pub writes: u64,
    /// The records of the test writes, and whether each is as it was.
    pub records: Vec<Touched>,
    /// What was found, or why not.
    pub findings: Vec<Finding>,
}

/// A record of the test writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Touched {
    /// `quality-score/qs-118`.
    pub record: String,
    /// Whether its values are as they were; `false` also where that is not known.
    pub restored: bool,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What is told, for example `stale_answer`.
    pub name: String,
    /// The kind of record that it holds for; absent where it holds for the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What was seen; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// The exchanges that show it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Exchange>,
}

/// One exchange with the target. Bodies are left out: they may be about people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// When the answer came.
    pub at: Timestamp,
    /// `PATCH /api/v2/…`, without a query.
    pub request: String,
    /// The status of the answer.
    pub status: u16,
    /// The target's name of the exchange, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<String>,
    /// What it shows, in a few words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shows: String,
}

/// Headers that name an exchange.
const CORRELATION: &[&str] = &["ININ-Correlation-Id", "X-Request-Id", "X-Correlation-Id"];

impl Exchange {
    pub(super) fn of(request: &Request, response: &Response, at: Timestamp) -> Self {
        Self {
            at,
            request: named(request),
            status: response.status,
            correlation: CORRELATION.iter().find_map(|name| response.header(name)).map(str::to_owned),
            shows: String::new(),
        }
    }

    pub(super) fn showing(&self, shows: impl Into<String>) -> Self {
        Self { shows: shows.into(), ..self.clone() }
    }
}

/// What is wrong with a certificate: the field, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct CertificateError {
    /// For example `findings.3.value`.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

/// What the gateway takes from a certificate. Everything in it makes it more careful, or saves a question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// Kinds whose versions the target was seen to ignore.
    pub unguarded: BTreeSet<String>,
    /// Kinds of which no older version can be read.
    pub forgetful: BTreeSet<String>,
    /// Kinds whose versions count in a header only.
    pub named_everywhere: BTreeSet<String>,
    /// The longest seen time in which reads did not show a write, milliseconds.
    pub read_lag_ms: u64,
    /// The longest seen time in which an accepted write was processed, milliseconds.
    pub processing_ms: u64,
}

impl Certificate {
    /// Checks what was read from a file: schema, kinds, names and forms of the findings.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn check(&self, kinds: &[&str]) -> Result<(), CertificateError> {
        let wrong = |field: String, reason: String| Err(CertificateError { field, reason });
        if self.schema != SCHEMA {
            return wrong("schema".to_owned(), format!("{:?} is not {SCHEMA:?}", self.schema));
        }
        for (at, finding) in self.findings.iter().enumerate() {
            let field = |name: &str| format!("findings.{at}.{name}");
            let Some(form) = findings::form(&finding.name) else {
                return wrong(field("name"), format!("there is no finding {:?}", finding.name));
            };
            if let Some(kind) = finding.kind.as_deref().filter(|kind| !kinds.contains(kind)) {
                return wrong(field("kind"), format!("{} has no kind {kind:?}", self.dialect));
            }
            match (&finding.value, &finding.unknown) {
                (Some(value), None) => {
                    if let Err(reason) = form.check(value) {
                        return wrong(field("value"), reason);
                    }
                }
                (None, Some(_)) => {}
                _ => return wrong(field("value"), "there must be a value, or a reason in unknown".to_owned()),
            }
        }
        Ok(())
    }

    /// The value of a finding.
    #[must_use]
    pub fn value(&self, name: &str, kind: Option<&str>) -> Option<&Value> {
        let found = self.findings.iter().find(|finding| finding.name == name && finding.kind.as_deref() == kind);
        found.and_then(|finding| finding.value.as_ref())
    }

    /// What the gateway takes from it.
    #[must_use]
    pub fn known(&self) -> Known {
        let mut known = Known::default();
        for finding in &self.findings {
            let (Some(value), Some(kind)) = (&finding.value, &finding.kind) else { continue };
            let at_most = value.get("at_most").and_then(Value::as_u64).unwrap_or_default();
            match (finding.name.as_str(), value.as_str()) {
                ("guard", Some("ignored")) => drop(known.unguarded.insert(kind.clone())),
                ("old_versions", Some("not_kept")) => drop(known.forgetful.insert(kind.clone())),
                ("named_in", Some("header")) => drop(known.named_everywhere.insert(kind.clone())),
                ("read_lag_ms", _) => known.read_lag_ms = known.read_lag_ms.max(at_most),
                ("processing_ms", _) => known.processing_ms = known.processing_ms.max(at_most),
                _ => {}
            }
        }
        known
    }
}
