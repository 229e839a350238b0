//! The drop-in proxy: a client that knows only the target changes its host and nothing else.

use crate::client::{Answer, Client};
use crate::gateway::{Gateway, score_path};
use serde_json::{Value, json};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn patch(client: &Client, path: &str, body: &Value) -> Answer {
    client.send("PATCH", path, &[JSON], &body.to_string()).await
}

#[tokio::test]
async fn a_write_is_answered_by_the_record_as_the_target_shows_it() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(0);
    let body = json!({"score": 91, "version": version});
    let answer = patch(&gateway.script, &score_path(&id), &body).await.expect(200);
    assert_eq!(answer.json(), gateway.record(&id));
    assert_eq!(answer.header("etag"), format!("\"{}\"", version + 1));
    assert_eq!(answer.header("ifmatch-outcome"), "landed");
    assert_eq!(answer.header("ifmatch-attempts"), "1");
    let intent = answer.header("ifmatch-intent");
    let shown = gateway.script.get(&format!("/v1/intents/{intent}")).await.expect(200).json();
    assert_eq!(shown["state"], "landed");
}

#[tokio::test]
async fn a_read_shows_the_record_and_what_was_read_is_the_base() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(1);
    let read = gateway.script.get(&score_path(&id)).await.expect(200);
    assert_eq!(read.json(), gateway.record(&id));
    gateway.edit(&id, &json!({"comments": "a person's words"}));
    let body = json!({"score": 15, "version": version});
    patch(&gateway.script, &score_path(&id), &body).await.expect(200);
    let record = gateway.record(&id);
    assert_eq!((&record["score"], &record["comments"]), (&json!(15), &json!("a person's words")));
}

#[tokio::test]
async fn a_true_conflict_is_refused_or_held_as_the_source_wants() {
    let gateway = Gateway::calm().await;
    for (index, client) in [(2, &gateway.script), (3, &gateway.servicenow)] {
        let (id, _) = gateway.score(index);
        let read = client.get(&score_path(&id)).await.expect(200).json();
        gateway.edit(&id, &json!({"score": 44}));
        let body = json!({"score": 55, "version": read["version"]});
        let answer = patch(client, &score_path(&id), &body).await;
        assert_eq!(gateway.record(&id)["score"], 44, "the person's value stands");
        let body = answer.json();
        if index == 2 {
            assert_eq!((answer.status.as_u16(), &body["code"]), (409, &json!("conflict")), "{answer:?}");
            assert_eq!(answer.header("ifmatch-outcome"), "rejected");
        } else {
            assert_eq!((answer.status.as_u16(), &body["state"]), (202, &json!("review")), "{answer:?}");
            assert_eq!(answer.header("location"), format!("/v1/intents/{}", body["id"].as_str().unwrap()));
        }
    }
}

#[tokio::test]
async fn strict_handling_gives_the_bare_semantics_of_the_target() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(4);
    gateway.edit(&id, &json!({"comments": "newer"}));
    let headers = [JSON, ("prefer", "handling=strict")];
    let body = json!({"score": 5, "version": version}).to_string();
    let answer = gateway.script.send("PATCH", &score_path(&id), &headers, &body).await;
    assert_eq!(answer.status, 409, "{answer:?}");
    assert_ne!(gateway.record(&id)["score"], 5);
    // What it was refused with is not told as what stands.
    assert_ne!(answer.json()["current_version"], version, "{answer:?}");
    let first = json!({"score": 6, "version": version + 1}).to_string();
    gateway.script.send("PATCH", &score_path(&id), &headers, &first).await.expect(200);
    // Its own last write moves the record as anybody's does.
    let again = json!({"score": 7, "version": version + 1}).to_string();
    let answer = gateway.script.send("PATCH", &score_path(&id), &headers, &again).await.expect(409);
    assert_eq!((&answer.json()["code"], gateway.record(&id)["score"].as_u64()), (&json!("conflict"), Some(6)));
    assert_eq!(answer.json()["current_version"], version + 2, "{answer:?}");
}

#[tokio::test]
async fn a_client_that_does_not_wait_is_told_where_to_ask() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(5);
    let headers = [JSON, ("prefer", "wait=0")];
    let body = json!({"score": 66, "version": version}).to_string();
    let answer = gateway.script.send("PATCH", &score_path(&id), &headers, &body).await.expect(202);
    let place = format!("{}?wait=120", answer.header("location"));
    assert_eq!(gateway.script.get(&place).await.expect(200).json()["state"], "landed");
}

#[tokio::test]
async fn a_repeated_write_gets_the_first_ones_answer() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(6);
    let body = json!({"score": 67, "version": version});
    let first = patch(&gateway.script, &score_path(&id), &body).await.expect(200);
    let second = patch(&gateway.script, &score_path(&id), &body).await.expect(200);
    assert_eq!(first.header("ifmatch-intent"), second.header("ifmatch-intent"));
    assert_eq!(first.json(), second.json());
    assert_eq!(gateway.record(&id)["version"], version + 1, "one write");
}

#[tokio::test]
async fn what_the_dialect_does_not_know_passes_through() {
    let gateway = Gateway::calm().await;
    let list = gateway.script.get("/api/v2/wfm/v2/quality/scores?page_size=3").await.expect(200).json();
    assert_eq!(list["entities"].as_array().unwrap().len(), 3);
    let missing = gateway.script.get("/api/v2/wfm/nothing").await;
    assert_eq!(missing.status, 404);
    assert!(missing.header("x-request-id").len() > 1, "the target's own answer: {missing:?}");
}

#[tokio::test]
async fn a_batch_is_answered_line_by_line() {
    let gateway = Gateway::calm().await;
    let scores: Vec<(String, u64)> = (10..13).map(|index| gateway.score(index)).collect();
    gateway.script.get("/api/v2/wfm/v2/quality/scores?page_size=100").await.expect(200);
    let items: Vec<Value> =
        scores.iter().map(|(id, version)| json!({"id": id, "score": 21, "version": version})).collect();
    let answer = gateway.script.post("/api/v2/wfm/v2/quality/scores/bulk", &json!({"items": items})).await;
    assert!(answer.status.is_success(), "{answer:?}");
    let entities = answer.json()["entities"].clone();
    for (entity, (id, version)) in entities.as_array().unwrap().iter().zip(&scores) {
        assert_eq!((&entity["id"], &entity["version"]), (&json!(id), &json!(version + 1)), "{entity}");
        assert_eq!(gateway.record(id)["score"], 21);
    }
    assert_eq!(answer.header("ifmatch-intent").split(", ").count(), 3);
}

#[tokio::test]
async fn a_push_of_agents_is_answered_by_the_document() {
    let gateway = Gateway::calm().await;
    let world = gateway.running.sandbox().unwrap().with(|sandbox| sandbox.world());
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/wfm/schedules/{schedule}");
    let before = gateway.script.get(&path).await.expect(200).json();
    let mut agent = before["agents"][0].clone();
    agent["shifts"][0]["length_minutes"] = json!(agent["shifts"][0]["length_minutes"].as_u64().unwrap() - 30);
    agent["shifts"][0]["activities"] = json!([]);
    let push = json!({"id": schedule, "version": before["version"], "agents": [agent]});
    let answer = gateway.script.post("/api/v2/wfm/schedules", &push).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let after = answer.json();
    assert_eq!(after["id"], schedule, "{after}");
    let shift = &after["agents"][0]["shifts"][0];
    assert_eq!(shift["length_minutes"], agent["shifts"][0]["length_minutes"], "{after}");
}

#[tokio::test]
async fn a_publish_is_a_job_that_can_be_asked_for() {
    let gateway = Gateway::calm().await;
    let world = gateway.running.sandbox().unwrap().with(|sandbox| sandbox.world());
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v2/wfm/scheduling/schedules/{schedule}");
    let answer = gateway.script.post(&format!("{path}/publish"), &json!({})).await.expect(202);
    let job = answer.json()["job_id"].as_str().unwrap().to_owned();
    assert!(job.starts_with("int_"), "{answer:?}");
    gateway.script.get(&format!("/v1/intents/{job}?wait=300")).await.expect(200);
    let state = gateway.script.get(&format!("/api/v2/wfm/scheduling/jobs/{job}")).await.expect(200);
    assert_eq!(state.json()["state"], "complete", "{state:?}");
    let status = gateway.script.get(&format!("{path}/status")).await.expect(200).json();
    assert_eq!(status["state"], "published", "{status}");
}
