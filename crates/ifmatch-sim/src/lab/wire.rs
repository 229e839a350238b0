//! How a loop speaks to the target: the requests, and what their answers mean.

use super::strategy::{Heard, Reading, Refusal, Stamp};
use super::workload::Item;
use ifmatch_sandbox::{Request, Response};
use serde_json::{Map, Value, json};

const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
const SCHEDULES: &str = "/api/v2/wfm/schedules";
const PUBLISHES: &str = "/api/v2/wfm/scheduling/schedules";

/// Fields that the target manages; a sender does not send them, beside the version.
const MANAGED: [&str; 12] = [
    "version",
    "resource_version",
    "entity_version",
    "date_modified",
    "modified_by",
    "draft_revision",
    "published_revision",
    "state",
    "settled_at",
    "schedule_id",
    "week",
    "time_zone",
];

/// The request that reads an item's record.
pub(super) fn read(item: &Item) -> Request {
    let path = match item.kind.as_str() {
        "quality-score" => format!("{SCORES}/{}", item.id),
        "agent-schedule" => {
            let (schedule, agent) = parts(&item.id);
            format!("{SCHEDULES}/{schedule}?agent_id={agent}")
        }
        _ => format!("{PUBLISHES}/{}/status", item.id),
    };
    Request { method: "GET".to_owned(), path, ..Request::default() }
}

/// The request that writes a record as its sender wants it.
pub(super) fn write(item: &Item, record: &Value, stamp: Stamp) -> Request {
    let mut body = bare(record);
    let path = match item.kind.as_str() {
        "quality-score" => {
            body.insert("id".to_owned(), item.id.clone().into());
            body.insert("version".to_owned(), json!(stamp.document));
            SCORES.to_owned()
        }
        "agent-schedule" => {
            let (schedule, agent) = parts(&item.id);
            body.insert("agent_id".to_owned(), agent.into());
            if let Some(part) = stamp.part {
                body.insert("version".to_owned(), part.into());
            }
            let push = json!({ "id": schedule, "version": stamp.document, "agents": [body] });
            body = push.as_object().cloned().unwrap_or_default();
            SCHEDULES.to_owned()
        }
        "shift-trade" => TRADES.to_owned(),
        _ => {
            body.clear();
            format!("{PUBLISHES}/{}/publish", item.id)
        }
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Request { method: "POST".to_owned(), path, headers, body: Value::Object(body).to_string().into_bytes() }
}

fn parts(id: &str) -> (&str, &str) {
    id.split_once('/').unwrap_or((id, ""))
}

fn bare(record: &Value) -> Map<String, Value> {
    let fields = record.as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(name, _)| !MANAGED.contains(&name.as_str())).collect()
}

/// What an answer means to a loop.
#[must_use]
pub fn heard(item: &Item, is_write: bool, response: &Response) -> Heard {
    let body = response.json().unwrap_or(Value::Null);
    // One envelope says 207 of a single refused write.
    let refused_within = response.status == 207;
    if !(200..300).contains(&response.status) || refused_within {
        return Heard::Refused(refusal(response, &body));
    }
    if is_write {
        return Heard::Written;
    }
    let version = |record: &Value| record["version"].as_u64();
    Heard::Read(match item.kind.as_str() {
        "agent-schedule" => {
            let record = body["agents"][0].clone();
            Reading { stamp: Stamp { document: version(&body), part: version(&record) }, record }
        }
        _ => Reading { stamp: Stamp { document: version(&body), part: None }, record: body },
    })
}

fn refusal(response: &Response, body: &Value) -> Refusal {
    let within = body["entities"][0]["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = if response.status == 207 { within.unwrap_or(409) } else { response.status };
    let text = String::from_utf8_lossy(&response.body);
    let of_version = status == 400 && text.contains("does not match the current version");
    let seconds = response.header("retry-after").and_then(|after| after.trim().parse::<i64>().ok());
    Refusal {
        status,
        is_conflict: matches!(status, 409 | 412) || of_version,
        retry_after_ms: seconds.map(|seconds| seconds * 1_000),
    }
}
