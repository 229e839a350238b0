//! Sources that come with the sandbox.

use super::SANDBOX;
use crate::config::{Auth, Secret, SourceKind, SourceSettings};
use crate::random;
use ifmatch_core::merge::Policies;
use ifmatch_core::{AnswerPolicy, LocalTimes, Sends};
use std::fmt;

/// A source of the org `sandbox` whose credentials are drawn at the start.
#[derive(Debug, Clone)]
pub struct ReadySource {
    /// Its name, which is its client id too.
    pub name: String,
    /// What it is.
    pub kind: SourceKind,
    /// What its bodies mean.
    pub sends: Sends,
    /// How a true conflict is answered through the proxy.
    pub answer: AnswerPolicy,
    /// Policies on a true conflict.
    pub on_conflict: Policies,
}

/// What a source logs in with.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceAccount {
    /// The source.
    pub name: String,
    /// Its client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl fmt::Debug for SourceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceAccount").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SourceAccount {
    pub(super) fn draw(name: &str) -> Self {
        Self { name: name.to_owned(), client_id: name.to_owned(), client_secret: random::secret() }
    }
}

impl ReadySource {
    /// A source that sends edits, with the answer that goes with its kind and no policies.
    #[must_use]
    pub fn new(name: &str, kind: SourceKind) -> Self {
        Self { name: name.to_owned(), kind, sends: Sends::Edits, answer: kind.answer(), on_conflict: Policies::new() }
    }

    /// The one that is always there: a script.
    pub(super) fn sandbox() -> Self {
        Self::new(SANDBOX, SourceKind::Script)
    }

    /// One of each well-known sender: `servicenow`, `zendesk`, `scheduler`, `person`.
    #[must_use]
    pub fn well_known() -> Vec<Self> {
        vec![
            Self::new("servicenow", SourceKind::Servicenow),
            Self::new("zendesk", SourceKind::Zendesk),
            Self::new("scheduler", SourceKind::Scheduler),
            Self::new("person", SourceKind::Person),
        ]
    }

    pub(super) fn settings(self, account: &SourceAccount) -> SourceSettings {
        SourceSettings {
            name: self.name,
            org: SANDBOX.to_owned(),
            kind: self.kind,
            client_id: account.client_id.clone(),
            client_secret: Secret::new(account.client_secret.as_str()),
            sends: self.sends,
            auth: Auth::Gateway,
            observe: false,
            answer: self.answer,
            on_conflict: self.on_conflict,
            local_times: LocalTimes::default(),
            on_overwrite: None,
            hook: None,
            files: None,
        }
    }
}
