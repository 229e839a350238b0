//! Local times without an offset: written with the zone's own, or decided by a person where the clocks change.

use crate::gateway::{Gateway, set_score};
use ifmatch_sandbox::Scenario;
use serde_json::{Value, json};

/// The answer to an intent of a source whose reviews are held.
async fn submit(gateway: &Gateway, intent: &Value) -> Value {
    gateway.servicenow.post("/v1/intents?wait=120", intent).await.json()
}

fn decision(answer: &Value) -> String {
    format!("/v1/intents/{}/decision?wait=120", answer["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_local_time_that_exists_once_lands_with_the_offset_of_its_date() {
    let gateway = Gateway::calm().await;
    for (index, local, instant) in [
        (0, "2026-07-01T08:00", "2026-07-01T08:00:00+02:00"),
        (1, "2026-12-01 08:00:00", "2026-12-01T08:00:00+01:00"),
        (2, "2026-10-25T03:00:00", "2026-10-25T03:00:00+01:00"),
        (3, "2026-07-01T08:00:00[America/Chicago]", "2026-07-01T08:00:00-05:00"),
        // An offset that the zone does not have then: the instant counts.
        (4, "2026-07-01T08:00:00+01:00", "2026-07-01T08:00:00+01:00"),
    ] {
        let (id, _) = gateway.score(index);
        let mut intent = set_score(&id, &json!({"reviewed_at": local}));
        intent["idempotency_key"] = json!(format!("k{index}"));
        let answer = submit(&gateway, &intent).await;
        assert_eq!(answer["state"], "landed", "{answer}");
        assert_eq!(gateway.record(&id)["reviewed_at"], instant);
        let again = submit(&gateway, &intent).await;
        assert_eq!((&again["id"], &again["duplicate"]), (&answer["id"], &json!(true)), "the content is what was sent");
    }
}

#[tokio::test]
async fn a_time_that_the_clocks_show_twice_or_never_is_decided_and_lands() {
    let gateway = Gateway::calm().await;
    let fold = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
    let gap = ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"];
    for (index, local, code, candidates, choice, lands) in [
        (0, "2026-10-25T02:30", "review/ambiguous_local_time", fold, json!("later"), fold[1]),
        (1, "2026-10-25T02:30", "review/ambiguous_local_time", fold, json!({"value": fold[0]}), fold[0]),
        (2, "2026-03-29T02:30", "review/missing_local_time", gap, json!("earlier"), gap[0]),
        (3, "2026-03-29T02:30", "review/missing_local_time", gap, json!({"value": gap[1]}), gap[1]),
    ] {
        let (id, version) = gateway.score(index);
        let before = gateway.record(&id)["reviewed_at"].clone();
        let answer = submit(&gateway, &set_score(&id, &json!({"reviewed_at": local, "score": 77}))).await;
        assert_eq!((&answer["state"], &answer["code"]), (&json!("review"), &json!(code)), "{answer}");
        let note = &answer["conflict"][0];
        assert_eq!((&note["local"], &note["remote"]), (&json!(local), &before), "{answer}");
        assert_eq!(note["candidates"], json!(candidates), "{answer}");
        assert_eq!(gateway.record(&id)["version"], version, "nothing was written");

        let unsaid = gateway.servicenow.post(&decision(&answer), &json!({"action": "apply"})).await.expect(400).json();
        assert_eq!((&unsaid["code"], &unsaid["field"]), (&json!("invalid_parameter"), &json!("/choose/~1reviewed_at")));

        let chosen = json!({
            "action": "apply", "choose": {"/reviewed_at": choice}, "seen": {"/reviewed_at": note["seen"]},
        });
        let settled = gateway.servicenow.post(&decision(&answer), &chosen).await.expect(200).json();
        assert_eq!(settled["state"], "landed", "{settled}");
        let record = gateway.record(&id);
        assert_eq!((&record["reviewed_at"], &record["score"]), (&json!(lands), &json!(77)));
        assert_eq!(record["version"], version + 1, "one write");
    }
}

#[tokio::test]
async fn a_doubt_whose_value_moved_meanwhile_is_asked_again() {
    let gateway = Gateway::calm().await;
    let (id, _) = gateway.score(0);
    let answer = submit(&gateway, &set_score(&id, &json!({"reviewed_at": "2026-10-25T02:30"}))).await;
    gateway.edit(&id, &json!({"reviewed_at": "2026-10-24T08:00:00Z"}));
    let seen = &answer["conflict"][0]["seen"];
    let chosen = json!({"action": "apply", "choose": {"/reviewed_at": "later"}, "seen": {"/reviewed_at": seen}});
    let moved = gateway.servicenow.post(&decision(&answer), &chosen).await.expect(409).json();
    assert_eq!(moved["code"], "conflict_moved", "{moved}");
    let note = &moved["intent"]["conflict"][0];
    assert_eq!(note["remote"], "2026-10-24T08:00:00Z", "{moved}");
    assert_eq!(note["candidates"].as_array().unwrap().len(), 2, "{moved}");
    let chosen =
        json!({"action": "apply", "choose": {"/reviewed_at": "later"}, "seen": {"/reviewed_at": note["seen"]}});
    let settled = gateway.servicenow.post(&decision(&answer), &chosen).await.expect(200).json();
    assert_eq!(settled["state"], "landed", "{settled}");
    assert_eq!(gateway.record(&id)["reviewed_at"], "2026-10-25T02:30:00+01:00");
}

/// A schedule of one week in Paris, an agent of it and the agent's last shift.
fn last_shift(gateway: &Gateway) -> (String, String, String) {
    let sandbox = gateway.running.sandbox().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    sandbox.with(|sandbox| {
        let schedule = text(&sandbox.world()["schedules"][0]["id"]);
        let document = sandbox.record(&format!("/api/v2/wfm/schedules/{schedule}")).unwrap();
        let agents = document["agents"].as_array().unwrap();
        let agent = agents.iter().find(|agent| !agent["shifts"].as_array().unwrap().is_empty()).unwrap();
        let instant = |shift: &&Value| shift["start"].as_str().unwrap().parse::<ifmatch_core::Timestamp>().unwrap();
        let last = agent["shifts"].as_array().unwrap().iter().max_by_key(instant).unwrap();
        (schedule, text(&agent["agent_id"]), text(&last["id"]))
    })
}

#[tokio::test]
async fn a_shift_moves_to_the_hour_of_the_schedules_clock_that_a_person_chose() {
    for (week, local, lands) in [
        ("2026-10-19", "2026-10-25T02:30", "2026-10-25T02:30:00+01:00"),
        ("2026-03-23", "2026-03-29T02:30", "2026-03-29T03:30:00+02:00"),
    ] {
        let mut scenario = Scenario::named("calm-unlimited", 1).unwrap();
        scenario.world.first_week = Some(week.to_owned());
        let gateway = Gateway::start(scenario).await;
        let (schedule, agent, shift) = last_shift(&gateway);
        let intent = json!({
            "resource": {"org": "sandbox", "kind": "agent-schedule", "id": format!("{schedule}/{agent}")},
            "change": {"merge_patch": {"shifts": [{"id": shift, "start": local, "length_minutes": 240, "activities": []}]}},
        });
        let answer = submit(&gateway, &intent).await;
        assert_eq!(answer["state"], "review", "{answer}");
        let path = format!("/shifts/{shift}/start");
        assert_eq!(answer["conflict"][0]["path"], json!(path), "{answer}");
        let chosen = json!({"action": "apply", "choose": {path.clone(): "later"},
            "seen": {path: answer["conflict"][0]["seen"]}});
        let settled = gateway.servicenow.post(&decision(&answer), &chosen).await.expect(200).json();
        assert_eq!(settled["state"], "landed", "{settled}");
        let record = gateway.running.sandbox().unwrap();
        let record =
            record.with(|sandbox| sandbox.record(&format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}")).unwrap());
        let moved = record["shifts"].as_array().unwrap().iter().find(|found| found["id"] == json!(shift)).unwrap();
        assert_eq!((&moved["start"], &moved["length_minutes"]), (&json!(lands), &json!(240)));
    }
}
