//! Section `[source.hook]`: how a source sends to `POST /v1/hooks/{source}`, and what its messages mean.

use super::super::ConfigError;
use super::super::secret::{Given, Resolver, Secret};
use super::SourceKind;
use http::HeaderName;
use ifmatch_core::SignedDuration;
use ifmatch_sources::form::Form;
use ifmatch_sources::mapping::Mapping;
use ifmatch_sources::signature::standard;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::path::PathBuf;

/// A hook, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct HookSection {
    /// Ways in which a message may show who sends it; one is enough. Default `["token", "basic"]`.
    #[serde(default = "own_credentials")]
    auth: Vec<HookAuth>,
    /// The secret that `bearer`, `api-key`, `standard-webhooks` or `zendesk` goes by. Several with blanks between them are all good, so that
    /// one can be changed.
    secret: Option<Secret>,
    /// The environment variable that holds it.
    secret_env: Option<String>,
    /// The file that holds it.
    secret_file: Option<PathBuf>,
    /// The header of `api-key`; default `x-api-key`.
    header: Option<String>,
    /// How far the time of a signature may be from the gateway's, either way, in seconds of wall time; default 300.
    #[serde(default = "five_minutes")]
    tolerance_s: u32,
    /// The envelope of its messages; default by the kind of the source.
    form: Option<Form>,
    /// What events become; the first map that is for an event counts. Without any, events are intents.
    #[serde(default)]
    map: Maps,
}

fn own_credentials() -> Vec<HookAuth> {
    vec![HookAuth::Token, HookAuth::Basic]
}

fn five_minutes() -> u32 {
    300
}

/// One map, or a list of them.
#[derive(Debug, Default)]
pub(super) struct Maps(Vec<Mapping>);

impl Maps {
    pub(super) fn into_inner(self) -> Vec<Mapping> {
        self.0
    }
}

impl<'de> Deserialize<'de> for Maps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = Maps;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table [source.hook.map], or several [[source.hook.map]]")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Maps, A::Error> {
                Mapping::deserialize(MapAccessDeserializer::new(members)).map(|map| Maps(vec![map]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Maps, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(items)).map(Maps)
            }
        }

        deserializer.deserialize_any(Given)
    }
}

/// A way in which a message shows who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookAuth {
    /// A token of `POST /oauth/token`, got with the source's credentials, as Bearer.
    Token,
    /// The source's `client_id` and `client_secret` by HTTP Basic.
    Basic,
    /// The hook's secret as Bearer.
    Bearer,
    /// The hook's secret in a header.
    ApiKey,
    /// A signature of Standard Webhooks.
    StandardWebhooks,
    /// A signature of Zendesk.
    Zendesk,
}

impl HookAuth {
    /// Whether it goes by the hook's own secret.
    fn needs_secret(self) -> bool {
        !matches!(self, Self::Token | Self::Basic)
    }

    /// Whether it is over the body.
    #[must_use]
    pub fn signs(self) -> bool {
        matches!(self, Self::StandardWebhooks | Self::Zendesk)
    }
}

/// How a source sends to its hook.
#[derive(Debug, Clone)]
pub struct HookSettings {
    /// Ways in which a message may show who sends it; never empty.
    pub auth: Vec<HookAuth>,
    /// The secrets of those that go by one.
    pub secrets: Vec<Secret>,
    /// The header of [`HookAuth::ApiKey`].
    pub header: HeaderName,
    /// How far the time of a signature may be from the gateway's.
    pub tolerance: SignedDuration,
    /// The envelope of its messages.
    pub form: Form,
    /// What events become.
    pub maps: Vec<Mapping>,
}

impl SourceKind {
    pub(super) fn form(self) -> Form {
        match self {
            Self::Servicenow => Form::Servicenow,
            Self::Zendesk => Form::Zendesk,
            Self::Webhook => Form::Webhook,
            Self::Scheduler | Self::Sdk | Self::Script | Self::Person => Form::Plain,
        }
    }
}

impl HookSection {
    /// Checks the section `source.N.hook`.
    pub(super) fn resolve(
        self,
        section: &str,
        kind: SourceKind,
        resolver: &mut Resolver<'_>,
    ) -> Result<HookSettings, ConfigError> {
        let section = format!("{section}.hook");
        let form = self.form.unwrap_or(kind.form());
        check_maps(&section, form, &self.map.0, resolver)?;
        let secrets = secrets(
            &section,
            &self.auth,
            Given { literal: self.secret, env: self.secret_env, file: self.secret_file },
            resolver,
        )?;
        let header = self.header.as_deref().unwrap_or("x-api-key");
        let header = header.parse().map_err(|_| {
            resolver.layers.error(format!("{section}.header"), format!("{header:?} is no name of a header"))
        })?;
        let tolerance = SignedDuration::from_secs(i64::from(self.tolerance_s));
        Ok(HookSettings { auth: self.auth, secrets, header, tolerance, form, maps: self.map.0 })
    }
}

pub(super) fn check_maps(
    section: &str,
    form: Form,
    maps: &[Mapping],
    resolver: &Resolver<'_>,
) -> Result<(), ConfigError> {
    if maps.is_empty() && matches!(form, Form::Servicenow | Form::Zendesk) {
        let reason = format!("what {} sends is no intent: it needs a map", form.as_str());
        let hint = "add a map; docs/HOOKS.md has examples";
        return Err(resolver.layers.error(format!("{section}.map"), reason).hint(hint));
    }
    for (at, map) in maps.iter().enumerate() {
        map.check().map_err(|(member, reason)| {
            let at = if maps.len() > 1 { format!(".{at}") } else { String::new() };
            let member = if member.is_empty() { String::new() } else { format!(".{member}") };
            resolver.layers.error(format!("{section}.map{at}{member}"), reason)
        })?;
    }
    Ok(())
}

/// The fewest bytes of a secret beside another one: what is shorter is a word of a sentence.
const PART_BYTES_MIN: usize = 8;

fn secrets(
    section: &str,
    auth: &[HookAuth],
    given: Given,
    resolver: &mut Resolver<'_>,
) -> Result<Vec<Secret>, ConfigError> {
    let error = |name: &str, reason: &str| resolver.layers.error(format!("{section}.{name}"), reason);
    if auth.is_empty() {
        let hint = "use some of token, basic, bearer, api-key, standard-webhooks, zendesk";
        return Err(error("auth", "nobody could send anything").hint(hint));
    }
    match auth.iter().filter(|auth| auth.needs_secret()).count() {
        0 if given.is_given() => return Err(error("secret", "nothing in auth goes by it")),
        0 => return Ok(Vec::new()),
        1 => {}
        _ => {
            let reason = "bearer, api-key, standard-webhooks and zendesk would share one secret: name one of them";
            return Err(error("auth", reason));
        }
    }
    let text = resolver.resolve(section, "secret", given)?;
    if text.expose().is_empty() && resolver.missing.is_some() {
        return Ok(Vec::new());
    }
    let secrets: Vec<Secret> = text.expose().split_ascii_whitespace().map(Secret::new).collect();
    if secrets.len() > 1 {
        let count = secrets.len();
        if let Some(short) = secrets.iter().map(|secret| secret.expose().len()).find(|bytes| *bytes < PART_BYTES_MIN) {
            let reason =
                format!("blanks part it into {count} secrets, one of them of {short} bytes: anybody could guess that");
            let hint = "a secret has no blanks; several that are all good have at least 8 bytes each";
            return Err(resolver.layers.error(format!("{section}.secret"), reason).hint(hint));
        }
        resolver
            .warnings
            .push(format!("{section}.secret is {count} secrets with blanks between them, and each is good"));
    }
    let error = |reason: String| resolver.layers.error(format!("{section}.secret"), reason);
    if secrets.is_empty() {
        return Err(error("is empty".to_owned()));
    }
    if auth.contains(&HookAuth::StandardWebhooks)
        && let Some(reason) = secrets.iter().find_map(|secret| standard::Secret::parse(secret.expose()).err())
    {
        return Err(error(reason.to_string()).hint("openssl rand -base64 32 makes a key; put whsec_ before it"));
    }
    Ok(secrets)
}
