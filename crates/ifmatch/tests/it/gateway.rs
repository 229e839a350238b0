//! The commands against a gateway with a built-in sandbox.

use crate::http::Caller;
use crate::rig::{Gateway, end, start};
use crate::run::{command, finish};
use serde_json::{Value, json};

fn members(line: &Value) -> Vec<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

fn set_score(score: &Value, value: u64, key: &str) -> Value {
    json!({
        "idempotency_key": key,
        "resource": {"org": "sandbox", "kind": "quality-score", "id": score["id"]},
        "change": {"merge_patch": {"score": value}},
    })
}

#[test]
fn the_first_line_says_where_it_is_and_sigterm_ends_it_with_0() {
    let mut gateway = Gateway::start();
    assert_eq!(members(&gateway.line), ["client_id", "client_secret", "data", "sandbox", "store", "url"]);
    assert_eq!(gateway.end(), Some(0));
    let folder = tempfile::tempdir().unwrap();
    let (mut child, line) = start(folder.path(), &["sandbox", "--listen", "127.0.0.1:0"]);
    assert_eq!(members(&line), ["client_id", "client_secret", "options", "url"]);
    assert_eq!(end(&mut child), Some(0));
}

#[test]
fn a_folder_in_use_is_refused_with_what_to_do() {
    let gateway = Gateway::start();
    let ran = finish(&mut command(gateway.folder.path(), &["serve", "--sandbox", "--listen", "127.0.0.1:0"])).expect(2);
    assert!(ran.err.contains("hint: stop the other gateway"), "{}", ran.err);
}

#[test]
fn without_an_org_there_is_nothing_to_serve() {
    let folder = tempfile::tempdir().unwrap();
    let ran = finish(&mut command(folder.path(), &["serve", "--listen", "127.0.0.1:0"])).expect(2);
    assert!(ran.err.contains("ifmatch serve --sandbox"), "{}", ran.err);
    let ran = finish(&mut command(folder.path(), &["serve", "--seed", "7"])).expect(2);
    assert!(ran.err.contains("hint: add --sandbox"), "{}", ran.err);
}

#[test]
fn the_sandbox_is_spoken_with_in_the_vendors_own_api() {
    let gateway = Gateway::start_with(&["--scenario", "calm-unlimited", "--dialect", "genesys-cloud"]);
    let world = Caller::new(gateway.said("sandbox")).get("/__sandbox/world").expect(200).json();
    let plan = world["documents"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|it| it["path"].as_str().filter(|path| path.contains("/workplans/")));
    let parts: Vec<&str> = plan.unwrap().split('/').collect();
    let id = format!("{}/{}", parts[5], parts[7]);
    let intent = json!({"resource": {"org": "sandbox", "kind": "work-plan", "id": id}, "change": {"merge_patch": {"name": "Nights"}}});
    let landed = gateway.submit(&intent.to_string(), &["--wait", "20"]).expect(0).json();
    assert_eq!(landed["state"], "landed", "{landed}");
}

#[test]
fn an_intent_lands_and_can_be_looked_at() {
    let gateway = Gateway::start();
    let intent = set_score(&gateway.score(0), 77, "k1").to_string();
    let landed = gateway.submit(&intent, &["--wait", "200"]).expect(0).json();
    assert_eq!(landed["state"], "landed", "{landed}");
    let again = gateway.submit(&intent, &["--wait", "200", "--detailed-exitcode"]).expect(6).json();
    assert_eq!((&again["duplicate"], &again["id"]), (&json!(true), &landed["id"]));

    let id = landed["id"].as_str().unwrap();
    let shown = gateway.run(&["intents", "show", id]).expect(0).out;
    assert!(shown.contains("state     landed"), "{shown}");
    assert!(gateway.run(&["intents", "why", id]).expect(0).out.contains(id));
    let table = gateway.run(&["intents", "list", "--state", "landed"]).expect(0).out;
    assert!(table.starts_with("id ") && table.contains(id), "{table}");
    let none = gateway.run(&["intents", "list", "--state", "review"]).expect(0);
    assert_eq!((none.out.as_str(), none.err.as_str()), ("", "no intents\n"));
    assert!(gateway.run(&["status", id]).expect(0).out.starts_with(&format!("{id}  landed")));
    assert!(gateway.run_as_operator(&["status"]).expect(0).out.contains("1 landed"));
    gateway.run_as_operator(&["status", "--detailed-exitcode"]).expect(6);
}

#[test]
fn a_refused_line_is_2_and_does_not_stop_the_others() {
    let gateway = Gateway::start();
    let good = set_score(&gateway.score(1), 71, "k1");
    let mut stranger = set_score(&gateway.score(1), 72, "k2");
    stranger["resource"]["org"] = "nowhere".into();
    let ran = gateway.submit(&format!("{stranger}\n{good}\n"), &["--wait", "200"]).expect(2);
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["error"]["code"], "unknown_org");
    assert_eq!(lines[1]["state"], "landed");
    assert!(ran.err.contains("2 intents: 1 landed, 1 refused"), "{}", ran.err);
    let ran = gateway.submit(&stranger.to_string(), &[]).expect(2);
    assert_eq!(ran.json()["error"]["code"], "unknown_org");
}

#[test]
fn a_conflict_is_4_and_a_person_decides_it() {
    let gateway = Gateway::start();
    let score = gateway.score(2);
    let mut intent = set_score(&score, 61, "k1");
    let truth = gateway.control("GET", &format!("record?path={}", score["path"].as_str().unwrap()), &Value::Null);
    intent["base"] =
        json!({"version": score["version"], "value": {"score": truth.pointer("/body/score").or(truth.get("score"))}});
    gateway.edit(&score, json!({"score": 93}));
    let review = gateway.submit(&intent.to_string(), &["--wait", "200"]).expect(4).json();
    assert_eq!(review["state"], "review", "{review}");
    let id = review["id"].as_str().unwrap();
    gateway.run(&["status", id]).expect(4);
    let why = gateway.run(&["intents", "why", id]).expect(0).out;
    assert!(why.contains("the target holds 93") && why.contains("ifmatch intents resolve"), "{why}");

    let wrong = gateway.run(&["intents", "resolve", id, "--apply", "--choose", "/grade=local"]).expect(2);
    assert!(wrong.err.contains("its conflicts are at /score"), "{}", wrong.err);
    gateway
        .run_as_operator(&["intents", "resolve", id, "--apply", "--choose", "/score=local", "--by", "Mara Lind"])
        .expect(0);
    let again = gateway.submit(&intent.to_string(), &["--wait", "200"]).expect(0).json();
    assert_eq!(again["state"], "landed", "{again}");
    let late = gateway.run(&["intents", "resolve", id, "--discard"]).expect(2);
    assert!(late.err.contains("ifmatch explain not_in_review"), "{}", late.err);
}

#[test]
fn the_brake_holds_and_what_it_holds_can_be_withdrawn() {
    let gateway = Gateway::start();
    let paused = gateway.run(&["pause", "--source", "sandbox"]).expect(0);
    assert_eq!(paused.out, "paused: source sandbox of org sandbox\n");
    let first = set_score(&gateway.score(3), 51, "k1").to_string();
    let second = set_score(&gateway.score(4), 52, "k2").to_string();
    let held = gateway.submit(&first, &["--wait", "0.5"]).expect(5).json();
    let withdrawn = gateway.submit(&second, &[]).expect(0).json();
    let cancelled = gateway.run(&["intents", "cancel", withdrawn["id"].as_str().unwrap(), "--json"]).expect(0).json();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    gateway.run(&["status", held["id"].as_str().unwrap()]).expect(5);
    gateway.run(&["resume", "--source", "sandbox"]).expect(0);
    assert_eq!(gateway.submit(&first, &["--wait", "200"]).expect(0).json()["state"], "landed");
}

#[test]
fn wrong_credentials_are_2() {
    let gateway = Gateway::start();
    let mut wrong = gateway.command(&["status"]);
    let ran = finish(wrong.env("IFMATCH_CLIENT_ID", "sandbox").env("IFMATCH_CLIENT_SECRET", "no")).expect(2);
    assert!(ran.err.contains("does not know client \"sandbox\" with this secret"), "{}", ran.err);
}

#[test]
fn a_new_record_wanted_twice_under_two_keys_is_made_once() {
    let gateway = Gateway::start();
    let agent = gateway.control("GET", "world", &Value::Null)["agents"][0]["email"].clone();
    let wanted = |key: &str| {
        json!({
            "idempotency_key": key,
            "resource": {"org": "sandbox", "kind": "quality-score", "external": {"system": "lms", "id": "x1"}},
            "change": {"create": {
                "agent_email": agent, "evaluation_form": "chat-v9", "time_zone": "Europe/Paris",
                "reviewed_at": "2026-11-20T09:00:00Z", "score": 5, "comments": "new",
            }},
        })
    };
    let ran = gateway.submit(&format!("{}\n{}\n", wanted("k1"), wanted("k2")), &["--wait", "200"]).expect(0);
    let ledger = gateway.control("GET", "ledger", &Value::Null);
    assert_eq!(ledger.as_array().unwrap().len(), 1, "{ran:?}");
    assert!(ledger[0]["from_version"].is_null(), "{ledger}");
}
