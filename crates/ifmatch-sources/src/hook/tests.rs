//! Behaviour of hooks: messages of one source, and the sample of ServiceNow against its reader.

use super::*;
use crate::Headers;
use crate::form::Sender;
use crate::readers::servicenow;
use ifmatch_core::Change;

const SAMPLE: &str = include_str!("../../../../samples/servicenow-quality-reviews.ndjson");

/// What `docs/HOOKS.md` shows for ServiceNow.
const REVIEWS: &str = r#"
kind = "quality-score"
external = { system = "servicenow", id = "/sys_id" }
when = { "/operation" = ["insert", "update"] }
change = "desired"
[fields]
"/agent_email" = { from = "/agent/email", as = "lower" }
"/evaluation_form" = "/evaluation_form"
"/correlation_id" = "/correlation_id"
"/score" = { from = "/score", as = "number" }
"/comments" = { from = "/comments", default = "" }
"/reviewed_at" = { from = "/reviewed_at", as = "utc" }
"/time_zone" = { value = "Europe/Paris" }
"/review_date" = { from = "/reviewed_at", as = "local_date", zone = "Europe/Paris" }
"#;

fn hook(form: Form, maps: &[&str]) -> Hook {
    let maps = maps.iter().map(|text| toml::from_str(text).unwrap()).collect();
    Hook { org: OrgName::from("acme"), sends: Sends::Edits, form, maps }
}

fn translate(hook: &Hook, headers: &[(&str, &str)], body: &str) -> Translation {
    let headers: Headers = headers.iter().copied().collect();
    hook.translate(Message { headers: &headers, body: body.as_bytes(), sender: Sender::Credentials })
}

#[test]
fn the_sample_becomes_what_its_reader_makes_of_it() {
    let hook = hook(Form::Servicenow, &[REVIEWS]);
    let reader = servicenow::Reader::new(&OrgName::from("acme"), "Europe/Paris").unwrap();
    let mut intents = 0;
    for (line, text) in SAMPLE.lines().enumerate() {
        let read = reader.line(1, text).map(|review| review.intent);
        match (translate(&hook, &[], text), read) {
            (Translation::One(Verdict::Intent(made)), Ok(read)) => {
                assert_eq!(*made, read, "line {}", line + 1);
                intents += 1;
            }
            (Translation::One(Verdict::Refused(_)), Err(_)) => {}
            (made, read) => panic!("line {}: {made:?}, {read:?}", line + 1),
        }
    }
    assert!(intents > 200, "{intents}");
}

#[test]
fn the_first_map_that_fits_counts_and_others_ignore() {
    let score = "kind = \"a\"\nid = \"/id\"\nwhen = { \"/t\" = 1 }\nfields = { \"/x\" = \"/x\" }";
    let trade = "kind = \"b\"\nid = \"/id\"\nwhen = { \"/t\" = [1, 2] }\nfields = { \"/x\" = \"/x\" }";
    let hook = hook(Form::Plain, &[score, trade]);
    let many =
        translate(&hook, &[], r#"[{"t": 1, "id": 1, "x": 1}, {"t": 2, "id": 1, "x": 1}, {"t": 3}, {"t": 1}, 7]"#);
    let seen: Vec<String> = many
        .verdicts()
        .iter()
        .map(|verdict| match verdict {
            Verdict::Intent(intent) => intent.resource.kind.clone(),
            Verdict::Ignored { .. } => "ignored".to_owned(),
            Verdict::Refused(error) => format!("{} {}", error.code, error.field),
        })
        .collect();
    assert_eq!(seen, ["a", "b", "ignored", "missing_field /id", "invalid_event "]);
}

#[test]
fn without_maps_an_event_is_an_intent_of_ours() {
    let own = r#"{"resource": {"kind": "quality-score", "id": "qs-1"}, "change": {"merge_patch": {"score": 85}}}"#;
    let plain = hook(Form::Plain, &[]);
    let made = translate(&plain, &[("idempotency-key", "k-1")], own);
    let Translation::One(Verdict::Intent(intent)) = made else { panic!("{made:?}") };
    assert_eq!(intent.resource.org, OrgName::from("acme"));
    assert_eq!(intent.idempotency_key.as_deref(), Some("k-1"));
    assert_eq!(intent.change, Change::MergePatch(json!({"score": 85})));

    let webhook = hook(Form::Webhook, &[]);
    let wrapped = format!(r#"{{"type": "t", "timestamp": "x", "data": {own}}}"#);
    let made = translate(&webhook, &[("webhook-id", "msg_1")], &wrapped);
    let Translation::One(Verdict::Intent(intent)) = made else { panic!("{made:?}") };
    assert_eq!(intent.idempotency_key.as_deref(), Some("msg_1"));

    for (hook, body, field) in [
        (&plain, own.replace("merge_patch", "patch"), "/change"),
        (&plain, own.replace("change", "chance"), "/chance"),
        (&webhook, wrapped.replace("\"id\"", "\"ident\""), "/data/resource/ident"),
        (&webhook, "{}".to_owned(), "/data"),
    ] {
        let made = translate(hook, &[], &body);
        let Translation::One(Verdict::Refused(error)) = made else { panic!("{made:?}") };
        assert_eq!(error.field, field, "{error}");
    }
}
