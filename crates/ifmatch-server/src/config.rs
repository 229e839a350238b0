//! The configuration: one TOML file over compiled-in defaults, then the environment, then flags.
//!
//! One struct per section. The defaults live in `config.default.toml`, which is also the reference:
//! it is parsed as the lowest layer, so the two cannot differ. The environment is read here only.

mod certificate;
mod environment;
mod error;
mod layers;
mod limits;
mod org;
mod secret;
mod server;
mod sink;
mod source;
mod store;

pub use environment::Environment;
pub use error::ConfigError;
pub use layers::{EffectiveValue, Origin};
pub use limits::LimitsSection;
pub use org::{Login, OrgSettings};
pub use secret::Secret;
pub use server::ServerSection;
pub use sink::{SinkKind, SinkLogin, SinkSettings, Tells};
pub use source::{Auth, FilesMode, FilesSettings, HookAuth, HookSettings, Missing, SourceKind, SourceSettings};
pub use store::StoreSettings;

use ifmatch_dialects::Rules;
use ifmatch_dialects::probe::Known;
use layers::Layers;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// The compiled-in defaults, commented; `ifmatch config print --default` shows them.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

/// Name of the source that stands for the operator; no source of the configuration may have it.
pub const OPERATOR: &str = "operator";

/// Name of the org, and of the ready-made source, that `--sandbox` adds. A source may be bound to it before it is there.
pub const SANDBOX: &str = "sandbox";

/// What that org speaks where nothing else is said.
pub(crate) const SANDBOX_DIALECT: &str = "wfm-v2";

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub file: Option<PathBuf>,
    /// `--listen ADDR`.
    pub listen: Option<String>,
    /// `--data DIR`: the store is the file `ifmatch.db` in it.
    pub data: Option<PathBuf>,
    /// `--observe`: every source is forwarded as it is, and only watched.
    pub observe: bool,
}

/// The configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The gateway itself.
    pub server: ServerSection,
    /// Where intents are kept.
    pub store: StoreSettings,
    /// The engine's bounds.
    pub limits: LimitsSection,
    /// The orgs, by name unique.
    pub orgs: Vec<OrgSettings>,
    /// The sources, by name unique.
    pub sources: Vec<SourceSettings>,
    /// Who is told of outcomes, by name unique.
    pub sinks: Vec<SinkSettings>,
    /// Whether every source is observed.
    pub observe: bool,
}

/// A configuration with what `config print` and the log say of it.
#[derive(Debug, Clone)]
pub struct LoadedConfig {
    /// The configuration.
    pub config: Config,
    /// Every value in force with where it comes from; secrets are masked.
    pub effective: Vec<EffectiveValue>,
    /// What works and should be done better, one sentence each.
    pub warnings: Vec<String>,
    /// Secrets that are not there, where it was read by [`load_to_look`].
    pub missing: Vec<ConfigError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    server: ServerSection,
    store: store::StoreSection,
    limits: LimitsSection,
    #[serde(default)]
    org: Vec<org::OrgSection>,
    #[serde(default)]
    source: Vec<source::SourceSection>,
    /// Who is told of outcomes.
    #[serde(default)]
    sink: Vec<sink::SinkSection>,
}

/// Reads the configuration: defaults, file, environment, flags.
///
/// # Errors
/// The file, the field and what would be right.
pub fn load(flags: &Flags, environment: &Environment) -> Result<LoadedConfig, ConfigError> {
    read(flags, environment, Secrets::Needed)
}

/// Reads the configuration for somebody who only looks at it and sends nothing: secrets may be missing, and are empty then.
///
/// # Errors
/// As those of [`load`], but for secrets.
pub fn load_to_look(flags: &Flags, environment: &Environment) -> Result<LoadedConfig, ConfigError> {
    read(flags, environment, Secrets::Noted)
}

/// What follows where a secret is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secrets {
    Needed,
    Noted,
}

fn read(flags: &Flags, environment: &Environment, secrets: Secrets) -> Result<LoadedConfig, ConfigError> {
    let mut layers = Layers::defaults();
    if let Some(file) = &flags.file {
        layers.add_file(file)?;
    }
    layers.add_environment(environment)?;
    layers.add_flags(flags);
    let document: Document = layers.read()?;
    let mut warnings = Vec::new();
    let mut missing = Vec::new();
    let noted = (secrets == Secrets::Noted).then_some(&mut missing);
    let mut resolver = secret::Resolver { environment, layers: &layers, warnings: &mut warnings, missing: noted };
    let mut orgs = Vec::new();
    for (at, section) in document.org.into_iter().enumerate() {
        orgs.push(section.resolve(at, &mut resolver)?);
    }
    let mut sources = Vec::new();
    for (at, section) in document.source.into_iter().enumerate() {
        let source = section.resolve(at, &mut resolver)?;
        sources.push(SourceSettings { observe: source.observe || flags.observe, ..source });
    }
    let mut sinks = Vec::new();
    for (at, section) in document.sink.into_iter().enumerate() {
        sinks.push(section.resolve(at, &mut resolver)?);
    }
    let config = Config {
        server: document.server,
        store: document.store.resolve(&layers)?,
        limits: document.limits,
        orgs,
        sources,
        sinks,
        observe: flags.observe,
    };
    config.check(&layers)?;
    Ok(LoadedConfig { config, effective: layers.effective(), warnings, missing })
}

impl Config {
    /// The compiled-in defaults alone.
    ///
    /// # Panics
    /// Never: a test reads them.
    #[must_use]
    pub fn defaults() -> Self {
        load(&Flags::default(), &Environment::default()).expect("the compiled-in defaults are valid").config
    }

    fn check(&self, layers: &Layers) -> Result<(), ConfigError> {
        self.server.check(layers)?;
        self.limits.check(layers)?;
        let mut orgs = BTreeSet::new();
        for (at, org) in self.orgs.iter().enumerate() {
            if !orgs.insert(org.name.as_str()) {
                let reason = format!("another org is named {:?} too", org.name);
                return Err(layers.error(format!("org.{at}.name"), reason));
            }
        }
        let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
        let mut watched = BTreeSet::new();
        for (at, source) in self.sources.iter().enumerate() {
            let field = |name: &str| format!("source.{at}.{name}");
            if source.name == OPERATOR {
                let reason = "the name operator is taken by the operator";
                return Err(layers.error(field("name"), reason));
            }
            if !names.insert(source.name.as_str()) {
                let reason = format!("another source is named {:?} too", source.name);
                return Err(layers.error(field("name"), reason));
            }
            if !ids.insert(source.client_id.as_str()) {
                let reason = format!("another source has the client id {:?} too", source.client_id);
                return Err(layers.error(field("client_id"), reason));
            }
            if !orgs.contains(source.org.as_str()) && source.org != SANDBOX {
                let reason = format!("there is no org named {:?}", source.org);
                let hint = "add an [[org]] with this name";
                return Err(layers.error(field("org"), reason).hint(hint));
            }
            if let Some(folder) = source.files.as_ref().and_then(|files| files.watch.as_ref())
                && !watched.insert(folder.as_path())
            {
                let reason = format!("another source watches {} too", folder.display());
                return Err(layers.error(field("files.watch"), reason));
            }
            if source.auth == Auth::Upstream && !source.observe {
                let reason = "auth = \"upstream\" works in observe mode only";
                let hint = "add observe = true, or use auth = \"gateway\"";
                return Err(layers.error(field("auth"), reason).hint(hint));
            }
            self.check_kinds(source).map_err(|(kind, known)| {
                let reason = format!("a map is for the kind {kind:?}, which the API of its org does not have");
                layers
                    .error(field(if source.hook.is_some() { "hook.map" } else { "files.map" }), reason)
                    .hint(format!("name one of {}", known.join(", ")))
            })?;
        }
        let mut names = BTreeSet::new();
        for (at, sink) in self.sinks.iter().enumerate() {
            if !names.insert(sink.name.as_str()) {
                let reason = format!("another sink is named {:?} too", sink.name);
                return Err(layers.error(format!("sink.{at}.name"), reason));
            }
            if !orgs.contains(sink.org.as_str()) && sink.org != SANDBOX {
                let reason = format!("there is no org named {:?}", sink.org);
                let hint = "add an [[org]] with this name";
                return Err(layers.error(format!("sink.{at}.org"), reason).hint(hint));
            }
        }
        Ok(())
    }

    /// Every map of a source's hook is for a kind of its org's API; else that kind, and those that are.
    fn check_kinds(&self, source: &SourceSettings) -> Result<(), (String, Vec<String>)> {
        let maps = source.maps();
        if maps.is_empty() {
            return Ok(());
        }
        let org = self.orgs.iter().find(|org| org.name == source.org);
        // Which API the sandbox is spoken with is said at the start.
        let spoken = org.map_or(crate::dialects::NAMES.to_vec(), |org| vec![org.dialect.as_str()]);
        let rest = org.and_then(|org| org.rest.as_ref());
        let named = |name| crate::dialects::named(name, &Rules::default(), &Known::default(), rest);
        let kinds = |dialect: Arc<dyn crate::dialects::ProxyDialect>| -> Vec<String> {
            dialect.kinds().into_iter().map(str::to_owned).collect()
        };
        let known: Vec<String> = spoken.into_iter().filter_map(named).flat_map(kinds).collect();
        match maps.into_iter().find(|map| !known.contains(&map.kind)) {
            Some(map) => Err((map.kind.clone(), known)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
