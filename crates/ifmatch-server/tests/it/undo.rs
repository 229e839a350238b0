//! What landed is taken back in a real sandbox.

use crate::client::{Answer, Client};
use crate::gateway::{Gateway, score_path, set_score};
use serde_json::{Value, json};

/// Lands changes of a score as the script; gives the intent's id.
async fn land(gateway: &Gateway, id: &str, patch: &Value) -> String {
    let landed = gateway.script.post("/v1/intents?wait=120", &set_score(id, patch)).await.expect(200).json();
    assert_eq!(landed["state"], "landed", "{landed}");
    landed["id"].as_str().unwrap().to_owned()
}

async fn undo(client: &Client, intent: &str) -> Answer {
    client.send("POST", &format!("/v1/intents/{intent}/undo?wait=120"), &[], "").await
}

/// What our own writes made of a field: before and after, in order.
fn ours(gateway: &Gateway, id: &str, field: &str) -> Vec<(Value, Value)> {
    let path = score_path(id);
    gateway.running.sandbox().unwrap().with(|sandbox| {
        let mine = sandbox.ledger().iter().filter(|entry| entry.path == path && entry.client_id.is_some());
        let at = mine.flat_map(|entry| &entry.changes).filter(|change| change.path == field);
        let side = |value: &Option<Value>| value.clone().unwrap_or_default();
        at.map(|change| (side(&change.before), side(&change.after))).collect()
    })
}

#[tokio::test]
async fn the_old_value_is_back_once_and_an_undo_can_be_undone() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(0);
    let before = gateway.record(&id)["score"].clone();
    let intent = land(&gateway, &id, &json!({"score": 33})).await;

    let back = undo(&gateway.operator, &intent).await.expect(200).json();
    assert_eq!((&back["state"], &back["source"]), (&json!("landed"), &json!("operator")), "{back}");
    assert_eq!(gateway.record(&id)["score"], before);
    let again = undo(&gateway.operator, &intent).await.expect(200).json();
    assert_eq!(again["state"], "satisfied", "{again}");
    assert_eq!(ours(&gateway, &id, "/score"), [(before.clone(), json!(33)), (json!(33), before.clone())]);

    let forth = undo(&gateway.operator, back["id"].as_str().unwrap()).await.expect(200).json();
    assert_eq!(forth["state"], "landed", "{forth}");
    assert_eq!(gateway.record(&id)["score"], 33);
}

#[tokio::test]
async fn a_person_s_value_stands_and_both_are_shown() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(1);
    let before = gateway.record(&id)["score"].clone();
    let intent = land(&gateway, &id, &json!({"score": 33})).await;
    gateway.edit(&id, &json!({"score": 60}));
    let held = undo(&gateway.operator, &intent).await.expect(202).json();
    assert_eq!(held["code"], "review/true_conflict", "{held}");
    let conflict = &held["conflict"][0];
    assert_eq!((&conflict["base"], &conflict["local"], &conflict["remote"]), (&json!(33), &before, &json!(60)));
    assert_eq!(conflict["remote_writer"], "Ada Reviewer", "{held}");
    assert_eq!(gateway.record(&id)["score"], 60);
}

#[tokio::test]
async fn of_two_fields_one_of_which_a_person_changed_none_goes_back_before_a_decision() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(2);
    let before = gateway.record(&id)["comments"].clone();
    let intent = land(&gateway, &id, &json!({"score": 33, "comments": "ours"})).await;
    gateway.edit(&id, &json!({"score": 60}));
    let held = undo(&gateway.operator, &intent).await.expect(202).json();
    assert_eq!(held["state"], "review", "{held}");
    assert_eq!(gateway.record(&id)["comments"], "ours", "half an undo is none");

    let path = format!("/v1/intents/{}/decision?wait=120", held["id"].as_str().unwrap());
    let seen = &held["conflict"][0]["seen"];
    let decision = json!({"action": "apply", "choose": {"/score": "remote"}, "seen": {"/score": seen}});
    let settled = gateway.operator.post(&path, &decision).await.expect(200).json();
    assert_eq!(settled["state"], "landed", "{settled}");
    let record = gateway.record(&id);
    assert_eq!((&record["score"], &record["comments"]), (&json!(60), &before));
}

#[tokio::test]
async fn what_has_no_undo_is_refused_with_what_to_do() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(3);
    let same = set_score(&id, &json!({"score": gateway.record(&id)["score"]}));
    let same = gateway.script.post("/v1/intents?wait=120", &same).await.expect(200).json();
    let refused = undo(&gateway.operator, same["id"].as_str().unwrap()).await.expect(409).json();
    assert_eq!(refused["code"], "not_undoable", "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("is satisfied and has changed nothing"), "{refused}");

    let agent = gateway.running.sandbox().unwrap().with(|sandbox| sandbox.world())["agents"][0]["email"].clone();
    let create = json!({
        "resource": {"org": "sandbox", "kind": "quality-score", "external": {"system": "lms", "id": "x1"}},
        "change": {"create": {
            "agent_email": agent, "evaluation_form": "chat-v9", "time_zone": "Europe/Paris",
            "reviewed_at": "2026-11-20T09:00:00Z", "score": 5, "comments": "new",
        }},
    });
    let made = gateway.script.post("/v1/intents?wait=120", &create).await.expect(200).json();
    let refused = undo(&gateway.operator, made["id"].as_str().unwrap()).await.expect(409).json();
    assert!(refused["detail"].as_str().unwrap().contains("it made the record"), "{refused}");

    let intent = land(&gateway, &id, &json!({"score": 33})).await;
    assert_eq!(undo(&gateway.servicenow, &intent).await.expect(403).json()["code"], "forbidden");
    let mut own = set_score(&id, &json!({}));
    own["change"] = json!({"undo": {"intent": intent, "changes": [{"path": "/score", "before": 33, "after": 1}]}});
    let refused = gateway.script.post("/v1/intents", &own).await.expect(422).json();
    assert_eq!(refused["code"], "unsupported_change", "{refused}");
}

#[tokio::test]
async fn a_verb_on_a_shift_is_taken_back() {
    let gateway = Gateway::calm().await;
    let sandbox = gateway.running.sandbox().unwrap();
    let (schedule, agent, path) = sandbox.with(|sandbox| {
        let world = sandbox.world();
        let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
        let agent = world["agents"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}");
        (schedule, agent, path)
    });
    let entry = || sandbox.with(|sandbox| sandbox.record(&path).unwrap());
    let before = entry()["shifts"].clone();
    let shift = before[0]["id"].as_str().unwrap();
    let verb = json!({
        "resource": {"org": "sandbox", "kind": "agent-schedule", "id": format!("{schedule}/{agent}")},
        "change": {"verb": {"name": "move-shift", "args": {"shift_id": shift, "minutes": 30}}},
    });
    let moved = gateway.script.post("/v1/intents?wait=300", &verb).await.expect(200).json();
    assert_eq!(moved["state"], "landed", "{moved}");
    assert_ne!(entry()["shifts"], before);
    let back = undo(&gateway.operator, moved["id"].as_str().unwrap()).await.expect(200).json();
    assert_eq!(back["state"], "landed", "{back}");
    assert_eq!(entry()["shifts"], before);
}
