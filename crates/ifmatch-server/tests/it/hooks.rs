//! Hooks over real sockets: who is let in, what messages become, and what repeating and reordering do.

use crate::client::{Answer, Client};
use crate::gateway::Gateway;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;
use std::io::{Read as _, Write as _};

const MAP: &str = r#"
[source.hook.map]
kind = "quality-score"
key = { agent_email = "/agent/email", evaluation_form = "/evaluation_form", review_date = "/review_date" }
when = { "/operation" = ["insert", "update"] }
[source.hook.map.fields]
"/score" = { from = "/score", as = "number" }
"/comments" = { from = "/comments", absent = "skip" }
"#;

const SIGNING: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ZENDESK: &str = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==";

/// The map for ServiceNow of `docs/HOOKS.md`.
fn documented() -> String {
    let document = include_str!("../../../../docs/HOOKS.md");
    let begin = document.find("[source.hook.map]\nkind = \"quality-score\"\nexternal").expect("the map is there");
    document[begin..].split("```").next().unwrap_or_default().to_owned()
}

fn source(name: &str, kind: &str, hook: &str, map: &str) -> String {
    format!(
        "[[source]]\nname = \"{name}\"\norg = \"sandbox\"\nkind = \"{kind}\"\nclient_id = \"{name}-id\"\n\
         client_secret = \"{name}: a%20secret\"\n[source.hook]\n{hook}\n{map}\n"
    )
}

/// A gateway with one source for each way in.
async fn start() -> Gateway {
    Gateway::configured(&sources()).await
}

fn sources() -> String {
    let events = MAP
        .replace("\"/", "\"/data/")
        .replace("\"/data/score\" =", "\"/score\" =")
        .replace("\"/data/comments\" =", "\"/comments\" =");
    let sources = [
        source("reviews", "servicenow", "", MAP),
        source("reviews-bearer", "servicenow", "auth = [\"bearer\"]\nsecret = \"old-bearer new-bearer\"", MAP),
        source(
            "reviews-key",
            "servicenow",
            "auth = [\"api-key\"]\nheader = \"X-Review-Key\"\nsecret = \"the-key\"",
            MAP,
        ),
        source("reviews-signed", "servicenow", &format!("auth = [\"standard-webhooks\"]\nsecret = \"{SIGNING}\""), MAP),
        source("tickets", "zendesk", &format!("auth = [\"zendesk\"]\nsecret = \"{ZENDESK}\""), MAP),
        source("broker", "webhook", "form = \"cloudevents\"", &events),
        source("own", "script", "", ""),
        source("documented", "servicenow", "", &documented()),
    ];
    sources.concat()
}

/// The body of a review as ServiceNow sends it, about a score of the sandbox.
fn review(gateway: &Gateway, index: usize, sys_id: &str, count: u64, score: u64) -> Value {
    let record = gateway.record(&gateway.score(index).0);
    json!({
        "table": "x_acme_quality_review", "operation": "update", "sys_id": sys_id, "sys_mod_count": count.to_string(),
        "sys_updated_on": "2026-10-25 00:59:59", "agent": {"email": record["agent_email"]},
        "evaluation_form": record["evaluation_form"], "review_date": record["review_date"], "score": score.to_string(),
    })
}

fn anonymous(gateway: &Gateway) -> Client {
    Client::new(&gateway.running.url)
}

fn basic(name: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}-id:{name}: a%20secret")))
}

async fn send(gateway: &Gateway, name: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    if headers.iter().any(|(name, _)| *name == "content-type") {
        all.remove(0);
    }
    anonymous(gateway).send("POST", &format!("/v1/hooks/{name}"), &all, body).await
}

/// Sends with the source's own credentials.
async fn deliver(gateway: &Gateway, name: &str, body: &Value) -> Answer {
    send(gateway, name, &[("authorization", &basic(name))], &body.to_string()).await
}

/// How an intent settles.
async fn settled(gateway: &Gateway, answer: &Value) -> Value {
    let path = answer["links"]["self"].as_str().unwrap_or_else(|| panic!("{answer}"));
    gateway.operator.get(&format!("{path}?wait=120")).await.expect(200).json()
}

#[track_caller]
fn check_refused(answer: Answer, status: u16, code: &str, field: Option<&str>) {
    let problem = answer.expect(status).json();
    assert_eq!((problem["code"].as_str(), problem["field"].as_str()), (Some(code), field), "{problem}");
}

fn mac(key: &[u8], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    parts.iter().for_each(|part| mac.update(part));
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The headers of Standard Webhooks for a body, signed so long ago.
fn signed(id: &str, body: &str, ago_s: i64) -> [(&'static str, String); 3] {
    let at = (Timestamp::now().as_second() - ago_s).to_string();
    let key = STANDARD.decode(&SIGNING[6..]).unwrap();
    let signature = mac(&key, &[id.as_bytes(), b".", at.as_bytes(), b".", body.as_bytes()]);
    [("webhook-id", id.to_owned()), ("webhook-timestamp", at), ("webhook-signature", format!("v1,{signature}"))]
}

fn borrowed<'a>(headers: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn a_review_of_servicenow_lands_in_the_target() {
    let gateway = start().await;
    let (id, _) = gateway.score(0);
    let body = review(&gateway, 0, "9f1c", 7, 63);
    let answer = deliver(&gateway, "reviews", &body).await.expect(202).json();
    let intent = answer["intent_id"].as_str().unwrap();
    assert_eq!(
        answer,
        json!({"intent_id": intent, "status": "accepted", "duplicate": false, "links": {"self": format!("/v1/intents/{intent}")}})
    );
    let end = settled(&gateway, &answer).await;
    assert_eq!((&end["state"], &end["source"]), (&json!("landed"), &json!("reviews")), "{end}");
    assert_eq!(gateway.record(&id)["score"], 63);

    let again = deliver(&gateway, "reviews", &body).await.expect(202).json();
    assert_eq!((&again["intent_id"], &again["duplicate"]), (&answer["intent_id"], &json!(true)));
    let other = deliver(&gateway, "reviews", &review(&gateway, 0, "9f1c", 7, 64)).await;
    check_refused(other, 422, "idempotency_mismatch", Some("/idempotency_key"));
}

#[tokio::test]
async fn the_documented_example_makes_a_score_and_then_changes_it() {
    let gateway = start().await;
    let document = include_str!("../../../../docs/HOOKS.md");
    let body = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let authorization = basic("documented");
    let deliver = |body: String| {
        let gateway = &gateway;
        let authorization = authorization.as_str();
        async move { send(gateway, "documented", &[("authorization", authorization)], &body).await.expect(202).json() }
    };
    let end = settled(&gateway, &deliver(body.to_owned()).await).await;
    assert_eq!((&end["state"], &end["result"]["version"]), (&json!("landed"), &json!(1)), "{end}");
    let next = body.replace("\"7\"", "\"8\"").replace("\"85\"", "\"86\"");
    let end = settled(&gateway, &deliver(next).await).await;
    assert_eq!((&end["state"], &end["result"]["version"]), (&json!("landed"), &json!(2)), "{end}");
}

#[tokio::test]
async fn what_was_answered_is_known_after_a_restart() {
    let gateway = start().await;
    let body = review(&gateway, 0, "9f1c", 7, 63);
    let first = deliver(&gateway, "reviews", &body).await.expect(202).json();
    let folder = gateway.stop().await;
    let gateway = Gateway::configured_in(folder, &sources()).await;
    let again = deliver(&gateway, "reviews", &body).await.expect(202).json();
    assert_eq!((&again["intent_id"], &again["duplicate"]), (&first["intent_id"], &json!(true)));
}

#[tokio::test]
async fn an_older_count_that_comes_later_changes_nothing() {
    let gateway = start().await;
    let (id, _) = gateway.score(1);
    let newer = deliver(&gateway, "reviews", &review(&gateway, 1, "9f1c", 7, 71)).await.expect(202).json();
    assert_eq!(settled(&gateway, &newer).await["state"], "landed");
    let older = deliver(&gateway, "reviews", &review(&gateway, 1, "9f1c", 5, 51)).await.expect(202).json();
    let end = settled(&gateway, &older).await;
    assert_eq!((&end["state"], &end["code"]), (&json!("superseded"), &json!("superseded/late")), "{end}");
    assert_eq!(gateway.record(&id)["score"], 71);
}

#[tokio::test]
async fn each_way_of_showing_who_sends_is_enough_and_no_other() {
    let gateway = start().await;
    let body = |count| review(&gateway, 2, "9f1c", count, 70 + count).to_string();
    // OAuth has both parts form-encoded, plain Basic has not.
    let token = anonymous(&gateway).log_in("reviews-id", "reviews: a%2520secret").await;
    let path = "/v1/hooks/reviews";
    token.send("POST", path, &[("content-type", "application/json")], &body(1)).await.expect(202);
    check_refused(gateway.script.send("POST", path, &[], &body(1)).await, 401, "hook_refused", None);
    check_refused(gateway.operator.send("POST", path, &[], &body(1)).await, 401, "hook_refused", None);

    let right = [
        ("reviews", "authorization", basic("reviews")),
        ("reviews-bearer", "authorization", "Bearer old-bearer".to_owned()),
        ("reviews-bearer", "authorization", "bearer new-bearer".to_owned()),
        ("reviews-key", "x-review-key", "the-key".to_owned()),
    ];
    for (count, (name, header, value)) in right.iter().enumerate() {
        let count = u64::try_from(count).unwrap() + 2;
        send(&gateway, name, &[(header, value)], &body(count)).await.expect(202);
    }
    for (name, header, value) in [
        ("reviews", "authorization", basic("reviews-key")),
        ("reviews", "authorization", format!("Basic {}", STANDARD.encode("reviews-id:wrong"))),
        ("reviews", "authorization", "Bearer old-bearer".to_owned()),
        ("reviews", "x-review-key", "the-key".to_owned()),
        ("reviews-bearer", "authorization", "Bearer old-bearer new-bearer".to_owned()),
        ("reviews-bearer", "authorization", basic("reviews-bearer")),
        ("reviews-key", "x-review-key", "the-keys".to_owned()),
        ("reviews-key", "x-api-key", "the-key".to_owned()),
        ("reviews-signed", "authorization", basic("reviews-signed")),
    ] {
        let refused = send(&gateway, name, &[(header, &value)], &body(9)).await;
        assert!(refused.header("www-authenticate").starts_with("Basic"), "{refused:?}");
        check_refused(refused, 401, "hook_refused", None);
    }
}

#[tokio::test]
async fn a_signature_holds_for_its_bytes_and_for_minutes() {
    let gateway = start().await;
    let body = review(&gateway, 3, "9f1c", 1, 77).to_string();
    let good = signed("9f1c:1", &body, 0);
    let first = send(&gateway, "reviews-signed", &borrowed(&good), &body).await.expect(202).json();
    let again =
        send(&gateway, "reviews-signed", &borrowed(&signed("9f1c:1", &body, 30)), &body).await.expect(202).json();
    assert_eq!((&again["intent_id"], &again["duplicate"]), (&first["intent_id"], &json!(true)));
    assert_eq!(settled(&gateway, &first).await["state"], "landed");

    let mut details = Vec::new();
    for (headers, body) in [
        (good.clone(), body.replace("77", "99")),
        (signed("9f1c:1", &body, 400), body.clone()),
        (signed("9f1c:1", &body, -400), body.clone()),
        ([good[0].clone(), good[1].clone(), ("webhook-signature", "v1,AAAA".to_owned())], body.clone()),
        ([("webhook-id", "9f1c:2".to_owned()), good[1].clone(), good[2].clone()], body.clone()),
    ] {
        let problem = send(&gateway, "reviews-signed", &borrowed(&headers), &body).await.expect(401).json();
        assert_eq!(problem["code"], "hook_refused");
        details.push(problem["detail"].clone());
    }
    details.dedup();
    assert_eq!(details.len(), 1, "which part was wrong is not told");
}

#[tokio::test]
async fn a_trigger_of_zendesk_is_signed_and_known_by_its_bytes() {
    let gateway = start().await;
    let sign = |body: &str, at: String| {
        let signature = mac(ZENDESK.as_bytes(), &[at.as_bytes(), body.as_bytes()]);
        [("x-zendesk-webhook-signature", signature), ("x-zendesk-webhook-signature-timestamp", at)]
    };
    let now = || Timestamp::now().to_string();
    let body = review(&gateway, 4, "unused", 1, 44).to_string();
    let first = send(&gateway, "tickets", &borrowed(&sign(&body, now())), &body).await.expect(202).json();
    assert_eq!(settled(&gateway, &first).await["state"], "landed");
    let mut later = sign(&body, now()).to_vec();
    later.push(("idempotency-key", "forged".to_owned()));
    let again = send(&gateway, "tickets", &borrowed(&later), &body).await.expect(202).json();
    assert_eq!((&again["intent_id"], &again["duplicate"]), (&first["intent_id"], &json!(true)));
    let stale = sign(&body, (Timestamp::now() - SignedDuration::from_mins(6)).to_string());
    check_refused(send(&gateway, "tickets", &borrowed(&stale), &body).await, 401, "hook_refused", None);
    let moved = body.replace("44", "45");
    check_refused(send(&gateway, "tickets", &borrowed(&sign(&body, now())), &moved).await, 401, "hook_refused", None);
}

#[tokio::test]
async fn a_body_in_chunks_is_taken_as_a_whole() {
    let gateway = start().await;
    let body = review(&gateway, 5, "9f1c", 1, 55).to_string();
    let address = gateway.running.url.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
    let head = format!(
        "POST /v1/hooks/reviews HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        basic("reviews")
    );
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        for chunk in body.as_bytes().chunks(17) {
            write!(stream, "{:x}\r\n", chunk.len()).unwrap();
            stream.write_all(chunk).unwrap();
            stream.write_all(b"\r\n").unwrap();
            stream.flush().unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    let taken: Value = serde_json::from_str(answer.rsplit("\r\n\r\n").next().unwrap()).unwrap();
    assert_eq!(settled(&gateway, &taken).await["state"], "landed");
}

#[tokio::test]
async fn what_cannot_be_mapped_names_its_place() {
    let gateway = start().await;
    let with = |name: &str, value: Value| {
        let mut body = review(&gateway, 6, "9f1c", 1, 66);
        body[name] = value;
        body
    };
    for (body, code, field) in [
        (with("sys_mod_count", json!(null)), "missing_field", "/sys_mod_count"),
        (with("score", json!("high")), "invalid_number", "/score"),
        (with("score", json!("")), "missing_field", "/score"),
        (with("agent", json!({})), "missing_field", "/agent/email"),
        // What the map lets through is looked at by the target's own rules, in the intent.
        (with("comments", json!(7)), "invalid_field", "/change/merge_patch/comments"),
    ] {
        check_refused(deliver(&gateway, "reviews", &body).await, 422, code, Some(field));
    }
    let ignored = deliver(&gateway, "reviews", &with("operation", json!("delete"))).await.expect(202).json();
    assert_eq!(ignored["status"], "ignored", "{ignored}");
    assert!(ignored["reason"].is_string() && ignored.get("intent_id").is_none(), "{ignored}");
    let authorization = basic("reviews");
    let own = [("authorization", authorization.as_str())];
    check_refused(send(&gateway, "reviews", &own, "{\"score\": ").await, 400, "invalid_json", None);
    check_refused(send(&gateway, "reviews", &own, "7").await, 422, "invalid_event", None);
    check_refused(send(&gateway, "reviews", &own, &"[".repeat(70)).await, 400, "too_deep", None);
}

#[tokio::test]
async fn a_source_without_a_hook_and_no_source_are_the_same() {
    let gateway = start().await;
    for name in ["nobody", "servicenow", "sandbox", "operator"] {
        check_refused(
            gateway.operator.send("POST", &format!("/v1/hooks/{name}"), &[], "{}").await,
            404,
            "unknown_source",
            None,
        );
    }
    let get = gateway.operator.get("/v1/hooks/reviews").await;
    check_refused(get, 405, "method_not_allowed", None);
}

#[tokio::test]
async fn cloudevents_come_in_three_modes() {
    let gateway = start().await;
    let event = |id: &str, index: usize, score: u64| {
        json!({
            "specversion": "1.0", "id": id, "source": "/reviews", "type": "review.released", "sequence": "1",
            "data": review(&gateway, index, "unused", 1, score),
        })
    };
    let authorization = basic("broker");
    let own = |media| [("authorization", authorization.as_str()), ("content-type", media)];
    let structured = event("e-1", 7, 37).to_string();
    let first = send(&gateway, "broker", &own("application/cloudevents+json"), &structured).await.expect(202).json();

    let mut headers = own("application/json").to_vec();
    headers.extend([
        ("ce-specversion", "1.0"),
        ("ce-id", "e-1"),
        ("ce-source", "/reviews"),
        ("ce-type", "review.released"),
    ]);
    headers.push(("ce-sequence", "1"));
    let binary = send(&gateway, "broker", &headers, &review(&gateway, 7, "unused", 1, 37).to_string()).await;
    let binary = binary.expect(202).json();
    assert_eq!((&binary["intent_id"], &binary["duplicate"]), (&first["intent_id"], &json!(true)), "the same event");

    let batch = json!([event("e-2", 8, 38), {"specversion": "1.0"}, event("e-1", 7, 37)]).to_string();
    let results = send(&gateway, "broker", &own("application/cloudevents-batch+json"), &batch).await.expect(202).json();
    let results = results["results"].as_array().unwrap();
    assert_eq!(results[1]["error"]["field"], "/source", "{}", results[1]);
    assert_eq!((&results[0]["duplicate"], &results[2]["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!(settled(&gateway, &results[0]).await["state"], "landed");
    assert_eq!(gateway.record(&gateway.score(8).0)["score"], 38);
}

#[tokio::test]
async fn a_plain_hook_takes_intents_of_its_own_org() {
    let gateway = start().await;
    let (id, _) = gateway.score(9);
    let own = json!({"resource": {"kind": "quality-score", "id": id}, "change": {"merge_patch": {"score": 49}}});
    let authorization = basic("own");
    let headers = [("authorization", authorization.as_str()), ("idempotency-key", "\"k-1\"")];
    let first = send(&gateway, "own", &headers, &own.to_string()).await.expect(202).json();
    assert_eq!(settled(&gateway, &first).await["state"], "landed");
    let other = own.to_string().replace("49", "50");
    check_refused(send(&gateway, "own", &headers, &other).await, 422, "idempotency_mismatch", Some("/idempotency_key"));
    let mut foreign = own.clone();
    foreign["resource"]["org"] = json!("acme");
    check_refused(deliver(&gateway, "own", &foreign).await, 422, "unknown_org", Some("/resource/org"));
    let undo = json!({"resource": {"kind": "quality-score", "id": id}, "change": {"undo": {"intent": first["intent_id"], "changes": []}}});
    check_refused(deliver(&gateway, "own", &undo).await, 422, "unsupported_change", Some("/change/undo"));
    let none = deliver(&gateway, "own", &json!([7, {}])).await;
    assert_eq!(none.expect(422).json()["results"].as_array().unwrap().len(), 2);
}
