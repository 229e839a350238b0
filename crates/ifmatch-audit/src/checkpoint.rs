//! What an auditor keeps elsewhere: how long the log was, and its last hash.

use crate::hash::ChainHash;
use std::fmt;
use std::str::FromStr;

const TITLE: &str = "ifmatch audit checkpoint v1";

/// The length and the last hash of an org's log at some time; the file `checkpoint`.
///
/// Shape, four lines, each ended by a line break:
/// ```text
/// ifmatch audit checkpoint v1
/// org "acme"
/// size 1042
/// head sha256:…
/// ```
/// The org is a JSON string, so that no name can break the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The org.
    pub org: String,
    /// How many records the log had.
    pub size: u64,
    /// The hash of the last of them; that before the first one for an empty log.
    pub head: ChainHash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let org = serde_json::to_string(&self.org).expect("a text is JSON");
        write!(f, "{TITLE}\norg {org}\nsize {}\nhead {}\n", self.size, self.head)
    }
}

/// A text that is no checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a checkpoint: {0}")]
pub struct CheckpointError(&'static str);

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Takes exactly the printed form.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut lines = text.split('\n');
        if lines.next() != Some(TITLE) {
            return Err(CheckpointError("its first line must be `ifmatch audit checkpoint v1`"));
        }
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let org = field("org").and_then(|org| serde_json::from_str(org).ok());
        let size = field("size").and_then(|size| size.parse().ok());
        let head = field("head").and_then(|head| head.parse().ok());
        let (Some(org), Some(size), Some(head)) = (org, size, head) else {
            return Err(CheckpointError("it needs the lines `org`, `size` and `head` in this order"));
        };
        let checkpoint = Self { org, size, head };
        if checkpoint.to_string() == text {
            Ok(checkpoint)
        } else {
            Err(CheckpointError("it is not spelt as the log spells it"))
        }
    }
}
