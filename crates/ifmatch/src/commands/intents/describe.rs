//! An answer as text for people.

use crate::output::{field, one_line, resource};
use serde_json::Value;
use std::fmt::Write as _;

/// One line: id, state, what is meant, why.
pub(crate) fn line(answer: &Value) -> String {
    if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
        let sentence =
            crate::client::sentence(&field(error, "/title"), &field(error, "/detail"), &field(error, "/field"));
        return format!("refused  {sentence}");
    }
    let mut line = format!("{}  {}", field(answer, "/id"), state(answer));
    if let Some(meant) = answer.get("resource") {
        write!(line, "  {}", resource(meant)).expect("a text takes text");
    }
    let reason = short_reason(answer);
    if !reason.is_empty() {
        write!(line, "  {reason}").expect("a text takes text");
    }
    line
}

/// The reason in a line: of a paragraph what follows the names, and no more than fits.
fn short_reason(answer: &Value) -> String {
    let reason = field(answer, "/reason");
    let id = field(answer, "/id");
    match reason.split_once(": ").filter(|(head, _)| !id.is_empty() && head.starts_with(&id)) {
        Some((_, said)) => one_line(said, 100),
        None => reason,
    }
}

/// Everything, one member per line, then the conflict.
pub(crate) fn page(answer: &Value) -> String {
    let meant = answer.get("resource").map(resource).unwrap_or_default();
    let org = field(answer, "/resource/org");
    let rows = [
        ("id", field(answer, "/id")),
        ("state", state(answer)),
        ("reason", field(answer, "/reason")),
        ("resource", if org.is_empty() { meant } else { format!("{meant} in {org}") }),
        ("source", field(answer, "/source")),
        ("accepted", field(answer, "/accepted_at")),
        ("settled", field(answer, "/settled_at")),
        ("attempts", field(answer, "/attempts")),
        ("waited", waited(answer)),
        ("result", result(answer)),
        ("winner", field(answer, "/winner")),
    ];
    let mut page = String::new();
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(page, "{name:<10}{value}").expect("a text takes text");
    }
    for conflict in conflicts(answer) {
        writeln!(page, "conflict  {}", sides(conflict)).expect("a text takes text");
    }
    page
}

/// The paths that a person must decide.
pub(crate) fn conflicts(answer: &Value) -> &[Value] {
    answer.get("conflict").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// One conflict: `/score: 80 → 85 wanted, 90 in the target (by reviewer)`.
pub(crate) fn sides(conflict: &Value) -> String {
    let side = |name: &str| conflict.get(name).map_or_else(|| "nothing".to_owned(), Value::to_string);
    let path = field(conflict, "/path");
    let path = if path.is_empty() { "the whole record".to_owned() } else { path };
    let writer = field(conflict, "/remote_writer");
    let by = if writer.is_empty() { String::new() } else { format!(", written by {writer}") };
    let sides = format!(
        "{path}: started from {}, wants {}, the target holds {}{by}",
        side("base"),
        side("local"),
        side("remote")
    );
    let candidates = conflict.get("candidates").and_then(Value::as_array).map(Vec::as_slice);
    match candidates {
        Some([earlier, later]) => format!("{sides}; it can mean {earlier} (earlier) or {later} (later)"),
        _ => sides,
    }
}

/// The state with its case: `review (true_conflict)`.
fn state(answer: &Value) -> String {
    let (state, code) = (field(answer, "/state"), field(answer, "/code"));
    match code.split_once('/') {
        Some((_, case)) => format!("{state} ({case})"),
        None if code.is_empty() => state,
        None => format!("{state} ({code})"),
    }
}

fn waited(answer: &Value) -> String {
    let seconds = |name: &str| answer.pointer(name).and_then(Value::as_f64).unwrap_or(0.0);
    let (lock, budget) = (seconds("/waited/lock"), seconds("/waited/budget"));
    match lock + budget > 0.0 {
        true => format!("{lock:.1} s for a lock, {budget:.1} s for the budget"),
        false => String::new(),
    }
}

fn result(answer: &Value) -> String {
    let named = [
        ("/result/id", "id"),
        ("/result/version", "version"),
        ("/result/etag", "tag"),
        ("/result/revision", "revision"),
    ];
    let said =
        named.iter().map(|(pointer, name)| (name, field(answer, pointer))).filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
