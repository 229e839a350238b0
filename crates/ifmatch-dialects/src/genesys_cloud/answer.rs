//! What every answer is read by: whether it refuses, and how.

use super::budget;
use super::evidence::{self, Purpose};
use super::refusals::{self, Told};
use ifmatch_core::{About, Class, Evidence, Fact, Resource, Response, Timestamp};
use serde_json::Value;

/// An answer, with what is needed to read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    pub(crate) now: Timestamp,
    pub(crate) response: &'a Response,
    pub(crate) body: &'a Value,
}

/// One fact for each resource of a call.
pub(crate) type Facts = Vec<(Resource, Fact)>;

impl Answer<'_> {
    /// What a refusal shows; `None` for an answer that went well.
    pub(crate) fn refusal(&self, purpose: Purpose) -> Option<Evidence> {
        let refused = !self.response.is_success();
        refused.then(|| self.evidence(self.response.status, &refusals::told(self.body), purpose))
    }

    /// What a refusal inside an answer shows, such as the error of a job.
    pub(crate) fn evidence(&self, status: u16, told: &Told, purpose: Purpose) -> Evidence {
        let wait = budget::retry_after(self.now, self.response);
        let label = match told.codes.first() {
            Some(code) => format!("{status} {code}"),
            None => status.to_string(),
        };
        Evidence {
            class: evidence::class(status, told, wait.is_some(), purpose),
            label,
            message: told.message.clone(),
            version: None,
            current: None,
            retry_after: wait,
            field: told.field.clone(),
            about: About::Whole,
        }
    }

    /// The refusal of a read: that there is no such record is no refusal.
    pub(crate) fn unread(&self) -> Option<Fact> {
        let evidence = self.refusal(Purpose::Read)?;
        Some(if evidence.class == Class::Absent { Fact::Absent } else { Fact::Refused(evidence) })
    }

    /// An answer that fits nothing.
    pub(crate) fn strange(&self, words: &str) -> Fact {
        Fact::Refused(Evidence::bare(Class::Unclassified, self.response.status.to_string(), words))
    }

    /// An answer that says no more than that it was a good one: what it did, a read must tell.
    pub(crate) fn untold(&self, words: &str) -> Fact {
        Fact::Refused(Evidence::bare(Class::Ambiguous, self.response.status.to_string(), words))
    }
}

/// The same fact for each of some resources.
pub(crate) fn alike<'r>(resources: impl Iterator<Item = &'r Resource>, fact: &Fact) -> Facts {
    resources.map(|resource| (resource.clone(), fact.clone())).collect()
}
