//! What a whole state comes to, counted before anything of it is sent.

use ifmatch_core::{Digest, value_digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a file comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Census {
    /// Its rows.
    pub rows: u64,
    /// Those that cannot be read or mean no record.
    pub refused: u64,
    /// Whether the last one breaks off.
    pub cut: bool,
    /// By scope, for those that have a row in the file.
    pub scopes: BTreeMap<String, Standing>,
}

/// What a file comes to in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Records that the source has said before and that are not said to be gone.
    pub said: u64,
    /// Rows that say the same again.
    pub unchanged: u64,
    /// Rows that were never said.
    pub new: u64,
    /// Rows that say something else.
    pub changed: u64,
    /// Records that were said and have no row, where that means something.
    pub missing: u64,
}

impl Census {
    /// Whether a missing row can be told from one that cannot be read.
    #[must_use]
    pub fn tells_missing(&self) -> bool {
        self.refused == 0 && !self.cut
    }
}

/// The records that a file has rows for: 16 bytes of each, and where it was seen first.
#[derive(Debug, Default)]
pub struct Seen(BTreeMap<u128, Place>);

#[derive(Debug, Clone, Copy)]
struct Place {
    row: u64,
    value: u64,
    contradicts: bool,
}

/// What a row is to the others of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighting {
    /// The first about its record, and nobody says anything else.
    First,
    /// Another row says the same.
    Repeats(u64),
    /// Rows about this record say different things; this is the first of them.
    Contradicts(u64),
}

impl Seen {
    /// Notes a row.
    pub fn note(&mut self, scope: &str, record: &str, value: &Value, row: u64) {
        let value = digest(value);
        let place = self.0.entry(key(scope, record)).or_insert(Place { row, value, contradicts: false });
        place.contradicts |= place.value != value;
    }

    /// What a row is to the others; all of them were noted.
    #[must_use]
    pub fn sighting(&self, scope: &str, record: &str, row: u64) -> Sighting {
        match self.0.get(&key(scope, record)) {
            Some(place) if place.contradicts => Sighting::Contradicts(place.row),
            Some(place) if place.row != row => Sighting::Repeats(place.row),
            _ => Sighting::First,
        }
    }

    /// Whether the file has a row for a record.
    #[must_use]
    pub fn has(&self, scope: &str, record: &str) -> bool {
        self.0.contains_key(&key(scope, record))
    }

    /// How many records it has rows for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has rows for none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn key(scope: &str, record: &str) -> u128 {
    Digest::of(format!("{scope}\n{record}").as_bytes()).short()
}

fn digest(value: &Value) -> u64 {
    let Digest(bytes) = value_digest(Some(value));
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    //! Rows about one record.

    use super::*;
    use serde_json::json;

    #[test]
    fn rows_about_one_record_repeat_or_contradict_each_other() {
        let mut seen = Seen::default();
        for (row, (scope, record, value)) in [
            ("w1", "a", json!({"x": 1, "y": 2})),
            ("w1", "b", json!(1)),
            ("w1", "a", json!({"y": 2, "x": 1})),
            ("w2", "a", json!(7)),
            ("w1", "b", json!(2)),
        ]
        .into_iter()
        .enumerate()
        {
            seen.note(scope, record, &value, row as u64 + 1);
        }
        assert_eq!(seen.len(), 3);
        assert_eq!(seen.sighting("w1", "a", 1), Sighting::First);
        assert_eq!(seen.sighting("w1", "a", 3), Sighting::Repeats(1));
        assert_eq!(seen.sighting("w1", "b", 2), Sighting::Contradicts(2));
        assert_eq!(seen.sighting("w1", "b", 5), Sighting::Contradicts(2));
        assert_eq!(seen.sighting("w2", "a", 4), Sighting::First);
        assert!(seen.has("w1", "b") && !seen.has("w2", "b") && !seen.is_empty());
    }
}
