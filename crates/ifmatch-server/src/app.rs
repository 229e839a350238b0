//! What the handlers share: orgs, accounts, sessions, settings.

use crate::clock::Clock;
use crate::config::{Auth, OPERATOR, ServerSection, SourceKind, SourceSettings};
use crate::driver::OrgHandle;
use crate::files::FilesDoor;
use crate::hashed::Hashed;
use crate::holds::HoldsDoor;
use crate::imports::ImportsDoor;
use crate::observe::{Logins, Watcher};
use crate::problem::Fault;
use crate::routes::hook::HookDoor;
use crate::sandbox_http::SandboxDoor;
use crate::sessions::Sessions;
use crate::sinks::SinkHandle;
use ifmatch_core::{OrgName, SourceName};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::watch;

/// The state of the gateway, shared by all handlers.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// What an [`App`] is made of.
pub(crate) struct Parts {
    pub(crate) clock: Clock,
    pub(crate) settings: ServerSection,
    pub(crate) orgs: BTreeMap<OrgName, OrgHandle>,
    /// Whose schedules are on the move.
    pub(crate) holds: BTreeMap<OrgName, HoldsDoor>,
    /// Files that are planned and applied whole.
    pub(crate) imports: BTreeMap<OrgName, ImportsDoor>,
    /// Who is told of outcomes.
    pub(crate) sinks: Vec<SinkHandle>,
    /// Accounts of sources by client id.
    pub(crate) accounts: BTreeMap<String, Arc<Account>>,
    /// Hooks by the names of their sources.
    pub(crate) hooks: BTreeMap<String, HookDoor>,
    /// Files by the names of their sources.
    pub(crate) files: BTreeMap<String, FilesDoor>,
    pub(crate) sessions: Sessions,
    /// Observers, by org; none where no source is observed.
    pub(crate) watchers: BTreeMap<OrgName, Watcher>,
    /// Clients that logged in at a target through us.
    pub(crate) logins: Logins,
    pub(crate) operator_token: Hashed,
    /// The sandbox, where this gateway runs one.
    pub(crate) sandbox: Option<SandboxDoor>,
    /// Turns true when the gateway stops: streams end then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A source as it logs in.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) name: SourceName,
    pub(crate) org: OrgName,
    pub(crate) kind: SourceKind,
    pub(crate) client_id: String,
    pub(crate) secret: Hashed,
    /// Whether its requests are forwarded as they are, and watched.
    pub(crate) observe: bool,
    /// Whether its clients log in at the target.
    pub(crate) upstream: bool,
}

impl Account {
    pub(crate) fn of(settings: &SourceSettings) -> Arc<Self> {
        Arc::new(Self {
            name: SourceName::from(settings.name.as_str()),
            org: OrgName::from(settings.org.as_str()),
            kind: settings.kind,
            client_id: settings.client_id.clone(),
            secret: Hashed::of(settings.client_secret.expose()),
            observe: settings.observe,
            upstream: settings.auth == Auth::Upstream,
        })
    }
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Principal {
    /// A source, bound to its org.
    Source(Arc<Account>),
    /// Whoever holds the operator's token, for every org.
    Operator,
}

impl Principal {
    /// The name under which intents are submitted and decisions audited.
    pub(crate) fn name(&self) -> SourceName {
        match self {
            Self::Source(account) => account.name.clone(),
            Self::Operator => SourceName::from(OPERATOR),
        }
    }

    /// Whether it may decide about intents of that source, and withdraw them: its own, or any where
    /// a person or the operator asks.
    pub(crate) fn may_decide(&self, source: &SourceName) -> bool {
        match self {
            Self::Operator => true,
            Self::Source(account) => account.kind == SourceKind::Person || account.name == *source,
        }
    }

    /// Whether it may pull the brake for everybody in its org.
    pub(crate) fn may_brake_all(&self) -> bool {
        match self {
            Self::Operator => true,
            Self::Source(account) => account.kind == SourceKind::Person,
        }
    }
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The org of that name, if the caller may use it.
    pub(crate) fn org(&self, principal: &Principal, name: &OrgName) -> Result<&OrgHandle, Fault> {
        let org = name.to_string();
        let Some(handle) = self.orgs.get(name) else { return Err(Fault::UnknownOrg { org }) };
        match principal {
            Principal::Source(account) if account.org != *name => Err(Fault::ForeignOrg { org }),
            Principal::Source(_) | Principal::Operator => Ok(handle),
        }
    }

    /// The orgs that the caller may use.
    pub(crate) fn orgs_of(&self, principal: &Principal) -> Vec<&OrgHandle> {
        match principal {
            Principal::Source(account) => self.orgs.get(&account.org).into_iter().collect(),
            Principal::Operator => self.orgs.values().collect(),
        }
    }

    /// The one org that a request without a name of an org is about.
    pub(crate) fn org_or_only(&self, principal: &Principal, named: Option<&str>) -> Result<&OrgHandle, Fault> {
        match (named, self.orgs_of(principal).as_slice()) {
            (Some(name), _) => self.org(principal, &OrgName::from(name)),
            (None, [only]) => Ok(only),
            (None, _) => Err(Fault::parameter("org", "there are several orgs: name one")),
        }
    }
}
