//! What the notification service tells, and how it is asked to.
//!
//! A channel is got by a POST, told its topics by a PUT, and read from a websocket. Nothing is kept for a channel without an open
//! socket. Topics of a user are for that user alone, which a client is not, so none of them is asked for.

use super::kinds::{AGENT, EVALUATION, WEEK, part};
use super::schedules::unit_of;
use super::{GenesysCloud, refusals};
use crate::paths::segment;
use ifmatch_core::{Channel, Method, Moved, Notes, Notices, OrgName, Request, Resource, Response, Subscribed};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const CHANNELS: &str = "/api/v2/notifications/channels";
const EVALUATIONS: &str = "v2.quality.evaluations";
/// Topics that one channel may have.
const TOPICS_MAX: usize = 1_000;

impl Notices for GenesysCloud {
    fn topics(&self, resource: &Resource, places: &Notes) -> Vec<String> {
        let topic = match resource.kind.as_str() {
            AGENT | WEEK if resource.id().is_some() => unit_of(part(resource, 0), places).map(schedules),
            EVALUATION => Some(EVALUATIONS.to_owned()),
            _ => None,
        };
        topic.into_iter().collect()
    }

    fn topics_max(&self) -> usize {
        TOPICS_MAX
    }

    fn open(&self) -> Request {
        Request::bare(Method::Post, CHANNELS)
    }

    fn opened(&self, response: &Response) -> Result<Channel, String> {
        let body = response.json().unwrap_or_default();
        if !response.is_success() {
            return Err(words(response));
        }
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let (Some(id), Some(address)) = (text("id"), text("connectUri")) else {
            return Err(format!("{}: the answer gives no channel", response.status));
        };
        let expires_at = text("expires").and_then(|text| text.parse().ok());
        Ok(Channel { id, address, expires_at })
    }

    /// One topic that may not be had refuses them all, unless the request says otherwise.
    fn subscribe(&self, channel: &str, topics: &BTreeSet<String>) -> Request {
        let path = format!("{CHANNELS}/{}/subscriptions?ignoreErrors=true", segment(channel));
        let topics: Vec<Value> = topics.iter().map(|topic| json!({ "id": topic })).collect();
        Request::json(Method::Put, path, &Value::from(topics))
    }

    fn subscribed(&self, response: &Response) -> Subscribed {
        if matches!(response.status, 404 | 410) {
            return Subscribed::Gone;
        }
        if !response.is_success() {
            return Subscribed::Refused(words(response));
        }
        let body = response.json().unwrap_or_default();
        let entities = body["entities"].as_array().into_iter().flatten();
        let rejected = entities.filter(|entity| entity["state"] == "Rejected");
        Subscribed::Held(rejected.filter_map(|entity| Some((entity["id"].as_str()?.to_owned(), why(entity)))).collect())
    }

    fn ping(&self) -> String {
        json!({"message": "ping"}).to_string()
    }

    /// Shape: `{"topicName": "v2.workforcemanagement.businessunits.5b….schedules", "eventBody": {"status": "Complete",
    /// "operationId": "9f…", "eventType": "Update", "result": {…}}}`. A failure says no more than `Error`.
    fn told(&self, message: &Value) -> Option<(String, bool)> {
        let topic = message["topicName"].as_str()?;
        let body = &message["eventBody"];
        let operation = body["operationId"].as_str().filter(|_| topic.starts_with("v2.workforcemanagement."))?;
        let failed = match body["status"].as_str()? {
            "Complete" => false,
            "Error" | "Canceled" => true,
            _ => return None,
        };
        Some((operation.to_owned(), failed))
    }

    /// Whose shifts an update changed is not told: the agents that a notice names are all of the schedule.
    fn moved(&self, org: &OrgName, message: &Value) -> Vec<Moved> {
        let topic = message["topicName"].as_str().unwrap_or_default();
        let body = &message["eventBody"];
        if topic == EVALUATIONS {
            let id = body["conversationId"].as_str().zip(body["id"].as_str());
            let record = id.map(|(conversation, id)| Resource::by_id(org, EVALUATION, &format!("{conversation}/{id}")));
            return record.map(Moved::Record).into_iter().collect();
        }
        let unit = topic.strip_prefix(UNIT).and_then(|rest| rest.strip_suffix(SCHEDULES));
        let schedule = body["result"]["id"].as_str().filter(|_| unit.is_some() && body["status"] == "Complete");
        let Some(id) = schedule else { return Vec::new() };
        vec![Moved::Record(Resource::by_id(org, WEEK, id)), Moved::Envelope(id.to_owned())]
    }
}

const UNIT: &str = "v2.workforcemanagement.businessunits.";
const SCHEDULES: &str = ".schedules";

/// The topic of the schedules of a business unit.
fn schedules(unit: &str) -> String {
    format!("{UNIT}{unit}{SCHEDULES}")
}

/// A refusal in a few words.
fn words(response: &Response) -> String {
    let told = refusals::told(&response.json().unwrap_or_default());
    let code = told.codes.first().map(String::as_str).unwrap_or_default();
    let message: String = told.message.chars().take(200).collect();
    [&response.status.to_string(), code, &message]
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Why a topic may not be had.
fn why(entity: &Value) -> String {
    let missing: Vec<&str> =
        entity["missingPermissions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match (entity["rejectionReason"].as_str(), missing.is_empty()) {
        (_, false) => format!("the client has no permission {}", missing.join(", ")),
        (Some(reason), true) => reason.chars().take(200).collect(),
        (None, true) => "the target does not say why".to_owned(),
    }
}

#[cfg(test)]
mod tests;
