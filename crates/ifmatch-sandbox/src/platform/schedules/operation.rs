//! What runs for a while and ends with a notice: updates, imports, copies, deletions of schedules.

use serde_json::{Map, Value, json};

use super::show;
use crate::{
    api,
    platform::call::Call,
    queue::Due,
    record::{Schedule, Writer},
    refusal::Checked,
    target::Target,
};

/// Which of the four it is; the name is the one of its notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Update,
    Import,
    Copy,
    Delete,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Update => "Update",
            Self::Import => "Import",
            Self::Copy => "Copy",
            Self::Delete => "Delete",
        }
    }
}

/// One operation that runs.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) event: Event,
    pub(crate) business_unit: String,
    /// The week of the path.
    pub(crate) week: String,
    /// The schedule of the path; empty for an import.
    pub(crate) schedule_id: String,
    /// The body, or the uploaded one.
    pub(crate) content: Map<String, Value>,
    pub(crate) writer: Writer,
}

impl Operation {
    /// What a call begins.
    pub(crate) fn of(call: &Call, event: Event, week: String, content: Map<String, Value>) -> Self {
        Self {
            event,
            business_unit: call.param("businessUnitId").to_owned(),
            week,
            schedule_id: call.param("scheduleId").to_owned(),
            content,
            writer: call.writer.clone(),
        }
    }

    /// A call of the other API, for the rules that both share.
    pub(crate) fn as_call(&self, now: i64) -> api::Call {
        api::Call {
            now,
            read_at: now,
            method: "POST".to_owned(),
            writer: self.writer.clone(),
            query: std::collections::BTreeMap::new(),
            body: self.content.clone(),
            if_match: None,
            idempotency_key: None,
            stale_as_422: false,
        }
    }
}

impl Target {
    /// Begins an operation; returns the answer that names it.
    pub(crate) fn begin(&mut self, call: &Call, event: Event, week: String, content: Map<String, Value>) -> Value {
        let id = self.platform_id();
        let operation = Operation::of(call, event, week, content);
        self.platform.schedules.operations.insert(id.clone(), operation);
        let at = call.now + self.options.platform.upload_ms.max(0);
        self.queue.put(at, Due::Platform { run: end, id: id.clone() });
        json!({"status": "Processing", "operationId": id})
    }

    /// Tells how an operation ended: with a schedule, or with an error.
    pub(crate) fn tell_operation(&mut self, now: i64, id: &str, operation: &Operation, outcome: Option<&Schedule>) {
        let status = if outcome.is_some() { "Complete" } else { "Error" };
        let mut body = json!({"status": status, "operationId": id, "eventType": operation.event.name()});
        if let Some(schedule) = outcome {
            body["result"] = show::noticed(schedule, &self.agents_by_unit(schedule));
        }
        let topic = format!("v2.workforcemanagement.businessunits.{}.schedules", operation.business_unit);
        self.notify(now, topic, body);
    }
}

/// An operation ends: it is carried out, and a notice tells how. Why it failed, nobody says.
fn end(target: &mut Target, now: i64, id: &str) {
    let Some(operation) = target.platform.schedules.operations.remove(id) else {
        return;
    };
    let outcome: Checked<Schedule> = match operation.event {
        Event::Update => target.land_update(now, &operation),
        Event::Import => target.land_import(now, &operation),
        Event::Copy => target.land_copy(now, &operation),
        Event::Delete => target.land_delete(now, &operation),
    };
    target.tell_operation(now, id, &operation, outcome.ok().as_ref());
}
