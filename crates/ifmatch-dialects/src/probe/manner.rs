//! What one API has and the other has not: fields that can be changed and put back, documents around records, questions of its own.

use crate::genesys_cloud;
use ifmatch_core::{Method, Notes, Request, Resource};
use serde_json::{Value, json};

/// A change that a person may be asked for: one field, by a JSON Pointer into the record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) pointer: String,
    pub(super) from: Option<Value>,
    pub(super) to: Value,
}

impl Mark {
    /// The record with the mark.
    pub(super) fn set(&self, value: &Value) -> Value {
        put(value, &self.pointer, Some(&self.to))
    }

    /// The record without it; as it is where somebody has written there since.
    pub(super) fn unset(&self, value: &Value) -> Value {
        if self.is_in(value) { put(value, &self.pointer, self.from.as_ref()) } else { value.clone() }
    }

    /// What it replaces, in words.
    pub(super) fn before(&self) -> String {
        self.from.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string)
    }

    pub(super) fn is_in(&self, value: &Value) -> bool {
        value.pointer(&self.pointer) == Some(&self.to)
    }
}

/// Fields of texts and small numbers that people can live with for a second: dialect, kind, pointer.
const FIELDS: &[(&str, &str, &str)] = &[
    ("wfm-v2", "quality-score", "/comments"),
    ("wfm-v2", "shift-trade", "/notes"),
    ("wfm-v2", "schedule", "/description"),
    ("genesys-cloud", "week-schedule", "/description"),
    ("genesys-cloud", "time-off-request", "/notes"),
    ("genesys-cloud", "work-plan", "/name"),
    ("genesys-cloud", "work-plan-rotation", "/name"),
    ("genesys-cloud", "activity-code", "/name"),
    ("genesys-cloud", "planning-group", "/name"),
    ("genesys-cloud", "evaluation", "/answers/comments"),
    ("genesys-cloud", "management-unit-settings", "/shortTermForecasting/defaultHistoryWeeks"),
    ("genesys-cloud", "business-unit-settings", "/shortTermForecasting/defaultHistoryWeeks"),
];

/// The longest text that gets a mark at its end; a longer one has its last letter replaced.
const TEXT_MAX: usize = 48;

/// What can be changed in a record and put back; `None` where nothing can.
pub(super) fn mark(dialect: &str, kind: &str, value: &Value) -> Option<Mark> {
    if kind == "agent-schedule" {
        return if dialect == "wfm-v2" { availability(value) } else { description(value) };
    }
    let (.., pointer) = FIELDS.iter().find(|(of, name, _)| *of == dialect && *name == kind)?;
    let from = value.pointer(pointer).cloned();
    let to = match &from {
        Some(Value::String(text)) => json!(marked(text)),
        Some(Value::Number(number)) => json!(number.as_u64().map(|old| if old > 1 { old - 1 } else { old + 1 })?),
        // What is not there could not be taken away again in the one API; in the other it has a default.
        Some(Value::Null) if dialect == "wfm-v2" => json!("*"),
        _ => return None,
    };
    Some(Mark { pointer: (*pointer).to_owned(), from, to })
}

fn marked(text: &str) -> String {
    let kept = text.chars().count().min(TEXT_MAX);
    let kept: String = text.chars().take(kept).collect();
    if kept.is_empty() { "*".to_owned() } else { format!("{kept} *") }
}

/// An agent's week has no text: what it is available for is the smallest thing in it.
fn availability(value: &Value) -> Option<Mark> {
    let from = value.pointer("/availability/status")?.as_str()?;
    let to = if from == "training" { "available" } else { "training" };
    Some(Mark { pointer: "/availability/status".to_owned(), from: Some(json!(from)), to: json!(to) })
}

/// The text of an activity.
fn description(value: &Value) -> Option<Mark> {
    let shifts = value["shifts"].as_array()?;
    let at = shifts.iter().position(|shift| shift["activities"].as_array().is_some_and(|all| !all.is_empty()))?;
    let pointer = format!("/shifts/{at}/activities/0/description");
    let from = value.pointer(&pointer).cloned();
    let to = json!(marked(from.as_ref().and_then(Value::as_str).unwrap_or_default()));
    Some(Mark { pointer, from, to })
}

/// Puts a value at a pointer, or takes it away. What the pointer goes through must be there.
fn put(value: &Value, pointer: &str, new: Option<&Value>) -> Value {
    let mut value = value.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        match new {
            Some(new) => drop(members.insert(name.to_owned(), new.clone())),
            None => drop(members.remove(name)),
        }
    }
    value
}

/// The document that an agent's record stands in.
pub(super) fn document(dialect: &str, resource: &Resource) -> Option<Resource> {
    let (schedule, _) = resource.id()?.split_once('/').filter(|_| resource.kind == "agent-schedule")?;
    let kind = if dialect == "wfm-v2" { "schedule" } else { "week-schedule" };
    Some(Resource::by_id(&resource.org, kind, schedule))
}

/// Whether writes of a kind are taken first and carried out later, so that no answer tells what became of them.
pub(super) fn is_uploaded(dialect: &str, kind: &str) -> bool {
    dialect == "genesys-cloud" && matches!(kind, "agent-schedule" | "week-schedule")
}

/// Whether a write of the dialect can name its version by a tag alone.
pub(super) fn takes_tags(dialect: &str, kind: &str) -> bool {
    dialect == "wfm-v2" && kind != "agent-schedule"
}

/// Notes under which an upload of an agent names this version of the schedule.
pub(super) fn from_schedule(version: u64) -> Notes {
    let mut notes = Notes::default();
    notes.set(genesys_cloud::SCHEDULE_VERSION, version.to_string());
    notes
}

/// A small question that only makes an answer come, for its headers.
pub(super) fn ping(dialect: &str) -> Request {
    Request::bare(
        Method::Get,
        match dialect {
            "wfm-v2" => "/api/v2/wfm/v2/quality/scores?page=1&page_size=1",
            _ => "/api/v2/workforcemanagement/businessunits",
        },
    )
}
