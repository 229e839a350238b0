//! What stands beside the gateway asks it: exporters for holds, dashboards for freshness, data actions for one level.

use crate::apart::{Served, Target, patch_score};
use crate::sinks::Other;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// An agent's schedule of the target, and the agent.
fn agent_schedule(world: &Value) -> (String, String) {
    let schedule = world["schedules"][0]["id"].as_str().unwrap();
    let agent = world["agents"][0]["id"].as_str().unwrap();
    (format!("{schedule}/{agent}"), agent.to_owned())
}

fn until(mut it_is: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !it_is() {
        assert!(Instant::now() < end, "it did not come to that");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn an_exporter_waits_for_agents_under_a_lock_and_proves_the_past() {
    let other = Other::start(|_| (204, Value::Null));
    let sink = format!(
        "[[sink]]\nname = \"exporter\"\norg = \"acme\"\nkind = \"webhook\"\ntells = \"holds\"\nurl = \"{}/holds\"\nallow_private = true",
        other.url
    );
    let target = Target::start("", &sink);
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (id, agent) = agent_schedule(&target.world());
    let script = served.script();
    let holds = |query: &str| script.get(&format!("/v1/holds?agent={agent}{query}")).expect(200).json();
    assert_eq!(holds("")["held"], json!(false));

    let (schedule, _) = id.split_once('/').unwrap();
    let path = format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}");
    let lock = json!({"path": path, "seconds": 5}).to_string();
    let json_type = [("content-type", "application/json")];
    target.control().send("POST", "/__sandbox/lock", &json_type, &lock);
    let record = target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
    let shift = record["shifts"][0]["id"].as_str().unwrap_or_else(|| panic!("{record}"));
    let intent = json!({
        "idempotency_key": "move-1",
        "resource": {"org": "acme", "kind": "agent-schedule", "id": id},
        "change": {"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 15}}},
    });
    let told = script.send("POST", "/v1/intents?flat=true", &json_type, &intent.to_string()).json();
    assert_eq!((&told["settled"], &told["resource"]), (&json!(false), &json!(id)), "{told}");
    let held = holds("");
    assert_eq!((&held["held"], &held["until"]), (&json!(true), &Value::Null), "{held}");
    assert_eq!(held["holds"][0]["oldest"], told["id"]);
    let all = script.get("/v1/holds").expect(200).json();
    assert_eq!(all["holds"].as_array().map(Vec::len), Some(1), "{all}");

    let shown =
        script.get(&format!("/v1/intents/{}?wait=25&flat=true", told["id"].as_str().unwrap())).expect(200).json();
    assert_eq!((&shown["state"], &shown["settled"]), (&json!("landed"), &json!(true)), "{shown}");
    assert!(shown["version"].is_u64(), "{shown}");
    assert_eq!(holds("")["held"], json!(false));
    let since = held["since"].as_str().unwrap();
    assert_eq!(holds(&format!("&at={since}"))["held"], json!(true), "the past is told as it was");
    let until_now = script.get("/v1/status").expect(200).json()["now"].as_str().unwrap().to_owned();
    let between = holds(&format!("&at={since}&to={until_now}"));
    assert_eq!(between["holds"].as_array().map(Vec::len), Some(1), "{between}");

    let came = other.wait_for(2);
    let types: Vec<Value> = came.iter().map(|came| came.json()["type"].clone()).collect();
    assert_eq!(types, ["hold.began", "hold.ended"]);
    assert_eq!(came[1].json()["data"]["agent"], json!(agent));
    assert_eq!(came[1].json()["data"]["since"], came[0].json()["data"]["since"]);
}

#[test]
fn holds_are_known_again_after_a_restart() {
    let target = Target::start("", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let (id, agent) = agent_schedule(&target.world());
    let outage = json!({"fault": "server_error", "status": 503, "path_prefix": "/api/", "times": 400}).to_string();
    target.control().send("POST", "/__sandbox/faults", &[("content-type", "application/json")], &outage);
    let intent = json!({
        "idempotency_key": "note-1",
        "resource": {"org": "acme", "kind": "agent-schedule", "id": id},
        "change": {"verb": {"name": "remove-shift", "args": {"shift_id": "no-such-shift"}}},
    });
    let json_type = [("content-type", "application/json")];
    served.script().send("POST", "/v1/intents", &json_type, &intent.to_string());
    let before = served.script().get(&format!("/v1/holds?agent={agent}")).expect(200).json();
    assert_eq!(before["held"], json!(true), "{before}");
    served.kill();
    let served = Served::start(&mut target.serve(), target.folder.path());
    let mut after = Value::Null;
    until(|| {
        let answer = served.script().get(&format!("/v1/holds?agent={agent}"));
        after = answer.json();
        after["held"].is_boolean()
    });
    assert_eq!((&after["held"], &after["since"]), (&json!(true), &before["since"]), "{after}");
}

#[test]
fn wrong_questions_about_holds_name_the_parameter() {
    let target = Target::start("", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let wrong = [
        "at=soon&agent=a",
        "agent=a&at=2100-01-01T00:00:00Z",
        "at=2026-01-01T00:00:00Z",
        "agent=a&at=2020-01-01T00:00:00Z",
    ];
    for query in wrong {
        let problem = served.script().get(&format!("/v1/holds?{query}")).expect(400).json();
        assert_eq!(problem["code"], "invalid_parameter", "{problem}");
    }
}

#[test]
fn a_dashboard_sees_since_when_a_change_stands_and_is_seen() {
    let target = Target::start("", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let score = target.world()["quality_scores"][0]["id"].clone();
    let script = served.script();
    let id = score.as_str().unwrap();
    let path = format!("/v1/freshness?kind=quality-score&id={id}");
    assert_eq!(script.get(&path).expect(404).json()["code"], "unknown_resource");
    let intent = patch_score(&score, &json!({"score": 71}), "k1").to_string();
    let told = script.send("POST", "/v1/intents?wait=20", &[("content-type", "application/json")], &intent).json();
    assert_eq!(told["state"], "landed", "{told}");
    let fresh = script.get(&path).expect(200).json();
    assert_eq!((&fresh["landed_at"], &fresh["landed_version"]), (&told["settled_at"], &told["result"]["version"]));
    assert_eq!((&fresh["intent"], &fresh["pending"]), (&told["id"], &json!(0)));
    assert_eq!(fresh["visible_at"], Value::Null, "nobody has read it since: {fresh}");
    let read = target.world()["quality_scores"][0]["path"].as_str().unwrap().to_owned();
    script.send("GET", &read, &[("cache-control", "no-cache")], "");
    until(|| !script.get(&path).expect(200).json()["visible_at"].is_null());
    let flat: BTreeSet<bool> =
        fresh.as_object().unwrap().values().map(|value| value.is_object() || value.is_array()).collect();
    assert_eq!(flat, BTreeSet::from([false]), "one level: {fresh}");
}
