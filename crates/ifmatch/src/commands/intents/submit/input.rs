//! Reads intents from a file: one JSON object, an array, or one object per line.

use crate::error::{Failure, Kind};
use anyhow::Context as _;
use serde_json::Value;
use std::io::Read as _;

/// The text of a file; `-` is standard input.
pub(super) fn read(file: &str) -> Result<String, Failure> {
    let text = match file {
        "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).map(|_| text)
        }
        file => std::fs::read_to_string(file),
    };
    let name = if file == "-" { "standard input" } else { file };
    text.with_context(|| format!("{name} cannot be read")).map_err(|error| Failure::new(Kind::User, error))
}

/// One intent per line. A line that is no JSON is left for the gateway to refuse, so that it stops
/// no other; a text that is neither JSON nor lines of it is refused here.
pub(super) fn lines(text: &str) -> Result<Vec<String>, Failure> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let whole: serde_json::Error = match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(intents)) => {
            return not_empty(intents.iter().map(Value::to_string).collect());
        }
        Ok(intent) => return Ok(vec![intent.to_string()]),
        Err(error) => error,
    };
    let lines: Vec<String> = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    let is_object = |line: &String| matches!(serde_json::from_str(line), Ok(Value::Object(_)));
    if lines.is_empty() || lines.iter().any(is_object) {
        return not_empty(lines);
    }
    Err(Failure::new(
        Kind::User,
        anyhow::Error::new(whole).context("the input is neither JSON nor one JSON object per line"),
    ))
}

fn not_empty(lines: Vec<String>) -> Result<Vec<String>, Failure> {
    match lines.is_empty() {
        true => Err(Failure::user("the input has no intents")),
        false => Ok(lines),
    }
}
