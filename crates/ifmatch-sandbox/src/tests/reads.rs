//! Lagging reads, the events feed and recordings (sections 5, 8 and 10).

use serde_json::{Value, json};

use super::rig::{Rig, SCHEDULES, SCORES, START};
use crate::EventDelivery;

#[test]
fn reads_lag_and_answers_to_writes_do_not() {
    let mut rig = Rig::with(|options| options.replica_lag_ms = 30_000);
    let (path, _) = rig.first("quality_scores");
    rig.now = START + 1_000;
    let written = rig.patch(&path, &json!({"score": 1, "version": 1}));
    assert_eq!(written.body["version"], 2);
    let created = json!({
        "agent_email": rig.sandbox.world()["agents"][0]["email"], "evaluation_form": "new", "score": 1,
        "reviewed_at": "2026-03-01T00:00:00Z",
    });
    let created = rig.post(SCORES, &created);
    let created = format!("{SCORES}/{}", created.body["id"].as_str().unwrap());
    let mut check = |at: i64, version: u64, status: u16, total: u64, events: usize| {
        rig.now = START + at;
        assert_eq!(rig.get(&path).body["version"], version);
        assert_eq!(rig.get(&created).status, status);
        assert_eq!(rig.get(SCORES).body["total"], total);
        assert_eq!(rig.get("/api/v2/wfm/events").body["events"].as_array().unwrap().len(), events);
    };
    check(1_000, 1, 404, 100, 0);
    check(30_999, 1, 404, 100, 0);
    check(31_000, 2, 200, 101, 2);
    assert_eq!(rig.patch(&path, &json!({"score": 2, "version": 1})).status, 409, "the check is never behind");
}

#[test]
fn reads_never_go_back_for_one_client_unless_they_may() {
    let went_back = |may: bool| {
        let mut rig = Rig::with(|options| {
            options.replica_lag_ms = 60_000;
            options.replica_lag_varies = true;
            options.reads_may_go_back = may;
            options.rate_limit_per_minute = None;
        });
        let (path, _) = rig.first("quality_scores");
        let (mut newest, mut back, mut behind) = (0, 0, 0);
        for second in 0..300 {
            rig.now = START + second * 1_000;
            let truth = rig.sandbox.edit(rig.now, &path, &json!({"score": second % 100}), "Someone").unwrap();
            let version = rig.get(&path).body["version"].as_u64().unwrap();
            back += u32::from(version < newest);
            behind += u32::from(version < truth);
            newest = newest.max(version);
            assert!(version <= truth && truth - version <= 61);
        }
        assert!(behind > 50, "reads are behind");
        back
    };
    assert_eq!(went_back(false), 0);
    assert!(went_back(true) > 0);
}

#[test]
fn schedules_and_their_status_lag_too() {
    let mut rig = Rig::with(|options| {
        options.replica_lag_ms = 10_000;
        options.publish_ms = 1_000;
    });
    let (id, _, _) = rig.schedule();
    let status = format!("/api/v2/wfm/scheduling/schedules/{id}/status");
    rig.post(&format!("/api/v2/wfm/scheduling/schedules/{id}/publish"), &Value::Null);
    rig.now = START + 5_000;
    assert_eq!(
        (&rig.get(&status).body["state"], &rig.get(&format!("{SCHEDULES}/{id}")).body["version"]),
        (&json!("draft"), &json!(1))
    );
    rig.now = START + 10_500;
    assert_eq!(rig.get(&status).body["state"], "pending");
    rig.now = START + 11_000;
    assert_eq!(rig.get(&status).body["state"], "published");
}

#[test]
fn the_feed_tells_updates_locks_publishes_and_settlements() {
    let mut rig = Rig::calm();
    let (id, _, agent) = rig.schedule();
    let (trade, _) = rig.trade_in("pending");
    rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 5).unwrap();
    rig.patch(&trade, &json!({"status": "cancelled", "version": 1}));
    rig.now += 5_000;
    rig.post(&format!("/api/v2/wfm/scheduling/schedules/{id}/publish"), &Value::Null);
    let feed = rig.get("/api/v2/wfm/events").body;
    let kinds: Vec<&str> =
        feed["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    let expected =
        ["locked", "updated", "trade.settled", "unlocked", "updated", "publish.started", "updated", "publish.finished"];
    assert_eq!(kinds, expected);
    let second = &feed["events"][1];
    assert_eq!((&second["path"], &second["version"], &second["by"]), (&json!(trade), &json!(2), &json!("Integration")));
    let rest = rig.get("/api/v2/wfm/events?after=6").body;
    assert_eq!((rest["events"].as_array().unwrap().len(), &rest["next"]), (2, &json!("8")));
    assert_eq!(rig.get("/api/v2/wfm/events?after=8").body, json!({"events": [], "next": "8"}));
}

#[test]
fn the_feed_may_be_unreliable_or_absent() {
    let mut rig = Rig::with(|options| options.events = EventDelivery::NotOffered);
    assert_eq!(rig.get("/api/v2/wfm/events").refusal(), (404, "not_found"));
    let mut rig = Rig::with(|options| options.events = EventDelivery::Unreliable);
    let (path, _) = rig.first("quality_scores");
    for score in 0..100 {
        rig.sandbox.edit(rig.now, &path, &json!({"score": score}), "Someone").unwrap();
    }
    let feed = rig.get("/api/v2/wfm/events").body;
    let versions: Vec<u64> =
        feed["events"].as_array().unwrap().iter().map(|event| event["version"].as_u64().unwrap()).collect();
    let distinct: std::collections::BTreeSet<u64> = versions.iter().copied().collect();
    assert!(distinct.len() < 100, "some are lost");
    assert!(distinct.len() < versions.len(), "some are repeated");
    assert!(versions.windows(2).any(|pair| pair[1] < pair[0]), "some are reordered");
}

#[test]
fn an_export_locks_its_agents_and_may_spoil_new_metadata() {
    let mut rig = Rig::with(|options| {
        options.recording_metadata_wrong_ms = 600_000;
        options.recording_job_ms = 60_000;
    });
    let (id, _, agent) = rig.schedule();
    let list = format!("/api/v2/recordings?agent_id={agent}&from=2026-03-04T00:00:00Z&to=2026-03-04T12:00:00Z");
    let before = rig.get(&list).body;
    assert!(before.as_array().unwrap().len() >= 15);
    let body = json!({"agent_ids": [agent], "from": "2026-03-01T00:00:00Z", "to": "2026-03-04T00:00:00Z"});
    assert_eq!(rig.post("/api/v2/recording/jobs", &body).status, 202);
    let write = json!({"version": 1, "agents": [{"agent_id": agent, "availability": {"status": "training"}}]});
    assert_eq!(rig.patch(&format!("{SCHEDULES}/{id}"), &write).status, 409);
    let during = rig.get(&list).body;
    let old = |list: &Value| -> Vec<Value> {
        list.as_array()
            .unwrap()
            .iter()
            .filter(|r| r["start"].as_str().unwrap() < "2026-03-04T09:50:00Z")
            .cloned()
            .collect()
    };
    assert_eq!(old(&before), old(&during), "old metadata stays right");
    rig.now += 60_000;
    assert_eq!(rig.patch(&format!("{SCHEDULES}/{id}"), &write).status, 200);
    assert_eq!(rig.post("/api/v2/recording/jobs", &json!({"agent_ids": ["nobody"]})).refusal(), (400, "invalid_field"));
}
