//! Section `[store]`.

use super::ConfigError;
use super::layers::Layers;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where intents are kept, as in the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreSection {
    /// `sqlite:PATH`; a relative path is meant from the folder in which the gateway was started.
    url: String,
}

/// Where intents are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The SQLite file. It is made when it is not there; its folder too.
    pub file: PathBuf,
}

impl StoreSettings {
    /// The folder that holds the file and the operator's token.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        match self.file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// The store as a URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("sqlite:{}", self.file.display())
    }
}

impl StoreSection {
    pub(super) fn resolve(self, layers: &Layers) -> Result<StoreSettings, ConfigError> {
        let field = "store.url";
        match self.url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(StoreSettings { file: PathBuf::from(path.strip_prefix("//").unwrap_or(path)) })
            }
            Some(("postgres" | "postgresql", _)) => {
                let hint = "use sqlite:PATH";
                Err(layers.error(field, "PostgreSQL is not built in").hint(hint))
            }
            _ => {
                let reason = format!("{:?} is no store", self.url);
                Err(layers.error(field, reason).hint("use sqlite:PATH"))
            }
        }
    }
}
