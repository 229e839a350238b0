//! One breach of a rule.

use std::fmt;

/// Where a rule is broken, how, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file, from the root of the workspace.
    pub(crate) path: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is there.
    pub(crate) what: String,
    /// What to do.
    pub(crate) fix: String,
}

impl Finding {
    /// A finding in a line of a file.
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), fix: fix.into() }
    }

    /// `path:line what`, as the tests of the checks compare it.
    #[cfg(test)]
    pub(crate) fn short(&self) -> String {
        format!("{}:{} {}", self.path, self.line, self.what)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    to do: {}", self.path, self.line, self.what, self.fix)
    }
}
