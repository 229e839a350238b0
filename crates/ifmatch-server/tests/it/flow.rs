//! An intent from its submission to the target.

use crate::gateway::{Gateway, set_score};
use serde_json::json;

#[tokio::test]
async fn an_intent_lands_in_the_target() {
    let gateway = Gateway::calm().await;
    let (id, version) = gateway.score(0);
    let answer = gateway.script.post("/v1/intents?wait=60", &set_score(&id, &json!({"score": 85}))).await;
    let answer = answer.expect(200).json();
    assert_eq!(answer["state"], "landed", "{answer}");
    assert_eq!(answer["result"]["version"], version + 1, "{answer}");
    assert_eq!(answer["duplicate"], false);
    assert_eq!(gateway.record(&id)["score"], 85);
    gateway.running.shutdown().await;
}
