//! The judge: holds a course against the target's ledger and against what each source truly saw.
//!
//! The words are those of the contracts. A *lost edit* is a value that another writer wrote, later
//! overwritten by a write of ours whose source had not seen it. A *duplicate* is an effect of one
//! item that was applied again. Loops and ifmatch are judged by the same lines.

mod edits;
mod once;
mod publishes;
#[cfg(test)]
mod tests;

use super::course::{Course, End};
use super::workload::Item;
use crate::records;
use ifmatch_merge::{Change, patch_paths};
use serde_json::Value;

/// What the judge found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Somebody's value, overwritten by a source that had not seen it; a sentence each.
    pub lost_edits: Vec<String>,
    /// One effect twice; a sentence each.
    pub duplicates: Vec<String>,
    /// Items that are told as landed, and nothing in the ledger bears it out; a sentence each.
    pub unproven: Vec<String>,
}

/// Judges the course of a run.
#[must_use]
pub fn judge(items: &[Item], course: &Course) -> Verdict {
    let case = Case::new(items, course);
    let mut verdict = Verdict::default();
    edits::judge(&case, &mut verdict);
    once::judge(&case, &mut verdict);
    publishes::judge(&case, &mut verdict);
    verdict
}

/// What the judges look at.
struct Case<'a> {
    items: &'a [Item],
    course: &'a Course,
    /// What each item sets, by the ledger's paths.
    wants: Vec<Vec<Change>>,
}

impl<'a> Case<'a> {
    fn new(items: &'a [Item], course: &'a Course) -> Self {
        let wants = items.iter().map(|item| patch_paths(records::schema(&item.kind), &item.set)).collect();
        Self { items, course, wants }
    }

    /// The items that an entry carries.
    fn carried(&self, seq: u64) -> &[usize] {
        self.course.made.get(&seq).map_or(&[], Vec::as_slice)
    }

    fn end(&self, number: usize) -> End {
        self.course.ended[number].end
    }
}

/// Whether two values mean the same: an instant in two offsets does, and `null` is nothing.
fn alike(a: Option<&Value>, b: Option<&Value>) -> bool {
    records::alike(a.filter(|value| !value.is_null()), b.filter(|value| !value.is_null()))
}

/// Whether one of two paths lies in the other.
fn overlap(a: &str, b: &str) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(a, b) || within(b, a)
}

fn text(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
