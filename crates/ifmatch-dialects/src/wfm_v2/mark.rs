//! Marks: how a record is found again that the target gives no key.
//!
//! A draft of a schedule has neither an id of the client's nor a natural key: any number of them may stand for one unit and
//! week. So its description ends with a mark that is made from the name under which its source knows it. Inside it is never
//! seen: a description is read without its mark.

use ifmatch_core::{Digest, Resource};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// What a mark begins and ends with; between them are 32 hexadecimal digits.
const BEGINS: &str = "[ifmatch ";
const ENDS: &str = "]";
const DIGITS: usize = 32;

/// The field that carries it.
const FIELD: &str = "description";

/// The mark of a record, the same whenever it is made.
fn of(resource: &Resource) -> String {
    let digest = Digest::of(format!("{}/{}", resource.org, resource.key()).as_bytes());
    format!("{BEGINS}{:0DIGITS$x}{ENDS}", digest.short())
}

/// Puts the mark of a record that is to be made into its body.
pub(crate) fn put(resource: &Resource, body: &mut Value) {
    take(body);
    let text = body[FIELD].as_str().unwrap_or_default();
    let mark = of(resource);
    body[FIELD] = json!(if text.is_empty() { mark } else { format!("{text} {mark}") });
}

/// Whether a record has the mark of this one.
pub(crate) fn is_on(record: &Value, resource: &Resource) -> bool {
    record[FIELD].as_str().is_some_and(|text| text.contains(&of(resource)))
}

/// Takes the mark out of a record or a body.
pub(crate) fn take(record: &mut Value) {
    if let Some(text) = record.get_mut(FIELD)
        && let Some(plain) = text.as_str().and_then(without)
    {
        *text = json!(plain);
    }
}

/// A description without the mark in it, which people may have written on behind; `None` where there is none.
fn without(text: &str) -> Option<String> {
    text.match_indices(BEGINS).find_map(|(at, begins)| {
        let (digits, after) = text[at + begins.len()..].split_once(ENDS)?;
        let is_mark = digits.len() == DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let before = &text[..at];
        is_mark.then(|| format!("{}{after}", before.strip_suffix(' ').unwrap_or(before)))
    })
}
