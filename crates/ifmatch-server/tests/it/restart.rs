//! What was accepted survives the process; a folder has one process.

use crate::client::Client;
use crate::gateway::{Gateway, options, set_score};
use ifmatch_sandbox::Scenario;
use ifmatch_server::config::{OrgSettings, Secret};
use ifmatch_server::{ServeError, serve};
use serde_json::{Value, json};

#[tokio::test]
async fn an_accepted_intent_lands_after_a_restart() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(0);
    let brake = |action: &str| json!({"action": action, "org": "sandbox"});
    gateway.operator.post("/v1/brake", &brake("pause")).await.expect(202);
    let accepted = gateway.script.post("/v1/intents", &set_score(&id, &json!({"score": 77}))).await;
    let accepted = accepted.expect(202).json();
    let folder = gateway.stop().await;

    let gateway = Gateway::again(folder).await;
    let path = format!("/v1/intents/{}", accepted["id"].as_str().unwrap());
    let shown = gateway.script.get(&path).await.expect(200).json();
    assert_eq!(shown["accepted_at"], accepted["accepted_at"], "{shown}");
    assert!(shown["settled_at"].is_null(), "the brake is still pulled: {shown}");
    gateway.operator.post("/v1/brake", &brake("resume")).await.expect(202);
    let settled = gateway.script.get(&format!("{path}?wait=120")).await.expect(200).json();
    assert_eq!(settled["state"], "landed", "{settled}");
    assert_eq!(gateway.record(&id)["score"], 77);
    let instant = |name: &str| settled[name].as_str().unwrap().parse::<ifmatch_core::Timestamp>().unwrap();
    assert!(instant("settled_at") > instant("accepted_at"), "scenario time goes on where it was: {settled}");
}

#[tokio::test]
async fn a_scaled_clock_is_not_for_real_orgs() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path(), Scenario::named("calm", 1).unwrap());
    options.config.orgs.push(OrgSettings {
        name: "acme".to_owned(),
        dialect: "wfm-v2".to_owned(),
        api_url: "https://api.example.net".parse().unwrap(),
        login_url: "https://api.example.net".parse().unwrap(),
        client_id: "gateway".to_owned(),
        client_secret: Secret::new("s3cret"),
        allow_private: false,
        unguarded: Default::default(),
        on_overwrite: Default::default(),
        rules: Default::default(),
        verify: Default::default(),
        notices: false,
        known: Default::default(),
        login: Default::default(),
        rest: None,
    });
    let error = serve(options).await.err().expect("it does not start");
    assert!(matches!(error, ServeError::ScaledWithOrgs), "{error}");
}

#[tokio::test]
async fn a_folder_in_use_is_a_clear_error() {
    let gateway = Gateway::calm().await;
    let scenario = Scenario::named("calm", 1).unwrap();
    let error = serve(options(gateway.folder.path(), scenario)).await.err().expect("the folder is in use");
    let mut chain = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        chain += &format!(": {inner}");
        cause = inner.source();
    }
    assert!(chain.contains("ifmatch.db") && chain.contains("in use"), "{chain}");
    assert!(error.hint().unwrap().contains("--data"));
}

#[tokio::test]
async fn the_first_line_says_where_to_go_and_how_to_log_in() {
    let gateway = Gateway::calm().await;
    let line = gateway.running.first_line();
    let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name} in {line}"));
    let client = Client::new(text("url")).log_in(text("client_id"), text("client_secret")).await;
    client.get("/v1/intents").await.expect(200);
    assert!(text("store").starts_with("sqlite:") && !text("data").is_empty());
    let control = Client::new(text("sandbox")).get("/__sandbox/world").await.expect(200).json();
    let same = Client::new(text("url")).get("/__sandbox/world").await.expect(200).json();
    assert_eq!(control, same, "the gateway opens the control API of its sandbox too");
}

#[tokio::test]
async fn a_shutdown_ends_streams_and_waits_for_nobody_else() {
    let gateway = Gateway::calm().await;
    let _events = gateway.script.stream("/v1/events").await;
    let started = std::time::Instant::now();
    gateway.running.shutdown().await;
    assert!(started.elapsed().as_secs() < 4, "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_clock_of_the_sandbox_is_the_gateways() {
    let gateway = Gateway::calm().await;
    let sandbox = Client::new(&gateway.running.sandbox().unwrap().url);
    let before = gateway.running.clock().now_ms();
    let answer = sandbox.post("/__sandbox/clock", &json!({"advance_seconds": 86_400})).await.expect(200);
    assert!(answer.json()["now_ms"].as_i64().unwrap() >= before + 86_400_000, "{answer:?}");
    let status: Value = gateway.operator.get("/v1/status").await.expect(200).json();
    let now: ifmatch_core::Timestamp = status["now"].as_str().unwrap().parse().unwrap();
    assert!(now.as_millisecond() >= before + 86_400_000, "{status}");
}
