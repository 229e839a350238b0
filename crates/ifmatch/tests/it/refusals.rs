//! Input that cannot be taken: each kind of it has a stable code, and `ifmatch explain` says what to
//! do about it.

use crate::http::{Answer, Caller};
use crate::rig::Gateway;
use crate::run::{Ran, ifmatch};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const GOOD: &str = r#"{"resource": {"org": "sandbox", "kind": "quality-score", "id": "ID"}, "change": {"merge_patch": {"score": 85}}}"#;

/// One body for `POST /v1/intents`, and how it is refused: status, code, field at fault.
type Case = (String, u16, &'static str, Option<&'static str>);

fn cases() -> Vec<Case> {
    let deep = format!("{}1{}", "[".repeat(80), "]".repeat(80));
    let without = |part: &str| GOOD.replace(part, "");
    vec![
        // Not JSON.
        (String::new(), 400, "invalid_json", None),
        ("score=85".to_owned(), 400, "invalid_json", None),
        (GOOD[..GOOD.len() - 2].to_owned(), 400, "invalid_json", None),
        (format!("{GOOD} and more"), 400, "invalid_json", None),
        // A member that is missing, unknown, or of another kind.
        ("{}".to_owned(), 422, "invalid_intent", Some("/resource")),
        (without(r#", "change": {"merge_patch": {"score": 85}}"#), 422, "invalid_intent", Some("/change")),
        (without(r#", "id": "ID""#), 422, "invalid_intent", Some("/resource")),
        (GOOD.replacen('{', r#"{"colour": 1, "#, 1), 422, "invalid_intent", Some("/colour")),
        (GOOD.replacen('{', r#"{"class": "urgent", "#, 1), 422, "invalid_intent", Some("/class")),
        (GOOD.replace("merge_patch", "guess"), 422, "invalid_intent", Some("/change")),
        // Names that nobody knows.
        (GOOD.replace("quality-score", "parking-space"), 422, "unknown_kind", Some("/resource/kind")),
        (GOOD.replace("sandbox", "nowhere"), 422, "unknown_org", Some("/resource/org")),
        // Values that the record cannot hold.
        (GOOD.replace("85", "850"), 422, "invalid_field", Some("/change/merge_patch/score")),
        // Times by nobody's clock, and spans that end before they start.
        (
            GOOD.replace(r#"{"merge_patch": {"score": 85}}"#, r#"{"create": {"reviewed_at": "2026-10-25T02:30:00"}}"#),
            422,
            "naive_time",
            Some("/change/create/reviewed_at"),
        ),
        (
            GOOD.replace("quality-score", "shift-trade").replace(
                r#""score": 85"#,
                r#""initiating": {"start": "2026-10-25T06:00:00Z", "end": "2026-10-25T06:00:00+01:00"}"#,
            ),
            422,
            "invalid_interval",
            Some("/change/merge_patch/initiating/end"),
        ),
        (GOOD.replacen('{', r#"{"deadline": "2026-10-25T02:30:00", "#, 1), 422, "invalid_intent", Some("/deadline")),
        // Too much of it.
        (format!(r#"{{"note": "{}"}}"#, "x".repeat(9 << 20)), 413, "too_large", None),
        (GOOD.replace("85", &deep), 400, "too_deep", None),
        ("[".repeat(4 << 20), 400, "too_deep", None),
    ]
}

/// The gateway, the caller that may use it, and the codes that were met.
struct Door {
    gateway: Gateway,
    caller: Caller,
    codes: BTreeSet<&'static str>,
}

impl Door {
    fn open() -> Self {
        let gateway = Gateway::start();
        let caller = Caller::new(gateway.said("url")).log_in(gateway.said("client_id"), gateway.said("client_secret"));
        Self { gateway, caller, codes: BTreeSet::new() }
    }

    fn check(&mut self, answer: &Answer, status: u16, code: &'static str, field: Option<&str>) {
        let problem = answer.json();
        let said = (answer.status, problem["code"].as_str(), problem["field"].as_str());
        assert_eq!(said, (status, Some(code), field), "{answer:?}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(problem["type"], format!("/errors/{code}"));
        assert!(["title", "detail"].iter().all(|name| problem[*name].as_str().is_some_and(|text| !text.is_empty())));
        self.codes.insert(code);
    }

    fn good(&self) -> Value {
        let id = self.gateway.score(0)["id"].as_str().unwrap().to_owned();
        serde_json::from_str(&GOOD.replace("ID", &id)).unwrap()
    }
}

#[test]
fn every_refusal_has_a_code_and_every_code_says_what_to_do() {
    let mut door = Door::open();
    for (body, status, code, field) in cases() {
        let answer = door.caller.send("POST", "/v1/intents", &[("content-type", "application/json")], &body);
        door.check(&answer, status, code, field);
    }
    for caller in [Caller::new(door.gateway.said("url")), door.caller.with_token("wrong")] {
        for (method, path) in [("POST", "/v1/intents"), ("GET", "/v1/intents"), ("GET", "/api/v2/anything")] {
            door.check(&caller.send(method, path, &[], GOOD), 401, "unauthorized", None);
        }
    }
    for (path, status, code, field) in [
        ("/nothing", 404, "not_found", None),
        ("/v1/intents/int_nobody", 404, "unknown_intent", None),
        ("/v1/intents?state=asleep", 400, "invalid_parameter", Some("state")),
        ("/v1/intents?limit=0", 400, "invalid_parameter", Some("limit")),
    ] {
        let answer = door.caller.get(path);
        door.check(&answer, status, code, field);
    }
    let listed = door.caller.get("/v1/intents").expect(200).json();
    assert_eq!(listed["intents"], json!([]), "nothing of all that was taken");

    // A key that is taken, and a decision where there is none.
    let mut intent = door.good();
    intent["idempotency_key"] = json!("k1");
    let landed = door.caller.post("/v1/intents?wait=200", &intent).expect(200).json();
    assert_eq!(landed["state"], "landed", "and it goes on as if nothing had been: {landed}");
    intent["change"] = json!({"merge_patch": {"score": 11}});
    let answer = door.caller.post("/v1/intents", &intent);
    door.check(&answer, 422, "idempotency_mismatch", Some("/idempotency_key"));
    let path = format!("/v1/intents/{}/decision", landed["id"].as_str().unwrap());
    let answer = door.caller.post(&path, &json!({"action": "apply"}));
    door.check(&answer, 409, "not_in_review", None);

    for code in door.codes {
        let Ran { out, .. } = ifmatch(&["explain", code]).expect(0);
        assert!(out.starts_with(&format!("# {code}")) && out.contains("**What to do.** "), "{out}");
    }
}

#[test]
fn a_bad_write_through_the_proxy_is_refused_before_it_reaches_the_target() {
    let mut door = Door::open();
    let score = door.gateway.score(0);
    let path = score["path"].as_str().unwrap();
    let deep = format!("{{\"comments\": {}{}}}", "[".repeat(80), "]".repeat(80));
    let large = format!("{{\"comments\": \"{}\"}}", "x".repeat(9 << 20));
    for (body, status, code, field) in [
        (r#"{"score": "#, 400, "invalid_json", None),
        (r#"{"reviewed_at": "2026-10-25T02:30:00", "version": 1}"#, 400, "ambiguous_local_time", Some("/reviewed_at")),
        (r#"{"reviewed_at": "2026-03-29T02:30:00", "version": 1}"#, 400, "missing_local_time", Some("/reviewed_at")),
        (deep.as_str(), 400, "too_deep", None),
        (large.as_str(), 413, "too_large", None),
    ] {
        let answer = door.caller.send("PATCH", path, &[("content-type", "application/json")], body);
        door.check(&answer, status, code, field);
    }
    let ledger = door.gateway.control("GET", "ledger", &Value::Null);
    assert_eq!(ledger, json!([]));
}

#[test]
fn the_command_line_says_the_code_and_where_to_read_on() {
    let gateway = Gateway::start();
    let id = gateway.score(0)["id"].as_str().unwrap().to_owned();
    let good = GOOD.replace("ID", &id);
    for (body, code) in [
        (good.replace("quality-score", "parking-space"), "unknown_kind"),
        (good.replace("sandbox", "nowhere"), "unknown_org"),
        (good.replace("85", "850"), "invalid_field"),
    ] {
        let ran = gateway.submit(&body, &[]).expect(2);
        assert_eq!(ran.json()["error"]["code"], code, "{ran:?}");
        assert!(ran.err.contains(&format!("ifmatch explain {code}")), "{ran:?}");
    }
}
