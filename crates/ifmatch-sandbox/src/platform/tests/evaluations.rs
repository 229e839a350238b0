//! Evaluations over the shared scores.

use serde_json::{Value, json};

use super::rig::Cloud;
use crate::{
    platform::notices::Notice,
    tests::rig::{Answer, SCORES},
};

fn evaluations(conversation: &str) -> String {
    format!("/api/v2/quality/conversations/{conversation}/evaluations")
}

/// The first score as an evaluation, with its path.
fn first(cloud: &mut Cloud) -> (String, Value) {
    let (_, score) = cloud.rig.first("quality_scores");
    let path = format!("{}/{}", evaluations(score["correlation_id"].as_str().unwrap()), score["id"].as_str().unwrap());
    let shown = cloud.get(&path);
    assert_eq!(shown.status, 200);
    (path, shown.body)
}

fn body(cloud: &mut Cloud) -> Value {
    let me = cloud.get("/api/v2/users/me").body["id"].clone();
    let form = cloud.get("/api/v2/quality/publishedforms/evaluations").body["entities"][0]["id"].clone();
    let agent = cloud.rig.schedule().2;
    json!({
        "agent": {"id": agent}, "evaluator": {"id": me}, "evaluationForm": {"id": form},
        "answers": {"totalScore": 81.5, "comments": "Good"},
    })
}

fn post(cloud: &mut Cloud, path: &str, body: &Value, key: &str) -> Answer {
    cloud.rig.send("POST", path, &[("Idempotency-Key", key), ("Content-Type", "application/json")], body)
}

fn told(cloud: &Cloud) -> Vec<&Notice> {
    cloud.rig.sandbox.notices().iter().filter(|notice| notice.topic == "v2.quality.evaluations").collect()
}

#[test]
pub(super) fn a_score_is_an_evaluation() {
    let mut cloud = Cloud::calm();
    let (path, shown) = first(&mut cloud);
    let (_, score) = cloud.rig.first("quality_scores");
    assert_eq!((&shown["answers"]["totalScore"], &shown["changedDate"]), (&score["score"], &score["date_modified"]));
    assert_eq!((&shown["agent"]["id"], &shown["status"]), (&score["agent_id"], &json!("FINISHED")));
    let form = shown["evaluationForm"]["id"].as_str().unwrap();
    let form = cloud.get(&format!("/api/v2/quality/publishedforms/evaluations/{form}")).body;
    assert_eq!((&form["name"], &form["published"]), (&score["evaluation_form"], &json!(true)));
    assert_eq!(cloud.get("/api/v2/quality/publishedforms/none").refusal(), (404, "not.found"));
    let other = path.replace(score["correlation_id"].as_str().unwrap(), "another");
    assert_eq!(cloud.get(&other).refusal(), (404, "not.found"));
    let agent = score["agent_id"].as_str().unwrap();
    let found = cloud.get(&format!("/api/v2/quality/evaluations/query?agentUserId={agent}&pageSize=100"));
    assert!(found.body["entities"].as_array().unwrap().iter().any(|one| one["id"] == shown["id"]));
    let code = "quality.query.spec.one.of.agent.or.evaluator.or.assignee.or.conversation.or.team";
    assert_eq!(cloud.get("/api/v2/quality/evaluations/query").refusal(), (400, code));
}

#[test]
pub(super) fn the_last_write_has_it() {
    let mut cloud = Cloud::calm();
    let (path, old) = first(&mut cloud);
    let mut mine = old.clone();
    mine["answers"]["totalScore"] = json!(70);
    cloud.rig.now += 1_000;
    let landed = cloud.put(&path, &mine);
    assert_eq!((landed.status, &landed.body["answers"]["totalScore"]), (200, &json!(70)));
    assert_ne!(landed.body["changedDate"], old["changedDate"]);
    let mut theirs = old.clone();
    theirs["answers"] = json!({"comments": "Well done"});
    let landed = cloud.put(&path, &theirs);
    assert_eq!(landed.body["answers"], json!({"totalScore": 70, "comments": "Well done"}), "nobody asks for a version");
    let (_, score) = cloud.rig.first("quality_scores");
    assert_eq!((&score["score"], &score["comments"]), (&json!(70), &json!("Well done")));
    let refusals = [
        (json!({"id": "other"}), "quality.evaluation.cannot.change.evaluationid"),
        (json!({"evaluationForm": {"id": "other"}}), "quality.evaluation.cannot.change.evaluation.form"),
        (json!({"conversation": {"id": "other"}}), "quality.evaluation.cannot.change.conversation"),
        (json!({"evaluator": {"id": "other"}}), "quality.evaluation.evaluator.doesnt.exist"),
        (json!({"status": "PENDING"}), "quality.evaluation.invalid.state.non.pending.to.pending"),
        (json!({"answers": {"totalScore": 101}}), "bad.request"),
    ];
    for (body, code) in refusals {
        assert_eq!(cloud.put(&path, &body).refusal(), (400, code));
    }
    let notice = told(&cloud).last().unwrap().body.clone();
    assert_eq!((&notice["status"], &notice["scoringSet"]["totalScore"]), (&json!("Finished"), &json!(70)));
}

#[test]
pub(super) fn an_evaluation_is_created_once() {
    let mut cloud = Cloud::calm();
    let (path, body) = (evaluations("c1"), body(&mut cloud));
    let key = "0b1f9c1e-55aa-4d6e-9a55-0123456789ab";
    let bad = post(&mut cloud, &path, &body, "not-a-uuid");
    assert_eq!(bad.refusal(), (400, "constraint.validation"));
    let made = post(&mut cloud, &path, &body, key);
    assert_eq!((made.status, &made.body["answers"]["totalScore"]), (200, &json!(81.5)));
    assert_eq!((&made.body["status"], &made.body["conversation"]["id"]), (&json!("FINISHED"), &json!("c1")));
    let again = post(&mut cloud, &path, &body, key);
    assert_eq!((again.status, &again.body), (200, &made.body));
    assert_eq!(cloud.post(&path, &body).refusal(), (400, "quality.evaluation.already.exists"));
    let ids = json!({"id": made.body["id"]});
    let record = cloud.rig.sandbox.record(&format!("{SCORES}/{}", ids["id"].as_str().unwrap())).unwrap();
    assert_eq!((&record["score"], &record["comments"]), (&json!(81.5), &json!("Good")));
    assert_eq!(told(&cloud).len(), 1);
    let refusals = [
        ("agent", "qm.evaluation.create.error.no.agent"),
        ("evaluator", "qm.evaluation.create.error.no.evaluator"),
        ("evaluationForm", "quality.evaluation.form.doesnt.exist"),
    ];
    for (name, code) in refusals {
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(cloud.post(&path, &without).refusal(), (400, code));
    }
}

#[test]
pub(super) fn each_conversation_has_an_evaluation_of_its_own() {
    let mut cloud = Cloud::calm();
    let body = body(&mut cloud);
    let (first, second) = (cloud.post(&evaluations("c1"), &body), cloud.post(&evaluations("c2"), &body));
    assert_eq!((first.status, second.status), (200, 200), "{}", second.body);
    assert_eq!(cloud.post(&evaluations("c2"), &body).refusal(), (400, "quality.evaluation.already.exists"));
    // To the other API they are two scores with one key: each is still written under its own id.
    let path = |made: &Answer| format!("{SCORES}/{}", made.body["id"].as_str().unwrap());
    for made in [&first, &second] {
        let change = json!({"version": 1, "comments": "Seen"});
        let answer = cloud.rig.send("PATCH", &path(made), &[("If-Match", "\"1\"")], &change);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(cloud.delete(first.body["selfUri"].as_str().unwrap()).status, 200);
    let key = cloud.rig.sandbox.target.score_ids.values().filter(|id| second.body["id"] == id.as_str());
    assert_eq!(key.count(), 1, "the key passes on to the one that is left");
}

#[test]
pub(super) fn forms_are_found_under_each_of_their_paths() {
    let mut cloud = Cloud::calm();
    for path in ["forms", "forms/evaluations", "publishedforms", "publishedforms/evaluations"] {
        let path = format!("/api/v2/quality/{path}");
        let form = cloud.get(&path).body["entities"][0].clone();
        assert_eq!(cloud.get(&format!("{path}/{}", form["id"].as_str().unwrap())).body, form);
        assert_eq!(cloud.get(&format!("{path}/none")).refusal(), (404, "not.found"));
    }
}

#[test]
pub(super) fn an_evaluation_waits_is_finished_and_deleted() {
    let mut cloud = Cloud::calm();
    let mut body = body(&mut cloud);
    body.as_object_mut().unwrap().remove("answers");
    body["status"] = json!("FINISHED");
    let refused = cloud.post(&evaluations("c2"), &body);
    assert_eq!(refused.refusal(), (400, "quality.evaluation.no.answers.for.finished.state"));
    body["status"] = json!("PENDING");
    let made = cloud.post(&evaluations("c2"), &body).body;
    assert_eq!((&made["status"], made.get("answers")), (&json!("PENDING"), None));
    let path = made["selfUri"].as_str().unwrap().to_owned();
    let refused = cloud.put(&path, &json!({"status": "FINISHED"}));
    assert_eq!(refused.refusal(), (400, "quality.evaluation.no.answers.for.state"));
    let done = cloud.put(&path, &json!({"status": "FINISHED", "answers": {"totalScore": 90}}));
    assert_eq!((&done.body["status"], &done.body["answers"]["totalScore"]), (&json!("FINISHED"), &json!(90)));
    assert_eq!(cloud.delete(&path).body["id"], made["id"]);
    assert_eq!(cloud.get(&path).refusal(), (404, "not.found"));
    assert_eq!(cloud.post(&evaluations("c2"), &body).status, 200, "what is deleted stands in nobody's way");
    let events: Vec<&Value> = told(&cloud).iter().map(|notice| &notice.body["eventType"]).collect();
    assert_eq!(events, ["Created", "Updated", "Deleted", "Created"]);
}
