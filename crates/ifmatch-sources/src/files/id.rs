//! What makes a file the same file, and the keys that follow from it.

use ifmatch_core::{Digest, IntentId, canonical_json, content_digest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// A file: a digest of its name and its content, 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileId(String);

impl FileId {
    /// The file of this name and content.
    #[must_use]
    pub fn of(name: &str, content: &Digest) -> Self {
        Self(short(&json!([name, content.to_string()])))
    }

    /// The file as part of a path; `None` for a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 16 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of a row that brings none of its own. The file and the row are in it, so that the same row of another file is a new wish.
    #[must_use]
    pub fn row_key(&self, row: u64) -> String {
        format!("file:{self}:{row}")
    }
}

impl fmt::Display for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of a difference: the record, the word before, and what is wanted now. The word before makes it new each time that a value
/// goes and comes back.
pub(super) fn difference_key(record: &str, before: Option<(&str, Option<IntentId>)>, wanted: Option<&Value>) -> String {
    let wanted = wanted.map(canonical_json);
    format!("state:{}", short(&json!([record, before, wanted])))
}

fn short(value: &Value) -> String {
    let digest = content_digest(value).to_string();
    digest.chars().skip("sha256:".len()).take(16).collect()
}

#[cfg(test)]
mod tests {
    //! What makes files and wishes the same.

    use super::*;

    #[test]
    fn name_and_content_make_the_file() {
        let (one, other) = (Digest::of(b"a"), Digest::of(b"b"));
        let id = FileId::of("week.csv", &one);
        assert_eq!(id, FileId::of("week.csv", &one));
        assert_ne!(id, FileId::of("week.csv", &other));
        assert_ne!(id, FileId::of("other.csv", &one));
        assert_eq!(FileId::parse(id.as_str()), Some(id));
        for text in ["", "0123", "../../etc/passwd", "0123456789ABCDEF", "0123456789abcdef0"] {
            assert_eq!(FileId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_that_goes_and_comes_back_is_three_wishes() {
        let (a, b) = (json!({"score": 1}), json!({"score": 2}));
        let id = |number| Some(IntentId(number));
        let keys = [
            difference_key("r", Some(("f", None)), Some(&a)),
            difference_key("r", Some(("f", id(1))), Some(&b)),
            difference_key("r", Some(("f", id(2))), Some(&a)),
            difference_key("r", Some(("f", id(3))), None),
            difference_key("r", None, Some(&a)),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{at}");
        }
    }
}
