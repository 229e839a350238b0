//! Pieces of JSON answers as words.

use serde_json::Value;

/// A member as a word: texts without quotes, nothing for null and absence.
pub(crate) fn field(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A resource in one word: `quality-score qs-118`.
pub(crate) fn resource(value: &Value) -> String {
    let kind = field(value, "/kind");
    let named = ["/id", "/external", "/key"].iter().map(|name| field(value, name)).find(|name| !name.is_empty());
    match named {
        Some(name) => format!("{kind} {name}"),
        None => kind,
    }
}

/// A text in one line of bounded length, for a column.
pub(crate) fn one_line(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    let kept: String = line.chars().take(chars_max.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
