//! The three inputs of a merge.

use serde_json::Value;

/// The three documents that a merge compares; borrowed, never changed.
#[derive(Debug, Clone, Copy)]
pub struct Sides<'a> {
    /// What the source started from. It must be a value that the target confirmed, not one that was only sent.
    pub base: &'a Value,
    /// What the source wants.
    pub local: &'a Value,
    /// What the target holds.
    pub remote: &'a Value,
}

/// The three sides of one place inside the documents; a side may be absent there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot<'a> {
    pub(crate) base: Option<&'a Value>,
    pub(crate) local: Option<&'a Value>,
    pub(crate) remote: Option<&'a Value>,
}
