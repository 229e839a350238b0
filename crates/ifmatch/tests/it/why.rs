//! `ifmatch why` against a gateway with a built-in sandbox.

use crate::rig::Gateway;
use serde_json::{Value, json};

/// Asks until the intent stands as said: between two looks a probe may be on its way.
fn why_once(gateway: &Gateway, id: &str, stands: &str) -> Value {
    let mut said = Value::Null;
    for _ in 0..100 {
        said = gateway.run(&["why", id, "--json"]).expect(0).json();
        if said["state"] == stands {
            return said;
        }
    }
    panic!("it never was {stands}: {said}");
}

#[test]
fn a_lock_is_told_with_its_evidence_and_the_next_probe() {
    let gateway = Gateway::start();
    let score = gateway.score(0);
    gateway.control("POST", "lock", &json!({"path": score["path"], "seconds": 100_000}));
    let intent = json!({
        "resource": {"org": "sandbox", "kind": "quality-score", "id": score["id"]},
        "change": {"merge_patch": {"score": 77}},
    });
    let held = gateway.submit(&intent.to_string(), &["--wait", "5"]).expect(5).json();
    let id = held["id"].as_str().unwrap();

    let said = why_once(&gateway, id, "parked");
    let why = said["why"].as_str().unwrap();
    let resource = format!("of sandbox for quality-score {} is parked since", score["id"].as_str().unwrap());
    for part in [&*resource, "the target refused it", "taken as a lock on", "one probe goes out at", "it gives up at"] {
        assert!(why.contains(part), "{part} is missing: {why}");
    }
    assert_eq!(said["reason"], said["why"], "the reason of an open intent is the paragraph");

    let text = gateway.run(&["intents", "why", id]).expect(0).out;
    assert!(text.starts_with(id) && text.lines().count() == 1, "{text}");
    let shown = gateway.run(&["intents", "show", id, "--json"]).expect(0).json();
    assert!(shown["reason"].as_str().unwrap().starts_with(id), "{shown}");
    gateway.run(&["why", "int_00000000000000000000000001"]).expect(2);
}
