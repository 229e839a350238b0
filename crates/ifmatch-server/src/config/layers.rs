//! The layers of a configuration, laid over one another, with where each value comes from.

use super::{ConfigError, DEFAULTS, Environment, Flags};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Compiled in.
    Default,
    /// The file.
    File(PathBuf),
    /// An environment variable, by name.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "env {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One value in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectiveValue {
    /// Section and field, for example `limits.merges_max` or `org.0.api_url`.
    pub field: String,
    /// The value as in TOML; `"***"` for a secret.
    pub value: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Sections whose scalars the environment may set.
const OPEN_TO_ENVIRONMENT: [&str; 3] = ["server", "store", "limits"];

/// The layers so far.
#[derive(Debug)]
pub(super) struct Layers {
    values: Table,
    origins: BTreeMap<String, Origin>,
    file: Option<PathBuf>,
}

impl Layers {
    pub(super) fn defaults() -> Self {
        let mut layers = Self { values: Table::new(), origins: BTreeMap::new(), file: None };
        let defaults = DEFAULTS.parse().expect("the compiled-in defaults are TOML");
        layers.lay(defaults, &Origin::Default);
        layers
    }

    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::new(place.as_str(), "", format!("cannot be read: {error}")))?;
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| ConfigError::new(place.as_str(), "", error.to_string().trim_end()))?;
        self.file = Some(path.to_owned());
        self.lay(table, &Origin::File(path.to_owned()));
        Ok(())
    }

    pub(super) fn add_environment(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for section in OPEN_TO_ENVIRONMENT {
            let Some(Value::Table(known)) = self.values.get(section) else { continue };
            let known: Vec<(String, Value)> = known.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
            for (name, present) in known {
                let variable = format!("IFMATCH_{section}_{name}").to_uppercase();
                let Some(text) = environment.value(&variable) else { continue };
                let value = like(&present, text).ok_or_else(|| {
                    ConfigError::new(variable.as_str(), "", format!("{text:?} is no {}", present.type_str()))
                })?;
                self.set(section, &name, value, Origin::Environment(variable));
            }
        }
        Ok(())
    }

    pub(super) fn add_flags(&mut self, flags: &Flags) {
        if let Some(listen) = &flags.listen {
            self.set("server", "listen", Value::String(listen.clone()), Origin::Flag("--listen"));
        }
        if let Some(data) = &flags.data {
            let url = format!("sqlite:{}", data.join("ifmatch.db").display());
            self.set("store", "url", Value::String(url), Origin::Flag("--data"));
        }
    }

    /// Reads the layers as a document.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        serde_path_to_error::deserialize(Value::Table(self.values.clone())).map_err(|error| {
            let field = error.path().to_string().replace('[', ".").replace(']', "");
            let field = if field == "." { String::new() } else { field };
            let reason = error.into_inner().to_string();
            self.error(field, reason.trim_end())
        })
    }

    /// An error at a field, with the place that it comes from.
    pub(super) fn error(&self, field: impl Into<String>, reason: impl Into<String>) -> ConfigError {
        let field = field.into();
        let origin = self.origins.get(&field);
        let place = match origin {
            Some(Origin::Environment(name)) => name.clone(),
            Some(Origin::Flag(name)) => (*name).to_owned(),
            Some(Origin::File(_) | Origin::Default) | None => match &self.file {
                Some(file) => file.display().to_string(),
                None => "configuration".to_owned(),
            },
        };
        ConfigError::new(place, field, reason)
    }

    /// The folder against which relative paths in the file are meant.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.file.as_deref().and_then(Path::parent)
    }

    pub(super) fn effective(&self) -> Vec<EffectiveValue> {
        let mut all = Vec::new();
        for (section, value) in &self.values {
            self.collect(section.clone(), value, &mut all);
        }
        all
    }

    fn collect(&self, field: String, value: &Value, all: &mut Vec<EffectiveValue>) {
        match value {
            Value::Table(members) if !field.ends_with(".on_conflict") => {
                for (name, value) in members {
                    self.collect(format!("{field}.{name}"), value, all);
                }
            }
            Value::Array(items) if items.iter().all(Value::is_table) => {
                for (at, value) in items.iter().enumerate() {
                    self.collect(format!("{field}.{at}"), value, all);
                }
            }
            value => {
                let origin = self.origins.get(&field).cloned().unwrap_or(Origin::Default);
                let value = match field.ends_with(".client_secret") || field.ends_with(".hook.secret") {
                    true => "\"***\"".to_owned(),
                    false => value.to_string(),
                };
                all.push(EffectiveValue { field, value, origin });
            }
        }
    }

    fn lay(&mut self, table: Table, origin: &Origin) {
        for (section, value) in table {
            match (self.values.get_mut(&section), value) {
                (Some(Value::Table(known)), Value::Table(given)) => {
                    for (name, value) in given {
                        note(&mut self.origins, format!("{section}.{name}"), &value, origin);
                        known.insert(name, value);
                    }
                }
                (_, value) => {
                    note(&mut self.origins, section.clone(), &value, origin);
                    self.values.insert(section, value);
                }
            }
        }
    }

    fn set(&mut self, section: &str, name: &str, value: Value, origin: Origin) {
        self.origins.insert(format!("{section}.{name}"), origin);
        if let Some(Value::Table(members)) = self.values.get_mut(section) {
            members.insert(name.to_owned(), value);
        }
    }
}

/// Notes the origin of a value and of everything in it.
fn note(origins: &mut BTreeMap<String, Origin>, field: String, value: &Value, origin: &Origin) {
    match value {
        Value::Table(members) => {
            for (name, value) in members {
                note(origins, format!("{field}.{name}"), value, origin);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                note(origins, format!("{field}.{at}"), value, origin);
            }
        }
        _ => {}
    }
    origins.insert(field, origin.clone());
}

/// The text as a value of the same type.
fn like(present: &Value, text: &str) -> Option<Value> {
    Some(match present {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Integer(_) | Value::Float(_) => match text.parse() {
            Ok(whole) => Value::Integer(whole),
            Err(_) => Value::Float(text.parse().ok()?),
        },
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => return None,
    })
}
