//! `ifmatch sources`: what messages would become; and the examples of `docs/HOOKS.md`, which are tried as they stand there.

use crate::run::{Ran, command, finish};
use serde_json::{Value, json};
use std::path::Path;

const HOOKS: &str = include_str!("../../../../docs/HOOKS.md");

/// The blocks of a language in a part of a document.
fn blocks<'d>(part: &'d str, language: &str) -> Vec<&'d str> {
    let begins = format!("```{language}\n");
    part.split(&begins).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The part of `docs/HOOKS.md` under a heading.
fn part(heading: &str) -> &'static str {
    let parts = HOOKS.split("\n## ").find(|part| part.starts_with(heading));
    parts.unwrap_or_else(|| panic!("no part {heading}"))
}

fn run(folder: &Path, args: &[&str]) -> Ran {
    finish(&mut command(folder, args))
}

/// Every example of a part becomes an intent.
#[track_caller]
fn check(heading: &str, source: &str, headers: &[&str], intents: &[Value]) {
    let folder = tempfile::tempdir().unwrap();
    let [config] = blocks(part(heading), "toml")[..] else { panic!("{heading} has one configuration") };
    std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
    run(folder.path(), &["config", "check"]).expect(0);
    let bodies = blocks(part(heading), "json");
    assert_eq!(bodies.len(), intents.len(), "{heading}");
    for (body, expected) in bodies.iter().zip(intents) {
        std::fs::write(folder.path().join("body.json"), body).unwrap();
        let mut args = vec!["sources", "try", source, "body.json", "--json"];
        args.extend(headers.iter().flat_map(|header| ["--header", header]));
        let told = run(folder.path(), &args).expect(0).json();
        assert_eq!(told["verdict"], "intent", "{told}");
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&told["intent"][name], value, "{heading}: {name}");
        }
    }
}

#[test]
fn the_example_of_servicenow_is_a_score() {
    let score = json!({
        "idempotency_key": "servicenow:9f1c2a4e1b2f4110aa5c0f6e6e4bcb11:7",
        "origin": {"system": "servicenow", "record": "9f1c2a4e1b2f4110aa5c0f6e6e4bcb11", "sequence": 7},
        "change": {"desired": {
            "agent_email": "mira.carlsen@example.com", "evaluation_form": "email-v3", "correlation_id": "qr-9f1c2a4e",
            "score": 85, "comments": "well explained", "reviewed_at": "2026-10-24T22:58:30Z", "time_zone": "Europe/Paris",
            "review_date": "2026-10-25",
        }},
    });
    check("ServiceNow", "servicenow", &[], &[score]);
}

#[test]
fn the_examples_of_zendesk_are_a_trade_and_a_swap() {
    let side = |agent: &str, shift: &str, start: &str, end: &str| json!({"agent_id": agent, "shift_id": shift, "start": format!("{start}[Europe/Paris]"), "end": format!("{end}[Europe/Paris]")});
    let trade = json!({
        "resource": {"org": "sandbox", "kind": "shift-trade", "key": {"swap_request_id": "SWP-20261025-0007"}},
        "change": {"create": {
            "swap_request_id": "SWP-20261025-0007", "status": "pending", "time_zone": "Europe/Paris",
            "initiating": side("a-1", "s-1", "2026-10-25T02:30:00", "2026-10-25T10:30:00"),
            "receiving": side("a-2", "s-2", "2026-10-26T09:00:00", "2026-10-26T17:00:00"),
        }},
    });
    let swap = json!({
        "resource": {"org": "sandbox", "kind": "agent-schedule", "id": "w43/a-1"},
        "change": {"verb": {"name": "swap", "args": {"shift_id": "s-1", "with_agent_id": "a-2", "with_shift_id": "s-2"}}},
    });
    check("Zendesk", "zendesk", &[], &[trade, swap]);
}

#[test]
fn the_examples_of_brokers_and_scripts_are_scores() {
    let resource = json!({"org": "sandbox", "kind": "quality-score", "id": "qs-118"});
    let event = json!({
        "idempotency_key": "/reviews e-1", "resource": resource, "change": {"merge_patch": {"score": 85}},
        "origin": {"system": "cloudevents", "record": "/reviews qs-118", "sequence": 12},
    });
    check("CloudEvents", "broker", &["content-type: application/cloudevents+json"], &[event]);
    let own = json!({"idempotency_key": "k-1", "resource": resource, "change": {"merge_patch": {"score": 85}}});
    check("Plain JSON", "script", &["Idempotency-Key: \"k-1\""], &[own]);
}

/// A folder with the configuration for ServiceNow and a body in a file.
fn with_body(file: &str, body: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ifmatch.toml"), blocks(part("ServiceNow"), "toml")[0]).unwrap();
    std::fs::write(folder.path().join(file), body).unwrap();
    folder
}

#[test]
fn every_line_of_a_file_has_a_verdict_and_a_refusal_is_2() {
    let good = blocks(part("ServiceNow"), "json")[0].replace('\n', " ");
    let lines =
        [good.clone(), good.replace("update", "delete"), good.replace("\"85\"", "\"high\""), good.replace("85", "850")];
    let folder = with_body("reviews.ndjson", &lines.join("\n"));
    let ran = run(folder.path(), &["sources", "try", "servicenow", "reviews.ndjson"]).expect(2);
    assert!(ran.err.ends_with("4 event(s), 2 refused\n"), "{}", ran.err);
    assert!(ran.out.starts_with("event 1: intent\n{\n"), "{}", ran.out);
    let told: Vec<&str> = ran.out.lines().filter(|line| line.starts_with("event ")).skip(1).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    event 2: ignored: no map of this source is for such an event
    event 3: refused: invalid_number at /score: must be a number
    event 4: refused: invalid_field at /change/desired/score: must be a number from 0 to 100
    ");
}

#[test]
fn the_sample_becomes_207_intents() {
    let sample = include_str!("../../../../samples/servicenow-quality-reviews.ndjson");
    let folder = with_body("sample.ndjson", sample);
    let ran = run(folder.path(), &["sources", "try", "servicenow", "sample.ndjson", "--json"]).expect(0);
    assert_eq!(ran.out.lines().filter(|line| line.contains("\"verdict\":\"intent\"")).count(), 207);
}

#[test]
fn what_is_not_there_is_said() {
    let folder = with_body("body.json", "{}");
    let ran = run(folder.path(), &["sources", "try", "nobody", "body.json"]).expect(2);
    assert!(
        ran.err.ends_with("error: no source with a hook is named \"nobody\"\nhint: these have one: servicenow\n"),
        "{}",
        ran.err
    );
    let ran = run(folder.path(), &["sources", "try", "servicenow", "none.json"]).expect(2);
    assert!(ran.err.contains("error: none.json cannot be read"), "{}", ran.err);
    let ran = run(folder.path(), &["sources", "try", "servicenow", "body.json", "--header", "x"]).expect(2);
    assert!(ran.err.contains("a name, a colon and a value"), "{}", ran.err);
}

#[test]
fn the_list_shows_hooks_and_no_secrets() {
    let folder = with_body("body.json", "{}");
    let ran = run(folder.path(), &["sources", "list"]).expect(0);
    insta::assert_snapshot!(ran.out, @r"
    source      org      hook                  form        files  missing
    servicenow  sandbox  /v1/hooks/servicenow  servicenow  -      -
    ");
    let json = run(folder.path(), &["sources", "list", "--json"]).expect(0).json();
    assert_eq!(json["sources"][0]["maps"], json!(["quality-score"]));
    assert!(!json.to_string().contains("random text"), "{json}");
}

#[test]
fn the_example_of_what_stood_before_has_a_base() {
    let wish = json!({
        "idempotency_key": "9f1c/8", "deadline": "2026-10-30T05:00:00Z",
        "change": {"merge_patch": {"score": 90, "comments": ""}},
        "base": {"value": {"score": 85, "comments": "well explained"}},
    });
    check("What stood there before", "desk", &[], &[wish]);
}

#[test]
fn who_only_looks_needs_no_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let config = r#"
        [[org]]
        name = "acme"
        dialect = "wfm-v2"
        api_url = "https://api.example.net"
        client_id = "gateway"
        client_secret_env = "NO_SUCH_SECRET_OF_THE_TARGET"
        [[source]]
        name = "desk"
        org = "acme"
        client_id = "desk"
        client_secret_env = "NO_SUCH_SECRET_OF_THE_DESK"
        [source.hook]
        auth = ["standard-webhooks"]
        secret_file = "no-such-file"
        [[source]]
        name = "script"
        org = "acme"
        client_id = "script"
        client_secret = "a secret of the test"
    "#;
    std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
    run(folder.path(), &["config", "check"]).expect(2);
    let listed = run(folder.path(), &["sources", "list", "--json"]).expect(0).json();
    let missing = listed["sources"][0]["missing"].as_array().unwrap();
    assert_eq!((missing.len(), &listed["sources"][1]["missing"]), (2, &json!([])), "{listed}");
    let shown = run(folder.path(), &["sources", "list"]).expect(0).out;
    assert!(shown.contains("the environment variable NO_SUCH_SECRET_OF_THE_DESK is not set"), "{shown}");
    let body = json!({"resource": {"kind": "quality-score", "id": "qs-1"}, "change": {"merge_patch": {"score": 85}}});
    std::fs::write(folder.path().join("body.json"), body.to_string()).unwrap();
    let header = ["--header", "webhook-id:m-1"];
    let told = run(folder.path(), &[&["sources", "try", "desk", "body.json", "--json"][..], &header].concat());
    assert_eq!(told.expect(0).json()["intent"]["resource"]["org"], "acme");
}
