//! The control API, people's edits and the counters.

use serde_json::{Value, json};

use super::rig::{Rig, SCORES, START};
use crate::EditError;

#[test]
fn the_world_lists_everything() {
    let mut rig = Rig::calm();
    rig.use_token("none");
    let world = rig.get("/__sandbox/world").body;
    let count = |name: &str| world[name].as_array().unwrap().len();
    assert_eq!((count("quality_scores"), count("shift_trades"), count("schedules"), count("agents")), (100, 40, 2, 12));
    let path = world["quality_scores"][0]["path"].as_str().unwrap();
    let record = rig.get(&format!("/__sandbox/record?path={path}"));
    assert_eq!((record.status, &record.body["id"]), (200, &world["quality_scores"][0]["id"]));
    assert_eq!(rig.get("/__sandbox/record?path=/nothing").status, 404);
    assert_eq!(rig.get("/__sandbox/nothing").status, 404);
    assert_eq!(rig.post("/__sandbox/world", &json!({})).status, 405);
    assert_eq!(rig.sandbox.stats().requests, 0);
}

#[test]
fn edits_locks_and_ledger() {
    let mut rig = Rig::calm();
    let (path, old) = rig.first("quality_scores");
    let edit = json!({"path": path, "merge_patch": {"score": 12}, "by": "Rita Holm"});
    assert_eq!(rig.post("/__sandbox/edit", &edit).body["version"], 2);
    rig.now = START + 2_500;
    rig.patch(&path, &json!({"version": 2, "comments": "c"}));
    let ledger = rig.get("/__sandbox/ledger").body;
    assert_eq!(
        (&ledger[0]["actor"], &ledger[0]["client_id"], &ledger[0]["seq"]),
        (&json!("Rita Holm"), &Value::Null, &json!(1))
    );
    assert_eq!(ledger[0]["changes"], json!([{"path": "/score", "before": old["score"], "after": 12}]));
    assert_eq!(
        (&ledger[1]["client_id"], &ledger[1]["at"]),
        (&json!("sandbox-client"), &json!("2026-03-04T10:00:02.5Z"))
    );
    assert_eq!((&ledger[1]["from_version"], &ledger[1]["to_version"]), (&json!(2), &json!(3)));
    assert_eq!(rig.get("/__sandbox/ledger?since=1").body.as_array().unwrap().len(), 1);
    assert_eq!(rig.get(&format!("/__sandbox/ledger?path={path}")).body.as_array().unwrap().len(), 2);
    assert_eq!(rig.post("/__sandbox/lock", &json!({"path": path, "seconds": 60})).status, 200);
    assert_eq!(rig.post("/__sandbox/edit", &edit).status, 409);
    assert_eq!(rig.sandbox.edit(rig.now, &path, &json!({"score": 1}), "x"), Err(EditError::Locked));
    assert_eq!(rig.post("/__sandbox/lock", &json!({"path": "/x", "seconds": 1})).status, 404);
}

#[test]
fn a_persons_edit_keeps_the_rules() {
    let mut rig = Rig::calm();
    let (path, _) = rig.first("quality_scores");
    let refused = rig.sandbox.edit(rig.now, &path, &json!({"score": 200}), "x");
    assert!(matches!(refused, Err(EditError::Refused { code, .. }) if code == "invalid_field"));
    assert_eq!(rig.sandbox.edit(rig.now, "/api/v2/wfm/schedules/none", &json!({}), "x"), Err(EditError::NotFound));
    let (trade, _) = rig.trade_in("pending");
    let refused = rig.sandbox.edit(rig.now, &trade, &json!({"status": "approved"}), "x");
    assert!(matches!(refused, Err(EditError::Refused { code, .. }) if code == "invalid_transition"));
    assert!(rig.sandbox.ledger().is_empty());
}

#[test]
fn options_clock_faults_and_reset() {
    let mut rig = Rig::calm();
    let options = rig.post("/__sandbox/options", &json!({"etag": "weak", "rate_limit_per_minute": null}));
    assert_eq!((options.status, &options.body["etag"]), (200, &json!("weak")));
    assert_eq!(rig.post("/__sandbox/options", &json!({"etag": "odd"})).status, 400);
    assert_eq!(rig.post("/__sandbox/options", &json!({"no_such": 1})).status, 400);
    let (path, _) = rig.first("quality_scores");
    assert_eq!(rig.get(&path).header("ETag"), Some("W/\"1\""));
    rig.sandbox.lock(rig.now, &path, 100).unwrap();
    let clock = rig.post("/__sandbox/clock", &json!({"advance_seconds": 100})).body;
    assert_eq!(clock["now"], "2026-03-04T10:01:40Z");
    assert_eq!(rig.post("/__sandbox/clock", &json!({"advance_ms": -1})).status, 400);
    assert_eq!(rig.patch(&path, &json!({"version": 1, "score": 1})).status, 200, "the lock is over");
    assert_eq!(rig.sandbox.ledger()[0].at, START + 100_000);
    let fault = json!({"fault": "lost_response", "method": "POST", "path_prefix": SCORES, "times": 1});
    assert_eq!(rig.post("/__sandbox/faults", &fault).body["injected"].as_array().unwrap().len(), 1);
    assert_eq!(rig.post("/__sandbox/faults", &json!({"clear": true})).body["injected"], json!([]));
    assert_eq!(rig.post("/__sandbox/faults", &json!({"fault": "odd"})).status, 400);
    assert_eq!(rig.post("/__sandbox/reset", &json!({})).status, 200);
    assert!(rig.sandbox.ledger().is_empty());
    assert_eq!(rig.get(&path).status, 401, "tokens do not survive a reset");
    let credentials = rig.sandbox.credentials();
    let token = rig.login(&credentials.client_id, &credentials.client_secret);
    rig.use_token(&token);
    assert_eq!(rig.get(&path).header("ETag"), Some("\"1\""));
}

#[test]
fn writes_to_one_record_that_overlap_are_counted() {
    let mut rig = Rig::calm();
    let (path, _) = rig.first("quality_scores");
    for at in [0, 40, 79, 200] {
        rig.now = START + at;
        rig.patch(&path, &json!({"version": 1, "score": at % 90}));
    }
    let stats = rig.get("/__sandbox/stats").body;
    assert_eq!(stats["concurrent_writes"], json!({path: 1}));
    assert_eq!((&stats["requests"], &stats["clients"]["sandbox-client"]["writes"]), (&json!(4), &json!(4)));
}
