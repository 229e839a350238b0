//! What people, locks and silent rules do to documents, and what a hostile scenario draws for this API.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::rig::{Cloud, W};
use crate::{
    Editor, Edits, Locker, Locks, Scenario, SilentAnswer, SilentRule, WorldSpec,
    platform::operations::{self, Found},
    tests::rig::Rig,
};

fn calm() -> Scenario {
    let mut scenario = Scenario::named("calm-unlimited", 1).unwrap();
    scenario.world = WorldSpec { agents: 12, ..WorldSpec::default() };
    scenario
}

#[test]
pub(super) fn people_edit_documents_of_every_kind() {
    let editor = json!({"name": "Edda Brandt", "edits": "documents", "mean_ms": 1_000});
    let editors: Vec<Editor> = vec![serde_json::from_value(editor).unwrap()];
    let mut cloud = Cloud::of(Rig::of(Scenario { editors, ..calm() }, 3));
    cloud.rig.now += 300_000;
    cloud.rig.sandbox.advance(cloud.rig.now);
    let entries = cloud.rig.sandbox.ledger().to_vec();
    assert!(entries.len() > 200 && entries.iter().all(|entry| entry.actor == "Edda Brandt"));
    assert!(entries.iter().all(|entry| !entry.changes.is_empty()), "an edit changes something");
    let paths: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let every: Vec<String> = cloud.rig.sandbox.target.all_documents().map(|(path, _)| path.to_owned()).collect();
    assert!(every.iter().all(|path| paths.contains(path.as_str())), "each is edited");
    cloud.rig.sandbox.calm_down();
    for path in paths {
        if matches!(operations::find("GET", path), Found::Operation(_)) {
            assert_eq!(cloud.get(path).status, 200, "{path}");
        }
    }
    let feed = cloud.rig.get("/api/v2/wfm/events?since=0").body.to_string();
    assert!(!feed.contains(W), "the other API's feed knows of no documents");
}

#[test]
pub(super) fn a_locked_document_refuses_every_write() {
    let locker = json!({"locks": "documents", "share": 1.0, "hold_ms_min": 60_000, "hold_ms_max": 60_000});
    let lockers: Vec<Locker> = vec![serde_json::from_value(locker).unwrap()];
    assert_eq!(lockers[0].locks, Locks::Documents);
    let mut cloud = Cloud::of(Rig::of(Scenario { lockers, ..calm() }, 3));
    let plan = cloud.get(&cloud.mu("/workplans")).body["entities"][0].clone();
    let path = plan["selfUri"].as_str().unwrap().to_owned();
    let user = cloud.rig.sandbox.world()["agents"][0]["id"].clone();
    let assign = json!({"entities": [{"userId": user, "workPlanId": {"value": plan["id"]}}]});
    let change = json!({"name": "Other", "metadata": {"version": 1}});
    let code = json!({"name": "Huddle", "category": "Meeting"});
    for (method, path, body) in [
        ("PATCH", path.clone(), &change),
        ("DELETE", path.clone(), &Value::Null),
        ("PATCH", cloud.mu("/agents/workplans/bulk"), &assign),
        ("PATCH", cloud.bu("/scheduler/settings"), &change),
        ("POST", cloud.bu("/activitycodes"), &code),
    ] {
        assert_eq!(cloud.send(method, &path, body).refusal(), (409, "request.conflict"), "{method} {path}");
    }
    assert_eq!(cloud.get(&path).body["name"], plan["name"]);
    cloud.rig.now += 60_000;
    assert_eq!(cloud.patch(&path, &change).status, 200);
}

#[test]
pub(super) fn a_silent_rule_keeps_a_field_of_a_document() {
    for (answer, shown) in [(SilentAnswer::AsItStands, "Full time"), (SilentAnswer::AsSent, "Other")] {
        let mut cloud = Cloud::with(|options| {
            let rule = |field: &str, clamp| SilentRule { path: W.to_owned(), field: field.to_owned(), clamp };
            options.silent_rules = vec![rule("name", None), rule("defaultLimitMinutes", Some((0, 600)))];
            options.silent_answer = answer;
        });
        let path = cloud.get(&cloud.mu("/workplans")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
        let change = json!({"name": "Other", "enabled": false, "metadata": {"version": 1}});
        assert_eq!(cloud.patch(&path, &change).body["name"], shown);
        let read = cloud.get(&path).body;
        assert_eq!((&read["name"], &read["enabled"]), (&json!("Full time"), &json!(false)));
        let silence = cloud.rig.sandbox.silences()[0].clone();
        assert_eq!((silence.path, silence.sent, silence.from_version), (path.clone(), json!("Other"), Some(1)));
        let limit =
            cloud.post(&cloud.mu("/timeofflimits"), &json!({"granularity": "Daily", "defaultLimitMinutes": 900}));
        let path_of_limit = limit.body["selfUri"].as_str().unwrap().to_owned();
        assert_eq!(cloud.get(&path_of_limit).body["defaultLimitMinutes"], 600);
        cloud.rig.sandbox.edit(cloud.rig.now, &path, &json!({"name": "A person's"}), "Rita Holm").unwrap();
        assert_eq!(cloud.get(&path).body["name"], "A person's", "people are not bound");
    }
}

#[test]
fn a_hostile_scenario_draws_every_option() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let (mut editors, mut lockers) = (0, 0);
    for seed in 0..60 {
        let scenario = Scenario::named("hostile", seed).unwrap();
        assert_eq!(scenario, Scenario::named("hostile", seed).unwrap());
        for (name, value) in json!(scenario.options.platform).as_object().unwrap() {
            seen.entry(name.clone()).or_default().insert(value.to_string());
        }
        editors += usize::from(scenario.editors.iter().any(|one| one.edits == Edits::Documents));
        lockers += usize::from(scenario.lockers.iter().any(|one| one.locks == Locks::Documents));
    }
    let fixed = ["clients_user", "shift_trading_per_minute"];
    for (name, values) in &seen {
        let wanted = match name.as_str() {
            "jobs" => 3,
            "upload_ms" | "job_ms" | "download_above" => 10,
            name if fixed.contains(&name) => 1,
            _ => 2,
        };
        assert!(values.len() >= wanted, "{name}: {values:?}");
    }
    assert!((20..60).contains(&editors) && (15..60).contains(&lockers), "{editors} {lockers}");
}
