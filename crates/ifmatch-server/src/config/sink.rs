//! Section `[[sink]]`: who is told of what became of intents.

use super::ConfigError;
use super::org::{NAME_RULE, is_name, other_system};
use super::secret::{Given, Resolver, Secret};
use http::Uri;
use ifmatch_core::{SignedDuration, State};
use ifmatch_sources::signature::standard;
use ifmatch_sources::sinks::Patience;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A sink, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SinkSection {
    /// Its name, unique. Its place in the log is kept under it: another name begins anew.
    name: String,
    /// The org whose intents it is about.
    org: String,
    /// What it is.
    kind: SinkKind,
    /// Where the other side is: an instance, an account, or a listener with its path.
    url: String,
    /// The name that it logs in with, by Basic; needs `password`. Of Zendesk `me@example.com/token`.
    user: Option<String>,
    /// The password of `user`.
    password: Option<Secret>,
    /// The environment variable that holds it.
    password_env: Option<String>,
    /// The file that holds it.
    password_file: Option<PathBuf>,
    /// A bearer token, in place of a name and a password.
    token: Option<Secret>,
    /// The environment variable that holds it.
    token_env: Option<String>,
    /// The file that holds it.
    token_file: Option<PathBuf>,
    /// What messages to a listener are signed with: `whsec_…`; several with blanks between them all sign.
    secret: Option<Secret>,
    /// The environment variable that holds it.
    secret_env: Option<String>,
    /// The file that holds it.
    secret_file: Option<PathBuf>,
    /// The staging table of an import set: needed for `servicenow-outcomes`; without it incidents go by the Table API.
    staging: Option<String>,
    /// The table of incidents; default `incident`.
    table: Option<String>,
    /// Fields that every new incident gets, for example `{ assignment_group = "wfm" }`.
    #[serde(default)]
    fields: BTreeMap<String, String>,
    /// How long changes wait before that is an incident, in seconds; default 300.
    late_s: Option<u32>,
    /// How long a lock is held before that is an incident, in seconds; default 900.
    parked_s: Option<u32>,
    /// How long a review waits before that is an incident, in seconds; default 60.
    review_s: Option<u32>,
    /// The states that are told of, one by one; default `review` and how intents end.
    states: Option<BTreeSet<State>>,
    /// Whether a loopback or private address may be called; default no.
    #[serde(default)]
    allow_private: bool,
}

/// What a sink is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SinkKind {
    /// One incident for each cause, resolved by itself.
    ServicenowIncidents,
    /// One row of an import set for each outcome.
    ServicenowOutcomes,
    /// One private comment for each outcome, on the ticket that the intent came from.
    ZendeskComments,
    /// One message for each outcome, by Standard Webhooks.
    Webhook,
}

/// A sink.
#[derive(Debug, Clone)]
pub struct SinkSettings {
    /// Its name.
    pub name: String,
    /// The org whose intents it is about.
    pub org: String,
    /// What it is.
    pub kind: SinkKind,
    /// Where the other side is.
    pub url: Uri,
    /// How it logs in.
    pub login: SinkLogin,
    /// What messages are signed with.
    pub secrets: Vec<standard::Secret>,
    /// The staging table.
    pub staging: Option<String>,
    /// The table of incidents.
    pub table: String,
    /// Fields that every new incident gets.
    pub fields: Vec<(String, String)>,
    /// How long a cause lasts before it is an incident.
    pub patience: Patience,
    /// The states that are told of; `None` for the default.
    pub states: Option<BTreeSet<State>>,
    /// Whether a loopback or private address may be called.
    pub allow_private: bool,
}

/// How a sink logs in at the other side.
#[derive(Debug, Clone)]
pub enum SinkLogin {
    /// Not at all.
    None,
    /// By Basic.
    Basic(String, Secret),
    /// By a bearer token.
    Bearer(Secret),
}

impl SinkSection {
    pub(super) fn resolve(self, at: usize, resolver: &mut Resolver<'_>) -> Result<SinkSettings, ConfigError> {
        let section = format!("sink.{at}");
        let field = |name: &str| format!("{section}.{name}");
        if !is_name(&self.name) {
            return Err(resolver.layers.error(field("name"), NAME_RULE));
        }
        let url = other_system(resolver.layers, field("url"), &self.url, self.allow_private)?;
        let password = Given { literal: self.password, env: self.password_env, file: self.password_file };
        let token = Given { literal: self.token, env: self.token_env, file: self.token_file };
        let login = match self.user {
            Some(_) if token.is_given() => {
                return Err(resolver
                    .layers
                    .error(field("token"), "there is a user as well")
                    .hint("leave one of them out"));
            }
            Some(user) => SinkLogin::Basic(user, resolver.resolve(&section, "password", password)?),
            None if token.is_given() => SinkLogin::Bearer(resolver.resolve(&section, "token", token)?),
            None => SinkLogin::None,
        };
        let secret = Given { literal: self.secret, env: self.secret_env, file: self.secret_file };
        let secrets = match secret.is_given() {
            true => {
                let secret = resolver.resolve(&section, "secret", secret)?;
                let parsed: Result<Vec<_>, _> =
                    secret.expose().split_ascii_whitespace().map(standard::Secret::parse).collect();
                parsed.map_err(|error| resolver.layers.error(field("secret"), error.to_string()))?
            }
            false => Vec::new(),
        };
        if self.kind == SinkKind::ServicenowOutcomes && self.staging.is_none() {
            let hint = "name the staging table of the import set, for example staging = \"u_ifmatch_outcome\"";
            return Err(resolver.layers.error(field("staging"), "outcomes go by an import set").hint(hint));
        }
        let table = self.table.unwrap_or_else(|| "incident".to_owned());
        for (name, table) in [("table", Some(&table)), ("staging", self.staging.as_ref())] {
            if table.is_some_and(|table| !is_table(table)) {
                let reason = "a table has letters, digits and _ only";
                return Err(resolver.layers.error(field(name), reason));
            }
        }
        let standard = Patience::default();
        let seconds =
            |given: Option<u32>, or: SignedDuration| given.map_or(or, |given| SignedDuration::from_secs(given.into()));
        Ok(SinkSettings {
            patience: Patience {
                late: seconds(self.late_s, standard.late),
                parked: seconds(self.parked_s, standard.parked),
                review: seconds(self.review_s, standard.review),
            },
            name: self.name,
            org: self.org,
            kind: self.kind,
            url,
            login,
            secrets,
            staging: self.staging,
            table,
            fields: self.fields.into_iter().collect(),
            states: self.states,
            allow_private: self.allow_private,
        })
    }
}

fn is_table(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
