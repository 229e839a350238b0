//! Section `[[org]]`.

use super::layers::Layers;
use super::secret::{Given, Resolver, Secret};
use super::{ConfigError, certificate};
use crate::addresses;
use http::Uri;
use ifmatch_core::{OnOverwrite, Verify};
use ifmatch_dialects::Rules;
use ifmatch_dialects::probe::{Certificate, Known};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// A tenant of a target, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrgSection {
    /// Its name, unique; intents name it.
    name: String,
    /// The API that it speaks, for example `wfm-v2`.
    dialect: String,
    /// Where its API is; requests go to this host only.
    api_url: String,
    /// Where tokens are got; default `api_url`.
    login_url: Option<String>,
    /// The target's client id.
    client_id: String,
    /// The target's client secret.
    client_secret: Option<Secret>,
    /// The environment variable that holds it.
    client_secret_env: Option<String>,
    /// The file that holds it.
    client_secret_file: Option<PathBuf>,
    /// Whether loopback and private addresses may be called; default no.
    #[serde(default)]
    allow_private: bool,
    /// Whether the target refuses a write that names an older version; default yes.
    #[serde(default = "guarded")]
    guarded: bool,
    /// Kinds for which it does not, where it does for others; default none.
    #[serde(default)]
    unguarded: Vec<String>,
    /// What follows where such a target let a write through over somebody else's; default `repair`.
    #[serde(default)]
    on_overwrite: OnOverwrite,
    /// Rules that a week of an agent must keep besides what the API says; default none.
    #[serde(default)]
    rules: Rules,
    /// When a read must show that an accepted write was applied: `answer` where the answer does not show the record, `first`
    /// for each field once, `always`; default `answer`.
    #[serde(default)]
    verify: Verify,
    /// Whether what the target tells by itself is listened to, where its dialect knows how; default yes.
    #[serde(default = "listens")]
    notices: bool,
    /// What `ifmatch probe --out` wrote about the target; default none.
    certificate: Option<PathBuf>,
}

fn listens() -> bool {
    true
}

fn guarded() -> bool {
    true
}

/// A tenant of a target.
#[derive(Debug, Clone)]
pub struct OrgSettings {
    /// Its name.
    pub name: String,
    /// The API that it speaks.
    pub dialect: String,
    /// Scheme, host and path prefix of its API.
    pub api_url: Uri,
    /// The same for its token endpoint.
    pub login_url: Uri,
    /// The target's client id.
    pub client_id: String,
    /// The target's client secret.
    pub client_secret: Secret,
    /// Whether loopback and private addresses may be called.
    pub allow_private: bool,
    /// Kinds whose records the target does not guard.
    pub unguarded: BTreeSet<String>,
    /// What follows where a write was let through over somebody else's, for sources that do not say.
    pub on_overwrite: OnOverwrite,
    /// Rules that a week of an agent must keep besides what the API says.
    pub rules: Rules,
    /// When a read must show that an accepted write was applied.
    pub verify: Verify,
    /// Whether what the target tells by itself is listened to.
    pub notices: bool,
    /// What a probe found out about the target.
    pub known: Known,
}

impl OrgSection {
    pub(super) fn resolve(self, at: usize, resolver: &mut Resolver<'_>) -> Result<OrgSettings, ConfigError> {
        let section = format!("org.{at}");
        let field = |name: &str| format!("{section}.{name}");
        if !is_name(&self.name) {
            return Err(resolver.layers.error(field("name"), NAME_RULE));
        }
        let Some(dialect) = crate::dialects::named(&self.dialect, &self.rules, &Known::default()) else {
            let reason = format!("there is no dialect {:?}", self.dialect);
            let hint = format!("use one of {}", crate::dialects::NAMES.join(", "));
            return Err(resolver.layers.error(field("dialect"), reason).hint(hint));
        };
        let kinds = dialect.kinds();
        if let Some(unknown) = self.unguarded.iter().find(|kind| !kinds.contains(&kind.as_str())) {
            let reason = format!("{} has no kind {unknown:?}", self.dialect);
            let hint = format!("name some of {}", kinds.join(", "));
            return Err(resolver.layers.error(field("unguarded"), reason).hint(hint));
        }
        let all = kinds.into_iter().filter(|_| !self.guarded).map(str::to_owned);
        let certificate = match &self.certificate {
            Some(path) => Some(certificate::read(resolver, &section, path, &*dialect)?),
            None => None,
        };
        let known = certificate.as_ref().map(Certificate::known).unwrap_or_default();
        let unguarded = self.unguarded.into_iter().chain(all).chain(known.unguarded.iter().cloned()).collect();
        let url = |name: &str, text: &str| other_system(resolver.layers, field(name), text, self.allow_private);
        let api_url = url("api_url", &self.api_url)?;
        let login_url = url("login_url", self.login_url.as_deref().unwrap_or(&self.api_url))?;
        let given = Given { literal: self.client_secret, env: self.client_secret_env, file: self.client_secret_file };
        let client_secret = resolver.resolve(&section, "client_secret", given)?;
        if let Some(certificate) =
            certificate.filter(|certificate| certificate.target != self.api_url.trim_end_matches('/'))
        {
            let certified = &certificate.target;
            resolver
                .warnings
                .push(format!("{section}.certificate is about {certified}, and api_url is another address"));
        }
        Ok(OrgSettings {
            name: self.name,
            dialect: self.dialect,
            api_url,
            login_url,
            client_id: self.client_id,
            client_secret,
            allow_private: self.allow_private,
            unguarded,
            on_overwrite: self.on_overwrite,
            rules: self.rules,
            verify: self.verify,
            notices: self.notices,
            known,
        })
    }
}

pub(super) const NAME_RULE: &str = "must be 1 to 64 letters, digits, '-', '_' or '.'";

/// Whether a text may be the name of an org or a source.
pub(super) fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// The address of another system: a private one only where that is allowed.
pub(super) fn other_system(
    layers: &Layers,
    field: String,
    text: &str,
    allow_private: bool,
) -> Result<Uri, ConfigError> {
    let uri = base_url(text).map_err(|reason| layers.error(field.clone(), reason))?;
    if !allow_private && addresses::literal(&uri).is_some_and(addresses::is_private) {
        let hint = "set allow_private = true if this is meant";
        return Err(layers.error(field, "the address is loopback or private").hint(hint));
    }
    Ok(uri)
}

fn base_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|error| format!("{text:?} is no URL: {error}"))?;
    let known = matches!(uri.scheme_str(), Some("http" | "https"));
    if !known || uri.host().is_none_or(str::is_empty) {
        return Err(format!("{text:?} must begin with https:// or http:// and name a host"));
    }
    if uri.query().is_some() || uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err("must have no query and no user".to_owned());
    }
    Ok(uri)
}
