//! What every dialect checks of an intent alike, by the spec of its kind.

use ifmatch_core::{IntentError, KindSpec, Undo};
use serde_json::{Map, Value};

/// A natural key has exactly the fields of the kind's, each a text that is not empty.
pub(crate) fn natural_key(spec: &KindSpec, key: &str) -> Result<(), IntentError> {
    let wanted = &spec.natural_key;
    let given: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
    let text = |name: &str| given.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !wanted.is_empty() && given.len() == wanted.len() && wanted.iter().all(text) {
        return Ok(());
    }
    let reason = match wanted.is_empty() {
        true => "this kind has no natural key".to_owned(),
        false => format!("must have exactly the fields {}, as text", wanted.join(", ")),
    };
    Err(IntentError::new("invalid_key", "/resource/key", reason))
}

/// What landed once can be written again; the rest is no undo.
pub(crate) fn undo(spec: &KindSpec, undo: &Undo) -> Result<(), IntentError> {
    for (index, change) in undo.changes.iter().enumerate() {
        let field = change.path.segments().next().unwrap_or_default();
        if !spec.writable.contains(&field) {
            let reason =
                format!("{} is no writable field; a {} has {}", change.path, spec.name, spec.writable.join(", "));
            return Err(IntentError::new("unknown_field", format!("/change/undo/changes/{index}/path"), reason));
        }
    }
    Ok(())
}
