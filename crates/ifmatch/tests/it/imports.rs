//! A file over HTTP: planned and applied by the gateway itself, killed on the way, accounted for.

use crate::apart::{Served, Target};
use crate::http::{Answer, Caller};
use crate::rig::Gateway;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/zendesk-shift-trades.csv");

/// The agents and shifts that the file names.
const WORLD: &str = "[world]\nsample = \"shift-trades\"\n";

const CSV: [(&str, &str); 1] = [("content-type", "text/csv")];

fn totals(value: &Value, name: &str) -> BTreeMap<String, u64> {
    let totals: BTreeMap<String, u64> = serde_json::from_value(value[name].clone()).unwrap();
    totals.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn counts(wanted: &[(&str, u64)]) -> BTreeMap<String, u64> {
    wanted.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// How it stands once it is carried out.
fn done(caller: &Caller, id: &str) -> Value {
    let started = Instant::now();
    loop {
        let shown = caller.get(&format!("/v1/imports/{id}")).expect(200).json();
        if shown["state"] == "done" {
            return shown;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{shown}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn code(answer: &Answer, status: u16, code: &str) -> Value {
    let problem = answer.clone().expect(status).json();
    assert_eq!(problem["code"], code, "{problem}");
    problem
}

#[test]
fn a_file_is_planned_applied_and_accounted_for_by_one_request_each() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.toml");
    std::fs::write(&scenario, format!("base = \"calm-unlimited\"\n{WORLD}")).unwrap();
    let gateway = Gateway::start_with(&["--scenario", scenario.to_str().unwrap()]);
    let caller = Caller::new(gateway.said("url"));
    let source = caller.log_in(gateway.said("client_id"), gateway.said("client_secret"));
    let file = std::fs::read_to_string(SAMPLE).unwrap();
    let path = "/v1/imports?kind=zendesk-shift-trades&file=trades.csv";
    let planned = source.send("POST", path, &CSV, &file).expect(200).json();
    let wanted = [("create", 365), ("equal", 34), ("duplicate", 2), ("hold", 14), ("review", 3), ("reject", 5)];
    assert_eq!(totals(&planned, "planned"), counts(&wanted));
    assert_eq!(
        (&planned["state"], &planned["target"], &planned["org"]),
        (&json!("planned"), &json!("checked"), &json!("sandbox"))
    );
    assert_eq!(planned["plan"]["rows"].as_array().map(Vec::len), Some(423));
    let id = planned["id"].as_str().unwrap();
    // A plan changes nothing, and the same one is the same import.
    assert_eq!(gateway.control("GET", "ledger", &Value::Null), json!([]));
    assert_eq!(source.send("POST", path, &CSV, &file).expect(200).json()["id"], id);
    assert_eq!(source.get(&format!("/v1/imports/{id}/plan")).expect(200).json(), planned["plan"]);
    let shown = source.get(&format!("/v1/imports/{id}")).expect(200).json();
    assert_eq!((&shown["totals"]["skipped"], &shown["complete"]), (&json!(365), &json!(false)));

    let begun = source.send("POST", &format!("/v1/imports/{id}/apply"), &[], "").expect(202).json();
    assert_eq!(begun["state"], "applying");
    let ended = done(&source, id);
    let wanted = [("landed", 365), ("equal", 34), ("duplicate", 2), ("hold", 14), ("review", 3), ("rejected", 5)];
    assert_eq!((totals(&ended, "totals"), &ended["rows"]), (counts(&wanted), &json!(423)));
    let account = source.get(&format!("/v1/imports/{id}/account")).expect(200).json();
    assert_eq!((&account["sha256"], &account["complete"]), (&planned["sha256"], &json!(true)));
    let first = account["account"].as_array().unwrap().iter().find(|entry| entry["outcome"] == "landed").unwrap();
    let intent = source.get(&format!("/v1/intents/{}", first["intent"].as_str().unwrap())).expect(200).json();
    assert_eq!((&intent["state"], &intent["source"]), (&json!("landed"), &json!(gateway.said("client_id"))));
    // Now the target holds it, and the plan of the same file is another one.
    let again = source.send("POST", path, &CSV, &file).expect(200).json();
    assert_eq!(totals(&again, "planned")["equal"], 399);
    let all = source.get("/v1/imports").expect(200).json();
    assert_eq!(all["imports"].as_array().map(Vec::len), Some(2), "{all}");
}

#[test]
fn killed_on_the_way_it_goes_on_and_nothing_is_made_twice() {
    let target = Target::start(WORLD, "");
    let mut served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let world = target.world();
    let agents: BTreeMap<String, Value> = world["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| (agent["email"].as_str().unwrap().to_owned(), agent["id"].clone()))
        .collect();
    let content = std::fs::read_to_string(SAMPLE).unwrap();
    let body = json!({"content": content, "agents": agents});
    let begun = script.post("/v1/imports?kind=zendesk-shift-trades&apply=true", &body).expect(202).json();
    let id = begun["id"].as_str().unwrap().to_owned();
    assert_eq!(totals(&begun, "planned")["create"], 365, "{}", begun["planned"]);
    for _ in 0..4 {
        std::thread::sleep(Duration::from_millis(150));
        served.kill();
        served = Served::start(&mut target.serve(), target.folder.path());
    }
    let ended = done(&served.script(), &id);
    assert_eq!(totals(&ended, "totals")["landed"], 365, "{ended}");
    let made = target.ledger().into_iter().filter(|entry| entry["from_version"].is_null());
    let made = made.filter(|entry| entry["path"].as_str().unwrap().contains("/scheduling/shifts/")).count();
    assert_eq!(made, 365, "no trade twice, none left out");
}

#[test]
fn what_cannot_be_planned_is_told_by_its_code() {
    let target = Target::start("", "");
    let served = Served::start(&mut target.serve(), target.folder.path());
    let script = served.script();
    let send = |query: &str, body: &str| script.send("POST", &format!("/v1/imports?{query}"), &CSV, body);
    let field = |answer: &Answer, name: &str| assert_eq!(code(answer, 400, "invalid_parameter")["field"], name);
    field(&send("file=x", ""), "kind");
    field(&send("kind=zendesk", ""), "kind");
    field(&send("kind=scheduler-week", "{}"), "schedule");
    field(&send("kind=servicenow-quality-reviews", "{}"), "time_zone");
    field(&send("kind=zendesk-shift-trades&apply=maybe", ""), "apply");
    field(&send("kind=zendesk-shift-trades&local_times=guess", ""), "local_times");
    code(&send("kind=zendesk-shift-trades", "a,b\n1,2\n"), 422, "unreadable_file");
    let file = std::fs::read_to_string(SAMPLE).unwrap();
    code(&send("kind=zendesk-shift-trades", &file), 422, "agents_needed");
    let offline = send("kind=zendesk-shift-trades&offline=true", &file).expect(200).json();
    assert_eq!(offline["target"], "unchecked");
    let apply = format!("/v1/imports/{}/apply", offline["id"].as_str().unwrap());
    code(&script.send("POST", &apply, &[], ""), 422, "agents_needed");
    code(&script.get("/v1/imports/imp_0"), 404, "unknown_import");
    let week = "{\"agent_id\": \"a\", \"site\": \"s\", \"week\": \"2026-11-23\", \"shifts\": []}\n";
    code(&send("kind=scheduler-week&schedule=none", week), 502, "target_unlike");
}
