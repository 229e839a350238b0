//! One try of the naive loop at each kind of record: read for the version, write the old payload.

use crate::demo::wish::Payload;
use crate::live::{Http, NoAnswer, Reply};
use serde_json::{Value, json};

const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
const SCHEDULES: &str = "/api/v2/wfm/schedules";

/// What one try came to.
pub(super) enum Sent {
    /// The target took it, and answered this.
    Done(Reply),
    /// The target finds the request itself wrong: trying again is pointless.
    Wrong(String),
    /// Anything else.
    Refused(String),
}

/// Reads for the version, then writes.
pub(super) async fn once(http: &Http, payload: &Payload) -> Sent {
    let reply = match payload {
        Payload::Score(doc) => score(http, doc).await,
        Payload::Trade(doc) => trade(http, doc).await,
        Payload::Agent { schedule, entry } => agent(http, schedule, entry).await,
        Payload::Publish { schedule } => publish(http, schedule).await,
    };
    match reply {
        Ok(reply) if reply.is_done() => Sent::Done(reply),
        Ok(reply) if matches!(reply.status, 400 | 403 | 404 | 422) => Sent::Wrong(line(&reply)),
        Ok(reply) => Sent::Refused(line(&reply)),
        Err(error) => Sent::Refused(error.to_string()),
    }
}

fn line(reply: &Reply) -> String {
    format!("{} {}", reply.status, reply.text.chars().take(160).collect::<String>())
}

async fn score(http: &Http, doc: &Value) -> Result<Reply, NoAnswer> {
    let email = doc["agent_email"].as_str().unwrap_or_default();
    let found = http.get(&format!("{SCORES}?agent_email={}", escape(email))).await?;
    if !found.is_done() {
        return Ok(found);
    }
    let page = found.json();
    let same = |score: &&Value| ["evaluation_form", "review_date"].iter().all(|name| score[*name] == doc[*name]);
    let mut body = doc.clone();
    if let Some(score) = page["entities"].as_array().into_iter().flatten().find(same) {
        body["id"] = score["id"].clone();
        body["version"] = score["version"].clone();
    }
    http.put("POST", SCORES, &body).await
}

async fn trade(http: &Http, doc: &Value) -> Result<Reply, NoAnswer> {
    let request = doc["swap_request_id"].as_str().unwrap_or_default();
    let found = http.get(&format!("{TRADES}?swap_request_id={}", escape(request))).await?;
    if !found.is_done() {
        return Ok(found);
    }
    let page = found.json();
    match page["entities"].as_array().and_then(|entities| entities.first()) {
        Some(trade) => {
            let mut body = doc.clone();
            body["version"] = trade["version"].clone();
            http.put("PUT", &format!("{TRADES}/{}", trade["trade_id"].as_str().unwrap_or_default()), &body).await
        }
        None => http.put("POST", TRADES, doc).await,
    }
}

async fn agent(http: &Http, schedule: &str, entry: &Value) -> Result<Reply, NoAnswer> {
    let id = entry["agent_id"].as_str().unwrap_or_default();
    let found = http.get(&format!("{SCHEDULES}/{schedule}?agent_id={id}")).await?;
    if !found.is_done() {
        return Ok(found);
    }
    let document = found.json();
    let mut entry = entry.clone();
    entry["version"] = document["agents"][0]["version"].clone();
    let body = json!({"id": schedule, "version": document["version"], "agents": [entry]});
    http.put("POST", SCHEDULES, &body).await
}

async fn publish(http: &Http, schedule: &str) -> Result<Reply, NoAnswer> {
    let found = http.get(&format!("{SCHEDULES}/{schedule}?agent_id=none")).await?;
    if !found.is_done() {
        return Ok(found);
    }
    let body = json!({"version": found.json()["version"]});
    http.put("POST", &format!("/api/v2/wfm/scheduling/schedules/{schedule}/publish"), &body).await
}

fn escape(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
