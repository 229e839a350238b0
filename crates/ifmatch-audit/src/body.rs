//! The body of a leaf while it is written: canonical from the start, so that nothing is sorted afterwards.

use crate::leaf::{write_sorted, write_text};
use serde_json::Value;
use std::fmt::{self, Write as _};

/// The body of a leaf in canonical form: JSON without spaces, the members of every object sorted by name.
///
/// Read from a [`Value`], or written member by member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(pub(crate) String);

impl From<Value> for Body {
    fn from(value: Value) -> Self {
        let mut text = String::new();
        write_sorted(&value, &mut text);
        Self(text)
    }
}

impl Body {
    /// An object with the members that are added.
    ///
    /// # Panics
    /// As [`Members::text`].
    #[must_use]
    pub fn object(add: impl FnOnce(&mut Members<'_>)) -> Self {
        let mut text = String::with_capacity(512);
        write_object(&mut text, add);
        Self(text)
    }
}

fn write_object(out: &mut String, add: impl FnOnce(&mut Members<'_>)) {
    out.push('{');
    add(&mut Members { out, last: "" });
    out.push('}');
}

/// The members of an object, added in the order of their names.
#[derive(Debug)]
pub struct Members<'o> {
    out: &'o mut String,
    last: &'static str,
}

impl Members<'_> {
    /// A member that is a text.
    ///
    /// # Panics
    /// In debug builds, when its name does not follow the one before it: names are fixed in the code, so the first run
    /// of a test shows it.
    pub fn text(&mut self, name: &'static str, text: &str) {
        self.begin(name);
        write_text(text, self.out);
    }

    /// A member that is a text without quotes, backslashes and control characters, such as an id.
    ///
    /// # Panics
    /// As [`Members::text`].
    pub fn plain(&mut self, name: &'static str, text: impl fmt::Display) {
        self.begin(name);
        write!(self.out, "\"{text}\"").expect("a text takes everything");
    }

    /// A member that is a whole number.
    ///
    /// # Panics
    /// As [`Members::text`].
    pub fn number(&mut self, name: &'static str, number: u64) {
        self.begin(name);
        write!(self.out, "{number}").expect("a text takes everything");
    }

    /// A member that is any JSON.
    ///
    /// # Panics
    /// As [`Members::text`].
    pub fn value(&mut self, name: &'static str, value: &Value) {
        self.begin(name);
        write_sorted(value, self.out);
    }

    /// A member that is an object.
    ///
    /// # Panics
    /// As [`Members::text`].
    pub fn object(&mut self, name: &'static str, add: impl FnOnce(&mut Members<'_>)) {
        self.begin(name);
        write_object(self.out, add);
    }

    fn begin(&mut self, name: &'static str) {
        debug_assert!(self.last < name, "{name} is added behind {:?}", self.last);
        if !self.last.is_empty() {
            self.out.push(',');
        }
        self.last = name;
        debug_assert!(!name.contains(['"', '\\']), "{name} is spelt as it is");
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
    }
}

#[cfg(test)]
mod tests;
