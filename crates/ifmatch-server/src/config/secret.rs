//! Secrets: from the environment, from a file, or, with a warning, from the configuration itself.

use super::layers::Layers;
use super::{ConfigError, Environment};
use serde::Deserialize;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A secret. Never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<Arc<str>>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, to be sent or hashed and never logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The three ways to give a secret; exactly one of them.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) literal: Option<Secret>,
    pub(super) env: Option<String>,
    pub(super) file: Option<PathBuf>,
}

impl Given {
    /// Whether any of them is.
    pub(super) fn is_given(&self) -> bool {
        self.literal.is_some() || self.env.is_some() || self.file.is_some()
    }
}

/// Finds secrets.
pub(super) struct Resolver<'a> {
    pub(super) environment: &'a Environment,
    pub(super) layers: &'a Layers,
    pub(super) warnings: &'a mut Vec<String>,
    /// What becomes of secrets that are not there; none where one that is missing is an error.
    pub(super) missing: Option<&'a mut Vec<ConfigError>>,
}

impl Resolver<'_> {
    /// The secret of a section such as `org.0` that is called so there, for example `client_secret`. Where nothing is sent, one that
    /// is not there is noted, and empty.
    pub(super) fn resolve(&mut self, section: &str, called: &str, given: Given) -> Result<Secret, ConfigError> {
        match (self.found(section, called, given), &mut self.missing) {
            (Err(error), Some(missing)) => {
                missing.push(error);
                Ok(Secret::new(""))
            }
            (found, _) => found,
        }
    }

    fn found(&mut self, section: &str, called: &str, given: Given) -> Result<Secret, ConfigError> {
        let field = |name: &str| format!("{section}.{called}{name}");
        match (given.literal, given.env, given.file) {
            (Some(secret), None, None) => {
                let field = field("");
                self.warnings
                    .push(format!("{field} stands in the configuration; {called}_env or {called}_file is safer"));
                Ok(secret)
            }
            (None, Some(name), None) => match self.environment.value(&name) {
                Some(value) if !value.is_empty() => Ok(Secret::new(value)),
                _ => {
                    let reason = format!("the environment variable {name} is not set");
                    let hint = format!("export {name}, or use {called}_file");
                    Err(self.layers.error(field("_env"), reason).hint(hint))
                }
            },
            (None, None, Some(path)) => self.read(field("_file"), path),
            (None, None, None) => {
                let hint = format!("add {called}_env = \"NAME\" or {called}_file = \"PATH\"");
                Err(self.layers.error(field(""), "no secret is given").hint(hint))
            }
            _ => {
                let reason = format!("give only one of {called}, {called}_env and {called}_file");
                Err(self.layers.error(field(""), reason))
            }
        }
    }

    /// Reads a secret from a file; a line break at its end is not part of it. A relative path is
    /// meant from the folder of the configuration file.
    fn read(&self, field: String, path: PathBuf) -> Result<Secret, ConfigError> {
        let path = match self.layers.folder() {
            Some(folder) if path.is_relative() => folder.join(path),
            _ => path,
        };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let reason = format!("{} cannot be read: {error}", path.display());
            self.layers.error(field.as_str(), reason)
        })?;
        match text.trim_end_matches(['\r', '\n']) {
            "" => Err(self.layers.error(field, format!("{} is empty", path.display()))),
            secret => Ok(Secret::new(secret)),
        }
    }
}
