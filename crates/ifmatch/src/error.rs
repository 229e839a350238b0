//! Failures as the person at the terminal reads them: message, causes, hint, exit code.

use crate::exit::Exit;
use ifmatch_server::config::ConfigError;
use std::fmt;

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The person: a wrong argument or input.
    User,
    /// The person who set it up: configuration, credentials.
    Config,
    /// Nobody here: the gateway or the target cannot be reached or cannot answer.
    Remote,
    /// We.
    Bug,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Who can do something about it.
    pub(crate) kind: Kind,
    /// What happened, with its causes.
    pub(crate) error: anyhow::Error,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure of a kind.
    pub(crate) fn new(kind: Kind, error: impl Into<anyhow::Error>) -> Self {
        Self { kind, error: error.into(), hint: None }
    }

    /// A wrong argument or input.
    pub(crate) fn user(message: impl fmt::Display) -> Self {
        Self::new(Kind::User, anyhow::anyhow!("{message}"))
    }

    /// The gateway or the target cannot be reached or cannot answer.
    pub(crate) fn remote(message: impl fmt::Display) -> Self {
        Self::new(Kind::Remote, anyhow::anyhow!("{message}"))
    }

    /// What to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self.kind {
            Kind::User | Kind::Config => Exit::Usage,
            Kind::Remote => Exit::Unreachable,
            Kind::Bug => Exit::Bug,
        }
    }

    /// The causes below the message, the nearest first.
    pub(crate) fn causes(&self) -> Vec<String> {
        self.error.chain().skip(1).map(ToString::to_string).collect()
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = error.hint.clone();
        Self { hint, ..Self::new(Kind::Config, error) }
    }
}

impl Kind {
    /// The name in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Config => "config",
            Self::Remote => "remote",
            Self::Bug => "bug",
        }
    }
}
