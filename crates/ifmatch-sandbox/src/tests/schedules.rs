//! Section 5: documents, agents' weeks, keyed lists, rules, locks.

use serde_json::{Value, json};

use super::rig::{Rig, SCHEDULES, shift};
use crate::{AgentWriteRaises, Options, RefusedAgent};

/// A calm rig whose first agent has two known shifts, with that schedule and agent.
fn two_shifts(change: impl FnOnce(&mut Options)) -> (Rig, String, String) {
    let mut rig = Rig::with(change);
    let (id, document, agent) = rig.schedule();
    assert_eq!(document["week"], "2026-03-09");
    let shifts = json!([shift("a", "09T08:00", 480), shift("b", "10T08:00", 480)]);
    let body = json!({"id": id, "version": 1, "agents": [{"agent_id": agent, "shifts": shifts}]});
    let answer = rig.post(SCHEDULES, &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    (rig, id, agent)
}

fn patch_agent(rig: &mut Rig, id: &str, entry: Value) -> super::rig::Answer {
    let version = rig.sandbox.record(&format!("{SCHEDULES}/{id}")).unwrap()["version"].clone();
    rig.patch(&format!("{SCHEDULES}/{id}"), &json!({"version": version, "agents": [entry]}))
}

#[test]
fn a_push_changes_its_agents_and_leaves_the_others() {
    let (rig, id, agent) = two_shifts(|_| {});
    let (_, document, _) = rig.schedule();
    assert_eq!(
        (&document["version"], &document["draft_revision"], &document["state"]),
        (&json!(2), &json!(2), &json!("draft"))
    );
    assert_eq!(document["agents"].as_array().unwrap().len(), 12);
    assert_eq!(document["agents"][1]["version"], 1);
    let own = rig.agent(&id, &agent);
    assert_eq!((&own["version"], own["shifts"].as_array().unwrap().len()), (&json!(2), 2));
    let paths: Vec<&str> = rig.sandbox.ledger().iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, vec![format!("{SCHEDULES}/{id}/agents/{agent}"), format!("{SCHEDULES}/{id}")]);
}

#[test]
fn a_push_answers_with_the_agents_it_named_and_checks_versions_given() {
    let (mut rig, id, agent) = two_shifts(|_| {});
    let push = |version: u64, agent_version: Value| json!({"id": id, "version": version, "agents": [{"agent_id": agent, "version": agent_version, "shifts": []}]});
    assert_eq!(rig.post(SCHEDULES, &push(1, json!(2))).body["message"], "version mismatch");
    assert_eq!(rig.post(SCHEDULES, &push(2, json!(1))).body["message"], "version mismatch");
    let answer = rig.post(SCHEDULES, &push(2, json!(2)));
    let named = answer.body["agents"].as_array().unwrap();
    assert_eq!((answer.status, named.len(), &named[0]["shifts"]), (200, 1, &json!([])));
    assert_eq!(named[0]["availability"]["status"], "available", "a field that is not given stays");
    let unguarded = json!({"id": id, "agents": []});
    assert_eq!(rig.post(SCHEDULES, &unguarded).refusal(), (409, "version_required"));
    assert_eq!(rig.post(SCHEDULES, &json!({"id": "none", "version": 1})).refusal(), (404, "not_found"));
}

#[test]
fn documents_of_the_start_are_the_same_whenever_they_are_asked_for() {
    let documents = |rig: &Rig| {
        let listed = rig.sandbox.world()["documents"].as_array().cloned().unwrap_or_default();
        let record = |one: &Value| rig.sandbox.record(one["path"].as_str().unwrap());
        listed.iter().map(|one| (one["path"].clone(), record(one))).collect::<Vec<_>>()
    };
    // Documents name shifts of the start, which these schedules do not have any more.
    let (early, (late, ..)) = (Rig::calm(), two_shifts(|_| {}));
    assert!(documents(&early).len() > 10);
    assert_eq!(documents(&early), documents(&late));
}

#[test]
fn a_patch_merges_lists_by_key() {
    let (mut rig, id, agent) = two_shifts(|_| {});
    let entry = json!({"agent_id": agent, "shifts": [
        {"id": "a", "length_minutes": 300}, {"id": "b", "deleted": true}, shift("c", "11T08:00", 60),
    ]});
    let answer = patch_agent(&mut rig, &id, entry);
    let shifts = answer.body["agents"][0]["shifts"].as_array().unwrap().clone();
    assert_eq!((answer.status, shifts.len()), (200, 2));
    assert_eq!((&shifts[0]["length_minutes"], &shifts[0]["start"]), (&json!(300), &json!("2026-03-09T08:00:00+01:00")));
    assert_eq!(shifts[1]["id"], "c");
    let entry = rig.sandbox.ledger().iter().rev().find(|entry| entry.path.contains("/agents/")).unwrap();
    let changes: Vec<(&str, bool, bool)> = entry
        .changes
        .iter()
        .map(|change| (change.path.as_str(), change.before.is_some(), change.after.is_some()))
        .collect();
    assert_eq!(
        changes,
        vec![("/shifts/a/length_minutes", true, true), ("/shifts/b", true, false), ("/shifts/c", false, true)]
    );
    assert_eq!(patch_agent(&mut rig, &id, json!({"agent_id": agent, "deleted": true})).status, 200);
    assert!(rig.sandbox.record(&format!("{SCHEDULES}/{id}/agents/{agent}")).is_none());
}

#[test]
fn activities_are_replaced_as_a_whole_and_stay_inside() {
    let (mut rig, id, agent) = two_shifts(|_| {});
    let mut activities = |list: Value| {
        let shifts = json!([{"id": "a", "activities": list}]);
        patch_agent(&mut rig, &id, json!({"agent_id": agent, "shifts": shifts}))
    };
    let inside = json!([{"start": "2026-03-09T15:30:00+01:00", "length_minutes": 30, "code": "meal"}]);
    let answer = activities(inside.clone());
    assert_eq!((answer.status, &answer.body["agents"][0]["shifts"][0]["activities"]), (200, &inside));
    for (start, minutes) in [("2026-03-09T15:31:00+01:00", 30), ("2026-03-09T07:59:00+01:00", 30)] {
        let answer = activities(json!([{"start": start, "length_minutes": minutes, "code": "meal"}]));
        assert_eq!(answer.refusal(), (400, "invalid_interval"));
    }
    assert_eq!(activities(json!([])).body["agents"][0]["shifts"][0]["activities"], json!([]));
}

#[test]
fn rules_refuse_overlaps_and_bad_intervals() {
    let (mut rig, id, agent) = two_shifts(|options| options.rest_minutes_min = 600);
    let mut check = |new: Value, expected: (u16, &str)| {
        let answer = patch_agent(&mut rig, &id, json!({"agent_id": agent, "shifts": [new]}));
        assert_eq!(answer.refusal(), expected, "{new}");
    };
    check(shift("c", "09T15:59", 60), (409, "SCHEDULE_OVERLAP"));
    check(shift("c", "09T17:00", 60), (409, "SCHEDULE_PUBLISH_CONFLICT"));
    check(shift("c", "08T23:59", 60), (400, "invalid_interval"));
    check(shift("c", "16T00:00", 60), (400, "invalid_interval"));
    check(shift("c", "11T08:00", 0), (400, "invalid_field"));
    check(json!({"id": "c", "start": "2026-03-11T08:00:00", "length_minutes": 60}), (400, "invalid_field"));
    check(json!({"id": "a", "start": "2026-03-09T22:00:00+01:00"}), (409, "SCHEDULE_PUBLISH_CONFLICT"));
    check(shift("c", "11T08:00", 60), (200, ""));
}

#[test]
fn put_replaces_the_document() {
    let (mut rig, id, agent) = two_shifts(|_| {});
    let keep = json!({"agent_id": agent, "shifts": [shift("b", "10T08:00", 480), shift("a", "09T08:00", 480)]});
    let body = json!({"id": id, "version": 2, "agents": [keep], "draft_revision": 99, "state": "published"});
    let answer = rig.put(&format!("{SCHEDULES}/{id}"), &body);
    let agents = answer.body["agents"].as_array().unwrap();
    assert_eq!((answer.status, agents.len(), &answer.body["draft_revision"]), (200, 1, &json!(3)));
    assert_eq!(agents[0]["version"], 2, "an entry that the write does not change is not raised");
    let other = json!({"version": 3, "agents": [], "week": "2026-03-16"});
    assert_eq!(rig.put(&format!("{SCHEDULES}/{id}"), &other).refusal(), (400, "immutable_field"));
    let cleared = rig.put(&format!("{SCHEDULES}/{id}"), &json!({"version": 3}));
    assert_eq!(cleared.body["agents"], json!([]));
}

#[test]
fn an_agents_lock_touches_only_writes_that_change_the_agent() {
    let (mut rig, id, agent) = two_shifts(|_| {});
    let (_, document, _) = rig.schedule();
    let other = document["agents"][1].clone();
    rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 900).unwrap();
    let body = json!({"version": 2, "agents": [document["agents"][0], {"agent_id": other["agent_id"], "shifts": []}]});
    let answer = rig.patch(&format!("{SCHEDULES}/{id}"), &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let touching = patch_agent(&mut rig, &id, json!({"agent_id": agent, "availability": {"status": "training"}}));
    assert_eq!(touching.refusal(), (409, "ResourceConflictException"));
    assert_eq!(touching.body["errors"][0]["agent_id"], json!(agent));
    assert_eq!(rig.agent(&id, &agent)["version"], 2, "the version does not change while the lock holds");
    rig.now += 900_000;
    assert_eq!(patch_agent(&mut rig, &id, json!({"agent_id": agent, "shifts": []})).status, 200);
}

#[test]
fn one_refused_agent_refuses_all_or_the_rest_lands() {
    for (option, status, landed) in [(RefusedAgent::RefusesWhole, 409, 1), (RefusedAgent::RestLands, 207, 2)] {
        let mut rig = Rig::with(|options| options.refused_agent = option);
        let (id, document, agent) = rig.schedule();
        let other = document["agents"][1]["agent_id"].as_str().unwrap().to_owned();
        rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 60).unwrap();
        let entries = json!([{"agent_id": agent, "shifts": []}, {"agent_id": other, "shifts": []}]);
        let answer = rig.post(SCHEDULES, &json!({"id": id, "version": 1, "agents": entries}));
        assert_eq!(answer.status, status);
        assert_eq!(rig.agent(&id, &other)["version"], landed);
        assert_eq!(rig.agent(&id, &agent)["version"], 1);
        if status == 207 {
            let entities = answer.body["entities"].as_array().unwrap();
            let find = |agent: &str| entities.iter().find(|entity| entity["id"] == agent).unwrap();
            assert_eq!((&find(&other)["status"], &find(&agent)["status"]), (&json!(200), &json!(409)));
        }
    }
}

#[test]
fn a_write_to_an_agent_raises_what_the_scenario_says() {
    for (option, document_version) in [(AgentWriteRaises::AgentAndDocument, 2), (AgentWriteRaises::AgentOnly, 1)] {
        let mut rig = Rig::with(|options| options.agent_write_raises = option);
        let (id, _, agent) = rig.schedule();
        let path = format!("{SCHEDULES}/agents/{agent}?week=2026-03-09");
        let read = rig.get(&path);
        assert_eq!((&read.body["schedule_id"], read.header("ETag")), (&json!(id), Some("\"1\"")));
        let body = json!({"shifts": [shift("a", "09T08:00", 480)]});
        let answer = rig.send("PUT", &path, &[("If-Match", "\"1\"")], &body);
        assert_eq!((answer.status, &answer.body["version"], answer.header("ETag")), (200, &json!(2), Some("\"2\"")));
        let (_, document, _) = rig.schedule();
        assert_eq!((&document["version"], &document["draft_revision"]), (&json!(document_version), &json!(2)));
        let stale = rig.send("PUT", &path, &[("If-Match", "\"1\"")], &body);
        assert_eq!(stale.body["message"], "version mismatch");
    }
    let mut rig = Rig::calm();
    let (_, _, agent) = rig.schedule();
    assert_eq!(rig.get(&format!("{SCHEDULES}/agents/{agent}?week=2026-01-05")).refusal(), (404, "not_found"));
    assert_eq!(rig.get(&format!("{SCHEDULES}/agents/{agent}")).refusal(), (400, "invalid_field"));
}

#[test]
fn availability_alone_raises_the_draft_only_where_it_may() {
    for (option, revision) in [(false, 1), (true, 2)] {
        let mut rig = Rig::with(|options| options.availability_raises_draft = option);
        let (id, _, agent) = rig.schedule();
        let answer = patch_agent(&mut rig, &id, json!({"agent_id": agent, "availability": {"status": "training"}}));
        assert_eq!((answer.status, &answer.body["draft_revision"]), (200, &json!(revision)));
        let unknown = json!({"agent_id": agent, "availability": {"status": "asleep"}});
        assert_eq!(patch_agent(&mut rig, &id, unknown).refusal(), (400, "invalid_field"));
    }
}

#[test]
fn a_bulk_goes_item_by_item() {
    let mut rig = Rig::calm();
    let (id, document, agent) = rig.schedule();
    let other = document["agents"][1]["agent_id"].clone();
    let item =
        |agent: Value, version: u64| json!({"schedule_id": id, "agent_id": agent, "version": version, "shifts": []});
    let path = format!("{SCHEDULES}/bulk");
    let mixed = rig.post(&path, &json!({"items": [item(json!(agent), 5), item(other.clone(), 1)]}));
    assert_eq!(
        (mixed.status, &mixed.body["entities"][0]["status"], &mixed.body["entities"][1]["version"]),
        (207, &json!(409), &json!(2))
    );
    assert_eq!(mixed.body["entities"][0]["errors"][0]["message"], "version mismatch");
    let good = rig.post(&path, &json!({"items": [item(json!(agent), 1), item(other, 2)]}));
    assert_eq!(good.status, 200);
    let missing = rig.post(&path, &json!({"items": [{"schedule_id": id, "agent_id": agent, "shifts": []}]}));
    assert_eq!(missing.body["entities"][0]["errors"][0]["code"], "version_required");
}

#[test]
fn reads_and_creates() {
    let mut rig = Rig::calm();
    let (id, document, agent) = rig.schedule();
    let list = rig.get(&format!("{SCHEDULES}?week=2026-03-09"));
    assert_eq!((&list.body["total"], list.body["entities"][0].get("agents")), (&json!(1), None));
    let some = rig.get(&format!("{SCHEDULES}/{id}?agent_id={agent}"));
    assert_eq!(some.body["agents"], json!([document["agents"][0]]));
    let body =
        json!({"business_unit_id": document["business_unit_id"], "week": "2026-04-06", "time_zone": "Europe/Paris"});
    let created = rig.post(SCHEDULES, &body);
    assert_eq!((created.status, &created.body["state"], &created.body["agents"]), (201, &json!("draft"), &json!([])));
    assert_eq!(rig.post(SCHEDULES, &json!({"week": "2026-04-06"})).refusal(), (400, "invalid_field"));
    let nobody = json!({"id": id, "version": 1, "agents": [{"agent_id": "nobody", "shifts": []}]});
    assert_eq!(rig.post(SCHEDULES, &nobody).refusal(), (400, "invalid_field"));
}

#[test]
fn several_agents_may_be_read() {
    let mut rig = Rig::calm();
    let (id, document, agent) = rig.schedule();
    let other = document["agents"][2]["agent_id"].as_str().unwrap().to_owned();
    for query in [format!("agent_id={agent}&agent_id={other}"), format!("agent_id={agent},{other}")] {
        let some = rig.get(&format!("{SCHEDULES}/{id}?{query}"));
        assert_eq!(some.body["agents"], json!([document["agents"][0], document["agents"][2]]));
    }
}

#[test]
fn an_unchanged_single_agent_still_meets_its_lock_and_the_rest_of_the_order() {
    let mut rig = Rig::calm();
    let (id, document, agent) = rig.schedule();
    let path = format!("{SCHEDULES}/agents/{agent}?week=2026-03-09");
    let same = document["agents"][0].clone();
    let answer = rig.put(&path, &same);
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(1)));
    rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 60).unwrap();
    assert_eq!(rig.put(&path, &same).refusal(), (409, "ResourceConflictException"));
    let foreign = json!({"agent_id": "other", "shifts": []});
    assert_eq!(rig.put(&path, &foreign).refusal(), (409, "version_required"), "the version comes before the fields");
    let foreign = json!({"agent_id": "other", "shifts": [], "version": 1});
    assert_eq!(rig.put(&path, &foreign).refusal(), (400, "immutable_field"));
}

#[test]
fn a_large_schedule_is_cheap_to_write() {
    let mut rig = Rig::of(crate::Scenario { lockers: vec![], ..crate::Scenario::named("i03", 1).unwrap() }, 1);
    rig.sandbox.add_client("bulk", "s", "Bulk");
    rig.post("/__sandbox/options", &json!({"rate_limit_per_minute": 0}));
    let (id, _, agent) = rig.schedule();
    let version = rig.agent(&id, &agent)["version"].as_u64().unwrap();
    for step in 0..400_u64 {
        let status = if step % 2 == 0 { "training" } else { "available" };
        let entry = json!({"agent_id": agent, "availability": {"status": status}, "version": version + step});
        let items = json!({"items": [{"schedule_id": id, "agent_id": agent, "availability": entry["availability"], "version": version + step}]});
        let answer = rig.post(&format!("{SCHEDULES}/bulk"), &items);
        assert_eq!((answer.status, &answer.body["entities"][0]["version"]), (200, &json!(version + step + 1)));
    }
}
