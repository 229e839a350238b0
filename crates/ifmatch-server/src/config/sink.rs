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
    /// The client id of OAuth client credentials (RFC 6749, section 4.4), in place of both.
    client_id: Option<String>,
    /// The secret of `client_id`.
    client_secret: Option<Secret>,
    /// The environment variable that holds it.
    client_secret_env: Option<String>,
    /// The file that holds it.
    client_secret_file: Option<PathBuf>,
    /// Where tokens are got with `client_id`; default `/oauth_token.do` of a ServiceNow instance, `/oauth/tokens` of Zendesk.
    token_url: Option<String>,
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
    /// What a listener is told of: `outcomes` (default) or `holds`.
    #[serde(default)]
    tells: Tells,
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

/// What a listener is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tells {
    /// What became of intents.
    #[default]
    Outcomes,
    /// When the schedule of an agent is on the move, and when no more.
    Holds,
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
    /// What a listener is told of.
    pub tells: Tells,
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
    /// By a token that is got with client credentials.
    Oauth {
        /// Where.
        token_url: Uri,
        /// The client.
        client_id: String,
        /// Its secret.
        client_secret: Secret,
    },
}

impl SinkKind {
    /// Where tokens are got below the address of the other side, where that is known.
    fn token_path(self) -> Option<&'static str> {
        match self {
            Self::ServicenowIncidents | Self::ServicenowOutcomes => Some("/oauth_token.do"),
            Self::ZendeskComments => Some("/oauth/tokens"),
            Self::Webhook => None,
        }
    }
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
        let client = Given { literal: self.client_secret, env: self.client_secret_env, file: self.client_secret_file };
        let ways = [self.user.is_some(), token.is_given(), self.client_id.is_some()];
        if ways.iter().filter(|given| **given).count() > 1 {
            let at = if self.client_id.is_some() { "client_id" } else { "token" };
            let hint = "leave all but one of user, token and client_id out";
            return Err(resolver.layers.error(field(at), "it logs in in another way as well").hint(hint));
        }
        if self.client_id.is_none() && (client.is_given() || self.token_url.is_some()) {
            let hint = "add client_id, or leave client_secret and token_url out";
            return Err(resolver.layers.error(field("client_id"), "no client is named").hint(hint));
        }
        let login = match self.user {
            None if self.client_id.is_some() => {
                let base = self.url.trim_end_matches('/');
                let own = self.kind.token_path().map(|path| format!("{base}{path}"));
                let Some(token_url) = self.token_url.or(own) else {
                    let hint =
                        "name where tokens are got, for example token_url = \"https://login.example.net/oauth/token\"";
                    return Err(resolver.layers.error(field("token_url"), "a listener's is not known").hint(hint));
                };
                SinkLogin::Oauth {
                    token_url: other_system(resolver.layers, field("token_url"), &token_url, self.allow_private)?,
                    client_id: self.client_id.unwrap_or_default(),
                    client_secret: resolver.resolve(&section, "client_secret", client)?,
                }
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
        if self.tells == Tells::Holds && self.kind != SinkKind::Webhook {
            let hint = "tells = \"holds\" goes with kind = \"webhook\"";
            return Err(resolver.layers.error(field("tells"), "only a listener is told of holds").hint(hint));
        }
        if self.tells == Tells::Holds && self.states.is_some() {
            let hint = "leave `states` out, or tell outcomes by a sink of their own";
            return Err(resolver.layers.error(field("states"), "holds have no states").hint(hint));
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
            tells: self.tells,
            states: self.states,
            allow_private: self.allow_private,
        })
    }
}

fn is_table(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
