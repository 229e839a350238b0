//! Sentences about what became of an intent.

use ifmatch_merge::{Change, Pointer};
use jiff::SignedDuration;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Says what landed: `score 80 → 85 at version 14, merged with changes by reviewer`.
pub(crate) fn outcome_sentence(changes: &[Change], version: Option<u64>, merged_with: Option<&str>) -> String {
    let changes: Vec<Said<'_>> = changes.iter().flat_map(members).collect();
    let mut parts: Vec<String> = changes.iter().take(3).map(one).collect();
    if changes.len() > 3 {
        parts.push(format!("and {} more", changes.len() - 3));
    }
    let mut sentence = if parts.is_empty() { "nothing of its own to write".to_owned() } else { parts.join(", ") };
    if let Some(version) = version {
        sentence.push_str(&format!(" at version {version}"));
    }
    if let Some(writer) = merged_with {
        sentence.push_str(&format!(", merged with changes by {writer}"));
    }
    sentence
}

/// One change, as a sentence says it.
struct Said<'c> {
    path: Cow<'c, Pointer>,
    before: Option<&'c Value>,
    after: Option<&'c Value>,
}

/// An object that becomes another one, by its members that differ: a shift is one change, and says nothing as such.
fn members(change: &Change) -> Vec<Said<'_>> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (&change.before, &change.after) else {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        return vec![Said { path: Cow::Borrowed(&change.path), before, after }];
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = names.into_iter().filter(|name| before.get(*name) != after.get(*name));
    let path = |name: &String| Cow::Owned(change.path.join(name));
    differs.map(|name| Said { path: path(name), before: before.get(name), after: after.get(name) }).collect()
}

fn one(change: &Said<'_>) -> String {
    let path = change.path.to_string();
    let name = path.trim_start_matches('/');
    match (change.before, change.after) {
        (None, Some(after)) => format!("{name} set to {}", short(after)),
        (Some(before), Some(after)) => format!("{name} {} → {}", short(before), short(after)),
        (_, None) => format!("{name} removed"),
    }
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Object(_) => return "an object".to_owned(),
        Value::Array(items) => return format!("a list of {}", items.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    };
    if text.chars().count() <= 40 { text } else { text.chars().take(39).chain(['…']).collect() }
}

/// A duration as whole seconds for people and for `waited`.
pub(crate) fn seconds(duration: SignedDuration) -> f64 {
    duration.as_millis() as f64 / 1000.0
}
