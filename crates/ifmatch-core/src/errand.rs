//! What a call learns before it can be made: `docs/design/022-writes-of-several-requests.md`.

use std::collections::BTreeMap;

/// Under this prefix stand notes that hold for every call: where a record lies.
const PLACE: &str = "place/";

/// What was told on the way to a call, by name: `place/schedule/5f0c…` → `bu-1/2026-11-16`, `upload/key` → `k-17`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notes(BTreeMap<String, String>);

impl Notes {
    /// What stands under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was told.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes something down.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Writes down where a record lies, for every later call as well.
    pub fn set_place(&mut self, of: &str, value: impl Into<String>) {
        self.set(format!("{PLACE}{of}"), value);
    }

    /// Where a record lies.
    #[must_use]
    pub fn place(&self, of: &str) -> Option<&str> {
        self.get(&format!("{PLACE}{of}"))
    }

    /// Takes what another call learned that holds for later ones.
    pub fn learn(&mut self, other: &Self) {
        let places = other.0.iter().filter(|(name, _)| name.starts_with(PLACE));
        self.0.extend(places.map(|(name, value)| (name.clone(), value.clone())));
    }
}
