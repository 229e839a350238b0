//! Webhooks: a signed one of ServiceNow, and one that shows a password.

use super::site::Site;
use crate::demo::strategy::gateway::Handed;
use crate::demo::wish::End;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_sandbox::Request;
use ifmatch_sources::signature::standard::{self, Secret};
use serde_json::Value;
use std::time::Duration;

/// How often a call that met a gateway without time is made again, as an outbox does.
const TRIES: u32 = 20;

/// The pause before, wall time: what `Retry-After` asks for is scenario time.
const PAUSE: Duration = Duration::from_millis(50);

/// A call with a signature of Standard Webhooks.
pub(super) async fn signed(site: &Site, body: &str) -> Handed {
    let Ok(secret) = Secret::parse(&site.signing) else { return wrong("the secret is none") };
    let id = identity(body);
    let (at, signature) = standard::sign(&secret, &id, jiff::Timestamp::now(), body);
    let headers = [("webhook-id", id), ("webhook-timestamp", at), ("webhook-signature", signature)];
    call(site, "servicenow", &headers, body).await
}

/// A call without a signature.
pub(super) async fn open(site: &Site, body: &str) -> Handed {
    let basic = STANDARD.encode(format!("{}:{}", site.caller, site.secret));
    call(site, site.caller, &[("authorization", format!("Basic {basic}"))], body).await
}

/// What ServiceNow knows a state of a record by.
fn identity(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    format!("{}:{}", text("sys_id"), text("sys_mod_count"))
}

async fn call(site: &Site, source: &str, headers: &[(&str, String)], body: &str) -> Handed {
    let kind = ("content-type".to_owned(), "application/json".to_owned());
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    let request = Request {
        method: "POST".to_owned(),
        path: format!("/v1/hooks/{source}"),
        headers: headers.chain([kind]).collect(),
        body: body.as_bytes().to_vec(),
    };
    let mut last = String::new();
    for _ in 0..TRIES {
        match site.http.exchange(&request).await {
            Ok(answer) if answer.status == 503 => last = "503".to_owned(),
            Ok(answer) => return read(answer.status, &answer.body),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Handed::Ended(End::Discarded, format!("{TRIES} calls without an answer: {last}"))
}

fn read(status: u16, body: &[u8]) -> Handed {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    match (status, answer["intent_id"].as_str()) {
        (202, Some(_)) if answer["duplicate"] == true => {
            Handed::Ended(End::Superseded, "the same event again".to_owned())
        }
        (202, Some(id)) => Handed::As(id.to_owned()),
        _ => wrong(&format!("{status} {answer}")),
    }
}

fn wrong(why: &str) -> Handed {
    Handed::Ended(End::Rejected, format!("error to the caller: {why}"))
}
