//! Section `[[source]]`.

mod files;
mod hook;

pub use files::{FilesMode, FilesSettings, Missing};
pub use hook::{HookAuth, HookSettings};

use super::ConfigError;
use super::org::{NAME_RULE, is_name};
use super::secret::{Given, Resolver, Secret};
use ifmatch_core::merge::Policies;
use ifmatch_core::{AnswerPolicy, LocalTimes, OnOverwrite, OrgName, Sends, SourceConfig};
use ifmatch_sources::files::Meaning;
use ifmatch_sources::hook::Hook;
use ifmatch_sources::mapping::Mapping;
use serde::Deserialize;
use std::path::PathBuf;

/// A sender of intents, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceSection {
    /// Its name, unique.
    name: String,
    /// The org that it is bound to.
    org: String,
    /// What it is; decides defaults.
    #[serde(default)]
    kind: SourceKind,
    /// What it logs in with.
    client_id: String,
    /// Its secret.
    client_secret: Option<Secret>,
    /// The environment variable that holds it.
    client_secret_env: Option<String>,
    /// The file that holds it.
    client_secret_file: Option<PathBuf>,
    /// What its bodies mean.
    #[serde(default)]
    sends: Sends,
    /// Whose credentials its requests carry.
    #[serde(default)]
    auth: Auth,
    /// How a true conflict is answered through the proxy; the default depends on the kind.
    answer: Option<AnswerPolicy>,
    /// Policies on a true conflict, by JSON Pointer.
    #[serde(default)]
    on_conflict: Policies,
    /// What a local time in doubt means.
    #[serde(default)]
    local_times: LocalTimes,
    /// What follows where a target that ignores versions let a write through over somebody else's; default that of the org.
    on_overwrite: Option<OnOverwrite>,
    /// Whether its requests are forwarded as they are, and only watched.
    #[serde(default)]
    observe: bool,
    /// How it sends to `POST /v1/hooks/{source}`; without it there is no hook.
    hook: Option<hook::HookSection>,
    /// Its files; without it there are none.
    files: Option<files::FilesSection>,
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A ServiceNow instance.
    Servicenow,
    /// A Zendesk account.
    Zendesk,
    /// Any other sender of webhooks.
    Webhook,
    /// An external scheduler.
    Scheduler,
    /// A program on a vendor's SDK.
    Sdk,
    /// A script.
    #[default]
    Script,
    /// A person; may decide every review of its org.
    Person,
}

/// Whose credentials the requests of a source carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// A token of this gateway.
    #[default]
    Gateway,
    /// A token of the target, the login forwarded.
    Upstream,
}

/// A sender of intents.
#[derive(Debug, Clone)]
pub struct SourceSettings {
    /// Its name.
    pub name: String,
    /// The org that it is bound to.
    pub org: String,
    /// What it is.
    pub kind: SourceKind,
    /// What it logs in with.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Secret,
    /// What its bodies mean.
    pub sends: Sends,
    /// Whose credentials its requests carry.
    pub auth: Auth,
    /// Whether its requests are forwarded as they are, and only watched.
    pub observe: bool,
    /// How a true conflict is answered through the proxy.
    pub answer: AnswerPolicy,
    /// Policies on a true conflict.
    pub on_conflict: Policies,
    /// What a local time means that a change of the clocks repeats or leaves out.
    pub local_times: LocalTimes,
    /// What follows where a write of it was let through over somebody else's; `None` for what its org says.
    pub on_overwrite: Option<OnOverwrite>,
    /// How it sends to its hook, where it has one.
    pub hook: Option<HookSettings>,
    /// Its files, where it has some.
    pub files: Option<FilesSettings>,
}

impl SourceKind {
    /// How a true conflict is answered when the source does not say.
    #[must_use]
    pub fn answer(self) -> AnswerPolicy {
        match self {
            Self::Servicenow | Self::Zendesk | Self::Webhook => AnswerPolicy::Hold,
            Self::Scheduler | Self::Sdk | Self::Script | Self::Person => AnswerPolicy::Refuse,
        }
    }
}

impl SourceSettings {
    /// How its messages become intents; `None` where it has no hook.
    #[must_use]
    pub fn translator(&self) -> Option<Hook> {
        let HookSettings { form, maps, .. } = self.hook.as_ref()?;
        Some(Hook { org: OrgName::from(self.org.as_str()), sends: self.sends, form: *form, maps: maps.clone() })
    }

    /// Every map of it, of its hook and of its files.
    pub(super) fn maps(&self) -> Vec<&Mapping> {
        let hook = self.hook.iter().flat_map(|hook| &hook.maps);
        let files = self.files.iter().filter_map(|files| match &files.meaning {
            Meaning::Mapped(hook) => Some(&hook.maps),
            Meaning::Weeks(..) | Meaning::Changes(..) => None,
        });
        hook.chain(files.flatten()).collect()
    }

    /// The source as the engine takes it, where its org says this of writes that overwrote something.
    #[must_use]
    pub fn to_engine(&self, org: OnOverwrite) -> SourceConfig {
        SourceConfig {
            sends: self.sends,
            on_conflict: self.on_conflict.clone(),
            answer: self.answer,
            local_times: self.local_times,
            on_overwrite: self.on_overwrite.unwrap_or(org),
        }
    }
}

impl SourceSection {
    pub(super) fn resolve(self, at: usize, resolver: &mut Resolver<'_>) -> Result<SourceSettings, ConfigError> {
        let section = format!("source.{at}");
        if !is_name(&self.name) {
            return Err(resolver.layers.error(format!("{section}.name"), NAME_RULE));
        }
        let given = Given { literal: self.client_secret, env: self.client_secret_env, file: self.client_secret_file };
        let client_secret = match self.auth {
            // Its clients show theirs to the target.
            Auth::Upstream if !given.is_given() => Secret::new(""),
            Auth::Upstream | Auth::Gateway => resolver.resolve(&section, "client_secret", given)?,
        };
        let hook = self.hook.map(|hook| hook.resolve(&section, self.kind, resolver)).transpose()?;
        let around = files::Around { org: &self.org, kind: self.kind, sends: self.sends, hook: hook.as_ref() };
        let files = self.files.map(|files| files.resolve(&section, around, resolver)).transpose()?;
        Ok(SourceSettings {
            client_secret,
            hook,
            files,
            name: self.name,
            org: self.org,
            kind: self.kind,
            client_id: self.client_id,
            sends: self.sends,
            auth: self.auth,
            observe: self.observe,
            answer: self.answer.unwrap_or(self.kind.answer()),
            on_conflict: self.on_conflict,
            local_times: self.local_times,
            on_overwrite: self.on_overwrite,
        })
    }
}
