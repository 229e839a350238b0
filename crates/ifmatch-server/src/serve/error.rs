//! Why the gateway did not start.

use crate::config::Config;
use crate::sandbox_http::SandboxError;
use ifmatch_store::StoreError;
use std::net::SocketAddr;
use std::path::PathBuf;

const WRITABLE: &str = "check that the folder is writable and the disk is not full";

/// Why the gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder cannot be made.
    #[error("the data folder {} cannot be made", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The store cannot be opened: in use by another process, read-only, disk full, damaged.
    #[error("the store {} cannot be opened", file.display())]
    Store {
        /// The file.
        file: PathBuf,
        /// Why not.
        #[source]
        source: Box<StoreError>,
    },
    /// The folder for the imports of an org cannot be made.
    #[error("the folder for imports of org {org:?} cannot be made")]
    Imports {
        /// The org.
        org: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The folders of a source's files cannot be made.
    #[error("the folders for files of source {source_name:?} cannot be made")]
    Files {
        /// The source.
        source_name: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The operator's token cannot be read or made.
    #[error("the operator's token {} cannot be read or made", path.display())]
    OperatorToken {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The address cannot be listened on.
    #[error("the gateway cannot listen on {listen}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The sandbox did not start.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// The configuration has an org or source that the sandbox adds, or two sources share a name.
    #[error("the name {name:?} is taken twice: the sandbox brings its own")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Ready-made sources need the sandbox's org.
    #[error("ready-made sources need a sandbox")]
    SourcesWithoutSandbox,
    /// A source of the configuration is bound to the sandbox's org.
    #[error("the source {source_name:?} belongs to the sandbox, and none is started")]
    OrgWithoutSandbox {
        /// The source.
        source_name: String,
    },
    /// The speed is no number above 0.
    #[error("the speed must be a number above 0, not {0}")]
    Speed(f64),
    /// A clock that is not the wall clock would be wrong for real orgs.
    #[error("a sandbox with a time of its own cannot run beside the orgs of a configuration")]
    ScaledWithOrgs,
    /// A configuration that was not read by `config::load` names an unknown dialect.
    #[error("org {org:?} speaks {dialect:?}, which is not built in")]
    UnknownDialect {
        /// The org.
        org: String,
        /// The dialect.
        dialect: String,
    },
    /// The system gives no thread.
    #[error("the store's thread cannot be started")]
    Thread(#[source] std::io::Error),
}

impl ServeError {
    pub(super) fn store(config: &Config, source: StoreError) -> Self {
        Self::Store { file: config.store.file.clone(), source: Box::new(source) }
    }

    /// What to do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                Some("another program listens there: choose another address with --listen, or port 0")
            }
            Self::Store { source, .. } => Some(match **source {
                StoreError::Precondition { .. } => "stop the other gateway, or choose another folder with --data",
                StoreError::Unavailable { .. } => WRITABLE,
                StoreError::Inconsistent { .. } => "the file is damaged: restore it from a backup",
            }),
            Self::Folder { .. } => Some(WRITABLE),
            Self::OrgWithoutSandbox { .. } => Some("add --sandbox, or bind the source to another org"),
            Self::ScaledWithOrgs => Some("leave --speed out, or run without a configuration"),
            Self::OperatorToken { .. } => Some("check who owns the file; deleting it makes a new one"),
            Self::NameTaken { .. } => Some("rename it in the configuration, or leave --sandbox out"),
            _ => None,
        }
    }
}
