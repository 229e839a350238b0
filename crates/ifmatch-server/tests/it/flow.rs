//! An intent from its submission to the target: landed, merged, decided, withdrawn.

use crate::client::Client;
use crate::gateway::{Gateway, set_score};
use serde_json::{Value, json};

async fn submit(client: &Client, intent: &Value) -> Value {
    client.post("/v1/intents?wait=120", intent).await.json()
}

#[tokio::test]
async fn an_intent_lands_in_the_target() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(0);
    let answer = gateway.script.post("/v1/intents?wait=120", &set_score(&id, &json!({"score": 85}))).await;
    let answer = answer.expect(200).json();
    assert_eq!(answer["state"], "landed", "{answer}");
    assert_eq!(answer["result"]["version"], version + 1, "{answer}");
    assert_eq!(answer["duplicate"], false);
    assert_eq!(gateway.record(&id)["score"], 85);
    let shown = gateway.script.get(&format!("/v1/intents/{}", answer["id"].as_str().unwrap())).await;
    assert_eq!(shown.expect(200).json()["settled_at"], answer["settled_at"]);
    gateway.running.shutdown().await;
}

#[tokio::test]
async fn a_change_of_another_field_by_a_person_survives() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(1);
    let first = submit(&gateway.script, &set_score(&id, &json!({"score": 70}))).await;
    gateway.edit(&id, &json!({"comments": "seen with the agent"}));
    let mut second = set_score(&id, &json!({"score": 71}));
    second["base"] = json!({"version": first["result"]["version"]});
    let second = submit(&gateway.script, &second).await;
    assert_eq!(second["state"], "landed", "{second}");
    let record = gateway.record(&id);
    assert_eq!((&record["score"], &record["comments"]), (&json!(71), &json!("seen with the agent")));
}

/// A review of the servicenow source about a score that a person changed to 60.
async fn review(gateway: &Gateway, id: &str) -> Value {
    let first = submit(&gateway.servicenow, &set_score(id, &json!({"score": 70}))).await;
    assert_eq!(first["state"], "landed", "{first}");
    gateway.edit(id, &json!({"score": 60}));
    let mut second = set_score(id, &json!({"score": 80}));
    second["base"] = json!({"version": first["result"]["version"], "value": {"score": 70}});
    let answer = gateway.servicenow.post("/v1/intents?wait=120", &second).await.expect(202).json();
    assert_eq!(answer["state"], "review", "{answer}");
    assert_eq!(answer["code"], "review/true_conflict", "{answer}");
    answer
}

#[tokio::test]
async fn a_true_conflict_waits_for_a_decision_that_saw_it() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(2);
    let answer = review(&gateway, &id).await;
    let conflict = &answer["conflict"][0];
    assert_eq!(conflict["path"], "/score");
    assert_eq!((&conflict["local"], &conflict["remote"]), (&json!(80), &json!(60)), "{conflict}");
    let path = format!("/v1/intents/{}/decision?wait=120", answer["id"].as_str().unwrap());
    let decision = json!({"action": "apply", "choose": {"/score": "local"}, "seen": {"/score": conflict["seen"]}});

    let foreign = gateway.script.post(&path, &decision).await.expect(403).json();
    assert_eq!(foreign["code"], "forbidden");

    gateway.edit(&id, &json!({"score": 61}));
    let moved = gateway.operator.post(&path, &decision).await.expect(409).json();
    assert_eq!(moved["code"], "conflict_moved", "{moved}");
    let conflict = &moved["intent"]["conflict"][0];
    assert_eq!(conflict["remote"], 61, "{moved}");

    let decision = json!({
        "action": "apply", "choose": {"/score": "local"}, "seen": {"/score": conflict["seen"]},
        "note": "agreed by telephone", "by": "Ada Reviewer",
    });
    let settled = gateway.operator.post(&path, &decision).await.expect(200).json();
    assert_eq!(settled["state"], "landed", "{settled}");
    assert_eq!(gateway.record(&id)["score"], 80);
}

#[tokio::test]
async fn a_review_can_be_discarded_or_withdrawn() {
    let gateway = Gateway::calm().await;
    for (index, action, state) in [(3, "decision", "discarded"), (4, "cancel", "cancelled")] {
        let (id, _) = gateway.score(index);
        let answer = review(&gateway, &id).await;
        let path = format!("/v1/intents/{}/{action}", answer["id"].as_str().unwrap());
        let settled = gateway.servicenow.post(&path, &json!({"action": "discard"})).await.expect(200).json();
        assert_eq!(settled["state"], state, "{settled}");
        assert_eq!(gateway.record(&id)["score"], 60, "the person's value stands");
        let again = gateway.servicenow.post(&path.replace("decision", "cancel"), &json!({})).await;
        assert_eq!(again.expect(200).json()["state"], state, "settled stays settled");
    }
}

#[tokio::test]
async fn the_brake_holds_and_lets_go() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(5);
    let pulled = gateway.operator.post("/v1/brake", &json!({"action": "pause", "org": "sandbox"})).await;
    assert_eq!(pulled.expect(202).json()["paused"], true);
    let intent = set_score(&id, &json!({"score": 33}));
    let held = gateway.script.post("/v1/intents?wait=10", &intent).await.expect(202).json();
    assert_ne!(gateway.record(&id)["score"], 33);
    let why = gateway.script.get(&format!("/v1/intents/{}/why", held["id"].as_str().unwrap())).await;
    assert!(why.expect(200).json()["why"].as_str().unwrap().contains("brake"));
    let resume = json!({"action": "resume", "scope": "org"});
    gateway.operator.post("/v1/brake", &resume).await.expect(202);
    let path = format!("/v1/intents/{}?wait=120", held["id"].as_str().unwrap());
    assert_eq!(gateway.script.get(&path).await.expect(200).json()["state"], "landed");
}

#[tokio::test]
async fn followers_see_every_change_of_their_org() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(6);
    let mut events = gateway.script.stream("/v1/events").await;
    let answer = submit(&gateway.script, &set_score(&id, &json!({"score": 12}))).await;
    let mut states = Vec::new();
    while states.last().is_none_or(|state| state != "landed") {
        let event = events.next().await;
        assert!(event.contains("event: intent"), "{event}");
        let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((&data["id"], &data["org"]), (&answer["id"], &json!("sandbox")));
        states.push(data["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states[0], "accepted", "{states:?}");
    assert!(states.len() > 1, "{states:?}");
}

#[tokio::test]
async fn who_comes_again_hears_what_it_missed() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(6);
    let mut events = gateway.script.stream("/v1/events").await;
    submit(&gateway.script, &set_score(&id, &json!({"score": 12}))).await;
    let first = events.next().await;
    drop(events);
    let answer = submit(&gateway.script, &set_score(&id, &json!({"score": 13}))).await;
    let part = |event: &str, name: &str| {
        let line = event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("{event}")).to_owned()
    };
    let mut events = gateway.script.stream_after("/v1/events", Some(&part(&first, "id"))).await;
    let (mut heard, mut ids): (Vec<(Value, String)>, _) = (Vec::new(), vec![part(&first, "id")]);
    while heard.last().is_none_or(|(intent, state)| (intent, state.as_str()) != (&answer["id"], "landed")) {
        let event = events.next().await;
        let data: Value = serde_json::from_str(&part(&event, "data")).unwrap();
        heard.push((data["id"].clone(), data["state"].as_str().unwrap().to_owned()));
        ids.push(part(&event, "id"));
    }
    let both = heard.iter().filter(|heard| heard.1 == "landed").count();
    assert_eq!(both, 2, "the first one landed while nobody followed, or after: {heard:?}");
    ids.dedup();
    assert_eq!(ids.len(), heard.len() + 1, "each event says where it stands: {ids:?}");
    let wrong = gateway.script.send("GET", "/v1/events", &[("last-event-id", "seventeen")], "").await;
    assert_eq!(wrong.expect(400).json()["code"], "invalid_parameter");
}

#[tokio::test]
async fn many_lines_land_each_in_its_place() {
    let gateway = Gateway::calm().await;
    let ids: Vec<String> = (10..40).map(|index| gateway.score(index).0).collect();
    let mut body = String::new();
    for (place, id) in ids.iter().enumerate() {
        body += &format!("{}\n", set_score(id, &json!({"score": place + 40})));
        body += if place == 7 { "{\"resource\": 1}\n" } else { "" };
    }
    let ndjson = [("content-type", "application/x-ndjson")];
    let answer = gateway.script.send("POST", "/v1/intents?wait=300", &ndjson, &body).await.expect(200);
    let lines: Vec<Value> = answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 31);
    assert_eq!(lines[8]["error"]["code"], "invalid_intent", "{}", lines[8]);
    for (place, id) in ids.iter().enumerate() {
        let line = &lines[if place > 7 { place + 1 } else { place }];
        assert_eq!(line["resource"]["id"], json!(id), "{line}");
        assert!(line["state"] == "landed" || line["state"] == "satisfied", "{line}");
        assert_eq!(gateway.record(id)["score"], json!(place + 40));
    }
    let status = gateway.script.get("/v1/status").await.expect(200).json();
    let counts = &status["orgs"][0]["intents"];
    let count = |state: &str| counts[state].as_u64().unwrap_or(0);
    assert_eq!(count("landed") + count("satisfied"), 30, "{status}");
}
