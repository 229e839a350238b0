//! A hook that says what stood there before: a person's edit since then is a conflict, and what nobody touched lands.

use crate::apart::{Served, Target};
use crate::http::Caller;
use serde_json::{Value, json};

/// A sender with `current` and `previous`, as a business rule has them.
const DESK: &str = r#"
    [[source]]
    name = "desk"
    org = "acme"
    kind = "webhook"
    client_id = "desk"
    client_secret = "a-secret-of-the-desk"
    [source.hook]
    auth = ["bearer"]
    secret = "what-the-desk-sends"
    form = "plain"
    [source.hook.map]
    kind = "quality-score"
    id = "/current/id"
    fields = { "/score" = { from = "/current/score", as = "number" } }
    base = { "/score" = { from = "/previous/score", as = "number" } }
"#;

/// What becomes of a change from one score to another.
fn changes(desk: &Caller, script: &Caller, id: &Value, from: &Value, to: u64) -> Value {
    let body = json!({"current": {"id": id, "score": to.to_string()}, "previous": {"score": from}});
    let told = desk.post("/v1/hooks/desk", &body).expect(202).json();
    let path = format!("{}?wait=25", told["links"]["self"].as_str().unwrap());
    script.get(&path).expect(200).json()
}

#[test]
fn what_somebody_wrote_since_then_is_not_overwritten() {
    let target = Target::start("", DESK);
    let served = Served::start(&mut target.serve(), target.folder.path());
    let desk = Caller::new(&served.url).with_token("what-the-desk-sends");
    // A source sees the intents of its org.
    let script = served.script();
    let score = target.world()["quality_scores"][0].clone();
    let path = format!("/__sandbox/record?path={}", score["path"].as_str().unwrap());
    let record = || target.control().get(&path).expect(200).json();
    let body = record();
    let held = body.pointer("/body/score").or(body.get("score")).cloned().unwrap();

    let edit = json!({"path": score["path"], "merge_patch": {"score": 91}, "by": "Mara Lind"});
    target.control().post("/__sandbox/edit", &edit).expect(200);
    let met = changes(&desk, &script, &score["id"], &json!(held.to_string()), 77);
    assert_eq!((&met["state"], &met["code"]), (&json!("review"), &json!("review/true_conflict")), "{met}");
    let conflict = &met["conflict"][0];
    assert_eq!((&conflict["base"], &conflict["local"], &conflict["remote"]), (&held, &json!(77), &json!(91)), "{met}");

    let script = served.script();
    let landed = changes(&desk, &script, &score["id"], &json!("91"), 86);
    assert_eq!(landed["state"], "landed", "{landed}");
    let now = record();
    assert_eq!(now.pointer("/body/score").or(now.get("score")), Some(&json!(86)));
}
