//! Who wrote what, told from a real sandbox.

use crate::gateway::{Gateway, set_score};
use serde_json::{Value, json};

fn row<'a>(page: &'a Value, path: &str) -> &'a Value {
    page["rows"].as_array().unwrap().iter().find(|row| row["path"] == path).unwrap()
}

#[tokio::test]
async fn our_value_a_person_s_and_one_that_was_there_before() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(0);
    let path = format!("/v1/blame?kind=quality-score&id={id}");
    let unknown = gateway.script.get(&path).await.expect(404).json();
    assert_eq!(unknown["code"], "unknown_resource", "{unknown}");

    let first = gateway.script.post("/v1/intents?wait=120", &set_score(&id, &json!({"score": 33}))).await;
    let first = first.expect(200).json();
    gateway.edit(&id, &json!({"comments": "seen with the agent"}));
    let mut second = set_score(&id, &json!({"score": 34}));
    second["base"] = json!({"version": first["result"]["version"]});
    let second = gateway.script.post("/v1/intents?wait=120", &second).await.expect(200).json();
    assert_eq!(second["state"], "landed", "{second}");

    let page = gateway.operator.get(&path).await.expect(200).json();
    assert_eq!(page["version"], second["result"]["version"], "{page}");
    let score = row(&page, "/score");
    assert_eq!((&score["by"], &score["source"]), (&json!("source"), &json!("sandbox")), "{page}");
    assert_eq!((&score["intent"], &score["version"]), (&second["id"], &second["result"]["version"]), "{page}");
    let comments = row(&page, "/comments");
    assert_eq!((&comments["by"], &comments["writer"]), (&json!("other"), &json!("Ada Reviewer")), "{page}");
    assert_eq!(row(&page, "/agent_email")["by"], "unknown", "{page}");
    let wrong = gateway.script.get("/v1/blame?kind=quality-score").await.expect(400).json();
    assert_eq!((&wrong["code"], &wrong["field"]), (&json!("invalid_parameter"), &json!("id")));
}
