//! How values are spelt in columns, and how they are read back without trusting the file.

use ifmatch_core::{IntentId, Resource, State, Timestamp};
use ifmatch_store::StoreError;
use rusqlite::Row;
use rusqlite::types::{FromSql, Type};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Numbers within an org go up to here.
const NUMBER_MAX: u64 = (1 << 40) - 1;

/// Orgs go up to here, so that a place is never negative.
const ORG_MAX: i64 = (1 << 23) - 1;

/// The place of something numbered within an org.
pub(crate) fn place(org: i64, number: u64) -> Result<i64, StoreError> {
    let fact = |fact: String| StoreError::Precondition { fact };
    if !(0..=ORG_MAX).contains(&org) {
        return Err(fact(format!("the file has no room for org number {org}")));
    }
    if number > NUMBER_MAX {
        return Err(fact(format!("{number} is beyond the highest number of an org, {NUMBER_MAX}")));
    }
    Ok(org << 40 | i64::try_from(number).expect("40 bits fit"))
}

/// Every place of an org.
pub(crate) fn places(org: i64) -> RangeInclusive<i64> {
    (org << 40)..=(org << 40 | i64::try_from(NUMBER_MAX).expect("40 bits fit"))
}

/// The number within its org.
pub(crate) fn number(place: i64) -> u64 {
    place.cast_unsigned() & NUMBER_MAX
}

/// An id as its 16 bytes, most significant first, so that bytes sort as ids do.
pub(crate) fn id_bytes(id: IntentId) -> [u8; 16] {
    id.0.to_be_bytes()
}

/// JSON of a value that always has one.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("stored types are JSON")
}

/// A resource as it is looked up: its JSON, which has one spelling.
pub(crate) fn resource_text(resource: &Resource) -> String {
    json(resource)
}

/// One row being read. `key` is what a person would look the row up with.
pub(crate) struct Cells<'a, K> {
    pub(crate) table: &'static str,
    pub(crate) row: &'a Row<'a>,
    pub(crate) key: K,
}

impl<K: Display> Cells<'_, K> {
    /// A value of SQLite's own types.
    pub(crate) fn value<T: FromSql>(&self, at: usize, column: &'static str) -> Result<T, StoreError> {
        self.row.get(at).map_err(|error| self.wrong(column, expected::<T>(), error))
    }

    /// A blob of a fixed length.
    pub(crate) fn bytes<const N: usize>(&self, at: usize, column: &'static str) -> Result<[u8; N], StoreError> {
        let cell = self.row.get_ref(at).map_err(|error| self.wrong(column, "a blob", error))?;
        let wrong = |found: String| self.wrong(column, format!("{N} bytes"), found);
        let bytes = cell.as_blob().map_err(|error| wrong(error.to_string()))?;
        bytes.try_into().map_err(|_| wrong(format!("{} bytes", bytes.len())))
    }

    /// An intent's id.
    pub(crate) fn id(&self, at: usize, column: &'static str) -> Result<IntentId, StoreError> {
        self.bytes(at, column).map(|bytes| IntentId(u128::from_be_bytes(bytes)))
    }

    /// A text that may be null.
    pub(crate) fn text_or_null(&self, at: usize, column: &'static str) -> Result<Option<&str>, StoreError> {
        let cell = self.row.get_ref(at).map_err(|error| self.wrong(column, "a text", error))?;
        cell.as_str_or_null().map_err(|error| self.wrong(column, "a text", error))
    }

    /// A text.
    pub(crate) fn text(&self, at: usize, column: &'static str) -> Result<&str, StoreError> {
        self.text_or_null(at, column)?.ok_or_else(|| self.wrong(column, "a text", Type::Null))
    }

    /// A text that spells something and may be null.
    pub(crate) fn parsed_or_null<T: FromStr<Err: Display>>(
        &self,
        at: usize,
        column: &'static str,
        expected: &str,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.text_or_null(at, column)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|error| self.wrong(column, expected, format!("{text:?} ({error})")))
    }

    /// An instant.
    pub(crate) fn time(&self, at: usize, column: &'static str) -> Result<Timestamp, StoreError> {
        self.parsed_or_null(at, column, "a time")?.ok_or_else(|| self.wrong(column, "a time", Type::Null))
    }

    /// A state.
    pub(crate) fn state(&self, at: usize, column: &'static str) -> Result<State, StoreError> {
        let text = self.text(at, column)?;
        State::parse(text).ok_or_else(|| self.wrong(column, "a state", format!("{text:?}")))
    }

    /// A value stored as JSON.
    pub(crate) fn json<T: DeserializeOwned>(
        &self,
        at: usize,
        column: &'static str,
        expected: &str,
    ) -> Result<T, StoreError> {
        self.json_or_null(at, column, expected)?.ok_or_else(|| self.wrong(column, expected, Type::Null))
    }

    /// A value stored as JSON, or null.
    pub(crate) fn json_or_null<T: DeserializeOwned>(
        &self,
        at: usize,
        column: &'static str,
        expected: &str,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.text_or_null(at, column)? else {
            return Ok(None);
        };
        // The text may hold personal data, so only what is wrong with it is told.
        serde_json::from_str(text).map(Some).map_err(|error| self.wrong(column, expected, error))
    }

    /// The error for a cell that is not what it must be.
    pub(crate) fn wrong(&self, column: &'static str, expected: impl Display, found: impl Display) -> StoreError {
        StoreError::inconsistent(self.table, column, &self.key, expected, found)
    }
}

fn expected<T>() -> String {
    format!("a value of type {}", std::any::type_name::<T>())
}
