//! Addresses inside a document: JSON Pointers whose segments below a keyed list name the element by its key.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// A JSON Pointer (RFC 6901) in which a segment below a keyed list is the element's key.
///
/// Shape: `""` is the whole document, `/shifts/185f26b2/start` a member of the element whose key is `185f26b2`.
/// Several keys are joined by `,`. In a segment `~` is written `~0` and `/` is written `~1`.
/// Ordered segment by segment, so that everything below one pointer is contiguous.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(String);

/// Why a text is no [`Pointer`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// The text is neither empty nor starts with `/`.
    #[error("pointer {0:?} is neither empty nor starts with '/'")]
    NoLeadingSlash(String),
    /// A `~` is followed by neither `0` nor `1`.
    #[error("pointer {0:?} has a '~' that is not part of '~0' or '~1'")]
    BadEscape(String),
}

impl Pointer {
    /// The pointer to the whole document, `""`.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads a pointer from its text form.
    ///
    /// # Errors
    /// [`PointerError`] if the text is no JSON Pointer; nothing is repaired.
    pub fn parse(text: &str) -> Result<Self, PointerError> {
        check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Builds a pointer from unescaped segments.
    pub fn from_segments<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Self {
        let mut pointer = Self::root();
        for segment in segments {
            pointer.push(segment.as_ref());
        }
        pointer
    }

    /// The escaped text form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the whole document.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The segments from the root down, unescaped.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = Cow<'_, str>> {
        let mut segments = self.0.split('/');
        // The text before the first slash is empty and no segment.
        segments.next();
        segments.map(unescape)
    }

    /// Steps down by one unescaped segment, in place.
    pub fn push(&mut self, segment: &str) {
        self.0.push('/');
        if segment.bytes().any(|byte| byte == b'~' || byte == b'/') {
            self.0.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        } else {
            self.0.push_str(segment);
        }
    }

    /// The pointer one unescaped segment further down.
    pub fn join(&self, segment: &str) -> Self {
        let mut below = self.clone();
        below.push(segment);
        below
    }

    /// The pointer one segment up; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|at| Self(self.0[..at].to_owned()))
    }

    /// Whether `other` is this place or lies below it.
    pub fn is_prefix_of(&self, other: &Self) -> bool {
        match other.0.strip_prefix(&self.0) {
            Some(rest) => rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// Whether the two places have anything in common: either is a prefix of the other.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.is_prefix_of(other) || other.is_prefix_of(self)
    }

    /// A mark to come back to with [`Self::rewind`] after a `push`; walking needs no allocation that way.
    pub(crate) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Steps back up to an earlier [`Self::mark`] of the same walk.
    pub(crate) fn rewind(&mut self, mark: usize) {
        self.0.truncate(mark);
    }
}

fn check(text: &str) -> Result<(), PointerError> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err(PointerError::NoLeadingSlash(text.to_owned()));
    }
    let escapes_ok = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    if escapes_ok { Ok(()) } else { Err(PointerError::BadEscape(text.to_owned())) }
}

fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        // The order matters: "~01" is "~1", not "/".
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

/// A separator sorts before every other byte, which makes the order that of the segments.
fn rank(byte: u8) -> u16 {
    if byte == b'/' { 0 } else { u16::from(byte) + 1 }
}

impl Ord for Pointer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.bytes().map(rank).cmp(other.0.bytes().map(rank))
    }
}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, PointerError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Pointer {
    type Error = PointerError;

    fn try_from(text: String) -> Result<Self, PointerError> {
        check(&text)?;
        Ok(Self(text))
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}
