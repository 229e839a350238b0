//! What the target itself saw besides the ledger: who was locked when. Asked once a run is over,
//! by a client of the judge's own, past every statistic that counts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_sandbox::{Delivery, Request, Sandbox};
use ifmatch_server::RunningSandbox;
use serde_json::Value;
use std::collections::BTreeMap;

/// The judge's client.
const JUDGE: &str = "judge";

/// One lock: from when, until when, milliseconds since the Unix epoch; an open end is far away.
pub(super) type Lock = (i64, i64);

/// The locks of a run by the record's path, in order.
pub(super) fn locks(sandbox: &RunningSandbox) -> BTreeMap<String, Vec<Lock>> {
    let now_ms = sandbox.clock().now_ms();
    let mut locks: BTreeMap<String, Vec<Lock>> = BTreeMap::new();
    for event in sandbox.with(|sandbox| events(sandbox, now_ms)) {
        let at = event["at"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        let (Some(at), Some(path)) = (at.map(jiff::Timestamp::as_millisecond), event["path"].as_str()) else {
            continue;
        };
        let known = locks.entry(path.to_owned()).or_default();
        match event["type"].as_str() {
            Some("locked") => known.push((at, i64::MAX)),
            Some("unlocked") => known.iter_mut().rev().take(1).for_each(|lock| lock.1 = at),
            _ => {}
        }
    }
    locks.retain(|_, known| !known.is_empty());
    locks
}

fn events(sandbox: &mut Sandbox, now_ms: i64) -> Vec<Value> {
    sandbox.add_client(JUDGE, JUDGE, "Judge");
    let basic = format!("Basic {}", STANDARD.encode(format!("{JUDGE}:{JUDGE}")));
    let form = ("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned());
    let login = Request {
        method: "POST".to_owned(),
        path: "/oauth/token".to_owned(),
        headers: vec![("Authorization".to_owned(), basic), form],
        body: b"grant_type=client_credentials".to_vec(),
    };
    let token = ask(sandbox, now_ms, &login)["access_token"].as_str().unwrap_or_default().to_owned();
    let (mut all, mut next) = (Vec::new(), String::from("0"));
    loop {
        let page = Request {
            method: "GET".to_owned(),
            path: format!("/api/v2/wfm/events?after={next}"),
            headers: vec![("Authorization".to_owned(), format!("Bearer {token}"))],
            body: Vec::new(),
        };
        let page = ask(sandbox, now_ms, &page);
        let events = page["events"].as_array().cloned().unwrap_or_default();
        if events.is_empty() {
            return all;
        }
        all.extend(events);
        page["next"].as_str().unwrap_or_default().clone_into(&mut next);
    }
}

fn ask(sandbox: &mut Sandbox, now_ms: i64, request: &Request) -> Value {
    match sandbox.handle(now_ms, request) {
        Delivery::Answer { response, .. } => response.json().unwrap_or_default(),
        Delivery::Lost { .. } | Delivery::Reset { .. } => Value::Null,
    }
}
