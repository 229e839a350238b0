//! A person's edit of a document: of each kind one field that people change often.

use serde_json::{Map, Value, json};

use crate::{
    platform::document::Document,
    rng::Rng,
    scenario::Editor,
    target::Target,
    time::{date_plus, day_of},
};

/// What follows the name that a person has changed.
const MARK: &str = ", note ";

impl Target {
    /// Path and merge patch of an edit; `None` where the document drawn has nothing to edit.
    pub(super) fn document_edit(&self, now: i64, editor: &Editor, rng: &mut Rng) -> Option<(String, Value)> {
        let paths: Vec<&str> = self.all_documents().map(|(path, _)| path).collect();
        let most = paths.len().min(editor.among.unwrap_or(usize::MAX));
        let path = *rng.pick(&paths[..most])?;
        let document = self.document(path)?;
        if path.ends_with("/activitycodes") {
            let codes: Vec<&String> = document.fields.keys().collect();
            let code = *rng.pick(&codes)?;
            return Some((format!("{path}/{code}"), json!({"lengthInMinutes": rng.between(1, 16) * 15})));
        }
        let patch = change(now, path, &document, editor, rng)?;
        Some((path.to_owned(), patch))
    }
}

fn change(now: i64, path: &str, document: &Document, editor: &Editor, rng: &mut Rng) -> Option<Value> {
    let note = rng.between(1, 999);
    let remark = format!("Seen by {}{MARK}{note}", editor.name);
    let is_in = |collection: &str| path.rsplit('/').nth(1) == Some(collection);
    let patch = if is_in("timeoffrequests") {
        let sync = document.get("syncVersion").as_u64().unwrap_or(0) + 1;
        json!({"notes": remark, "syncVersion": sync})
    } else if is_in("timeofflimits") && document.fields.contains_key("defaultLimitMinutes") {
        json!({"defaultLimitMinutes": rng.between(1, 40) * 60})
    } else if is_in("timeofflimits") {
        let day = date_plus(day_of(now, "UTC")?, rng.between(1, 28)).to_string();
        json!({"values": Map::from_iter([(day, json!([rng.between(1, 40) * 60]))])})
    } else if is_in("alternativeshifts") {
        json!({"minMinutesBeforeStartTime": rng.between(1, 24) * 5})
    } else if is_in("scheduler") {
        json!({"consistentServiceLevelSmoothing": document.get("consistentServiceLevelSmoothing") != true})
    } else if is_in("trades") {
        json!({"reviewNote": remark})
    } else if is_in("agents") {
        json!({"schedulable": document.get("schedulable") != true})
    } else if is_in("explanations") {
        json!({"notes": remark})
    } else if document.fields.contains_key("settings") {
        json!({"settings": {"shortTermForecasting": {"defaultHistoryWeeks": rng.between(1, 26)}}})
    } else {
        let name = document.text("name").split(MARK).next().filter(|name| !name.is_empty())?;
        json!({"name": format!("{name}{MARK}{note}")})
    };
    Some(patch)
}
