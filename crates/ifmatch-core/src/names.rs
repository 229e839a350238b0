//! Names that a kind of records has: of its fields, of its operations.

use std::sync::Arc;

/// A list of names. Those of a table of the program are borrowed from it; those of a description are owned, and shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names(List);

#[derive(Debug, Clone, PartialEq, Eq)]
enum List {
    Fixed(&'static [&'static str]),
    Given(Arc<[String]>),
}

impl Names {
    /// No names.
    pub const NONE: Self = Self::of(&[]);

    /// The names of a table.
    #[must_use]
    pub const fn of(names: &'static [&'static str]) -> Self {
        Self(List::Fixed(names))
    }

    /// Whether a name is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match &self.0 {
            List::Fixed(names) => names.contains(&name),
            List::Given(names) => names.iter().any(|known| known == name),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            List::Fixed(names) => names.len(),
            List::Given(names) => names.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The names in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let (fixed, given): (&[&str], &[String]) = match &self.0 {
            List::Fixed(names) => (names, &[]),
            List::Given(names) => (&[], names),
        };
        fixed.iter().copied().chain(given.iter().map(String::as_str))
    }

    /// The names with a text between them.
    #[must_use]
    pub fn join(&self, between: &str) -> String {
        self.iter().collect::<Vec<&str>>().join(between)
    }
}

impl From<Vec<String>> for Names {
    fn from(names: Vec<String>) -> Self {
        Self(List::Given(names.into()))
    }
}

impl PartialEq<[&str]> for Names {
    fn eq(&self, other: &[&str]) -> bool {
        self.iter().eq(other.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_table_and_names_that_are_given_say_the_same() {
        let given = Names::from(vec!["score".to_owned(), "comments".to_owned()]);
        for names in [Names::of(&["score", "comments"]), given] {
            assert!(names.contains("score") && !names.contains("scor") && names.len() == 2 && !names.is_empty());
            assert_eq!(names.join(", "), "score, comments");
            assert!(names == *["score", "comments"].as_slice());
        }
        assert!(Names::NONE.is_empty() && Names::NONE.iter().next().is_none());
    }
}
