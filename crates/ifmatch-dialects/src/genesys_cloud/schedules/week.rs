//! A week's schedule itself, its agents left out.

use super::place::{found, path};
use crate::genesys_cloud::answer::Answer;
use crate::genesys_cloud::kinds::Kind;
use crate::genesys_cloud::{lens, paths, snapshot};
use ifmatch_core::{Call, Fact, Method, Notes, Request};
use serde_json::Value;

/// Reads it. Where no business unit has it, the list of them is read once more, and says so.
pub(super) fn read(call: &Call, notes: &Notes) -> Request {
    let path = match found(call, notes) {
        Some(_) => path(call, notes, ""),
        None => paths::filled("/businessunits", &[]),
    };
    Request::bare(Method::Get, path)
}

impl Answer<'_> {
    /// The schedule that was asked for.
    pub(crate) fn week(&self, kind: &Kind) -> Fact {
        if let Some(fact) = self.unread() {
            return fact;
        }
        if self.body["entities"].is_array() {
            return Fact::Absent;
        }
        let mut record = lens::record(kind.fields, self.body);
        if let Value::Object(members) = &mut record {
            members.retain(|name, _| !["managementUnits", "generationResults"].contains(&name.as_str()));
        }
        let shown = snapshot::of(kind, record, self.now);
        match shown.version {
            Some(_) => Fact::Observed(Box::new(shown)),
            None => self.strange("the answer is no schedule with a version"),
        }
    }
}
