//! `ifmatch intents undo` and `ifmatch intents blame` against a gateway with a built-in sandbox.

use crate::rig::Gateway;
use serde_json::{Value, json};

fn landed(gateway: &Gateway, score: &Value, value: u64) -> String {
    let intent = json!({
        "resource": {"org": "sandbox", "kind": "quality-score", "id": score["id"]},
        "change": {"merge_patch": {"score": value}},
    });
    let landed = gateway.submit(&intent.to_string(), &["--wait", "200"]).expect(0).json();
    assert_eq!(landed["state"], "landed", "{landed}");
    landed["id"].as_str().unwrap().to_owned()
}

fn truth(gateway: &Gateway, score: &Value) -> Value {
    let record = gateway.control("GET", &format!("record?path={}", score["path"].as_str().unwrap()), &Value::Null);
    record.pointer("/body/score").or(record.get("score")).unwrap().clone()
}

#[test]
fn what_landed_is_taken_back_and_what_a_person_changed_since_is_4() {
    let gateway = Gateway::start();
    let score = gateway.score(0);
    let before = truth(&gateway, &score);
    let first = landed(&gateway, &score, 31);
    let back = gateway.run_as_operator(&["intents", "undo", &first, "--wait", "200", "--json"]).expect(0).json();
    assert_eq!((&back["state"], truth(&gateway, &score)), (&json!("landed"), before));

    let named = format!("quality-score/{}", score["id"].as_str().unwrap());
    let table = gateway.run_as_operator(&["intents", "blame", &named]).expect(0).out;
    let ours = format!("operator by {}", back["id"].as_str().unwrap());
    assert!(table.starts_with("path ") && table.contains(&ours), "{table}");
    assert!(table.contains("not known since version"), "{table}");
    let rows = gateway.run_as_operator(&["intents", "blame", &named, "--json"]).expect(0).out;
    assert!(rows.lines().count() > 2, "{rows}");
    gateway.run_as_operator(&["intents", "blame", "quality-score/none"]).expect(2);

    let score = gateway.score(1);
    let second = landed(&gateway, &score, 32);
    gateway.edit(&score, json!({"score": 93}));
    let held = gateway.run_as_operator(&["intents", "undo", &second, "--wait", "200", "--json"]).expect(4).json();
    let sides = &held["conflict"][0];
    assert_eq!((&sides["base"], &sides["remote"]), (&json!(32), &json!(93)), "{held}");
    assert_eq!(truth(&gateway, &score), 93);

    let open = gateway.run_as_operator(&["intents", "undo", held["id"].as_str().unwrap()]).expect(2);
    assert!(open.err.contains("is not known yet") && open.err.contains("ifmatch explain not_undoable"), "{}", open.err);
}
