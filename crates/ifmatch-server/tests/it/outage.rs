//! A target that is not there, or that answers in the worst ways.

use crate::gateway::{Gateway, set_score};
use ifmatch_sandbox::Scenario;
use ifmatch_server::config::{self, Environment, Flags};
use ifmatch_server::{ServeOptions, serve};
use serde_json::json;

#[tokio::test]
async fn without_a_target_intents_are_accepted_and_wait() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ifmatch.toml");
    let text = r#"
        [[org]]
        name = "acme"
        dialect = "wfm-v2"
        api_url = "http://127.0.0.1:1"
        client_id = "gateway"
        client_secret = "nobody asks for it"
        allow_private = true
        [[source]]
        name = "script"
        org = "acme"
        client_id = "script"
        client_secret = "s3cret"
    "#;
    std::fs::write(&file, text).unwrap();
    let flags = Flags {
        file: Some(file),
        listen: Some("127.0.0.1:0".to_owned()),
        data: Some(folder.path().join("data")),
        observe: false,
    };
    let config = config::load(&flags, &Environment::default()).unwrap().config;
    let running = serve(ServeOptions { config, sandbox: None, extra_sources: Vec::new() }).await.unwrap();
    running.ready().await;
    let line = running.first_line();
    assert!(line.get("sandbox").is_none() && line.get("client_id").is_none(), "{line}");
    let client = crate::client::Client::new(&running.url);
    client.get("/health/ready").await.expect(200);
    client.get("/__sandbox/world").await.expect(404);
    let script = client.log_in("script", "s3cret").await;
    let intent = json!({
        "resource": {"org": "acme", "kind": "quality-score", "id": "qs-1"},
        "change": {"merge_patch": {"score": 1}},
    });
    let answer = script.post("/v1/intents?wait=0.3", &intent).await.expect(202).json();
    assert!(answer["settled_at"].is_null(), "{answer}");
    running.shutdown().await;
}

/// Answers get lost, connections break, writes take effect late: each intent is still applied
/// exactly once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_answers_and_broken_connections_cost_no_change_and_double_none() {
    let scenario = r#"
        base = "calm-unlimited"
        [faults]
        lost_response = 0.05
        reset_before_body = 0.05
        reset_after_body = 0.05
    "#;
    let gateway = Gateway::start_at(Scenario::from_toml(scenario).unwrap(), 200.0).await;
    let ids: Vec<String> = (0..20).map(|index| gateway.score(index).0).collect();
    let lines: Vec<String> =
        ids.iter().enumerate().map(|(place, id)| set_score(id, &json!({"score": place + 1})).to_string()).collect();
    let ndjson = [("content-type", "application/x-ndjson")];
    let answer = gateway.script.send("POST", "/v1/intents?wait=300", &ndjson, &lines.join("\n")).await;
    assert!(answer.status.is_success(), "{answer:?}");
    for line in answer.text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let path = format!("/v1/intents/{}?wait=300", line["id"].as_str().unwrap());
        let mut state = line["state"].clone();
        for _ in 0..20 {
            if state == "landed" {
                break;
            }
            state = gateway.script.get(&path).await.expect(200).json()["state"].clone();
        }
        assert_eq!(state, "landed", "{line}");
    }
    let ledger = gateway.running.sandbox().unwrap().with(|sandbox| sandbox.ledger().to_vec());
    for (place, id) in ids.iter().enumerate() {
        assert_eq!(gateway.record(id)["score"], json!(place + 1));
        let path = crate::gateway::score_path(id);
        assert_eq!(ledger.iter().filter(|entry| entry.path == path).count(), 1, "{path} was written once");
    }
}
