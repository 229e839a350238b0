//! Section 4: shift trades and their exchange.

use serde_json::{Value, json};

use super::rig::{Rig, SCHEDULES, START, TRADES};

fn holder(rig: &Rig, shift: &Value) -> Vec<String> {
    let (_, document, _) = rig.schedule();
    let agents = document["agents"].as_array().unwrap().iter();
    let with = agents.filter(|agent| agent["shifts"].as_array().unwrap().iter().any(|own| own["id"] == *shift));
    with.map(|agent| agent["agent_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn open_trades_move_and_settled_ones_do_not() {
    let allowed = [
        ("pending", vec!["pending", "matched", "cancelled", "expired"]),
        ("matched", vec!["matched", "approved", "denied", "cancelled", "expired"]),
        ("denied", vec![]),
        ("cancelled", vec![]),
        ("expired", vec![]),
        ("approved", vec![]),
    ];
    for (from, reachable) in allowed {
        for to in ["pending", "matched", "approved", "denied", "cancelled", "expired"] {
            let mut rig = Rig::with(|options| options.exchange_ms = 1000);
            let (_, template) = rig.trade_in("matched");
            let body = json!({"trade_id": "t1", "status": from, "initiating": template["initiating"], "receiving": template["receiving"]});
            assert_eq!(rig.post(TRADES, &body).status, 201, "a trade may be created in any status");
            rig.now += 1000;
            let version = rig.get(&format!("{TRADES}/t1")).body["version"].clone();
            let answer = rig.patch(&format!("{TRADES}/t1"), &json!({"status": to, "version": version}));
            let expected = if reachable.contains(&to) { (200, "") } else { (409, "invalid_transition") };
            assert_eq!(answer.refusal(), expected, "{from} to {to}");
        }
    }
}

#[test]
fn an_approval_exchanges_the_shifts_later_by_system() {
    let mut rig = Rig::with(|options| options.exchange_ms = 20_000);
    let (path, trade) = rig.trade_in("matched");
    let (first, second) = (&trade["initiating"], &trade["receiving"]);
    let (id, before, _) = rig.schedule();
    let approved = rig.patch(&path, &json!({"status": "approved", "version": 1}));
    assert_eq!((approved.status, &approved.body["version"]), (200, &json!(2)));
    let agent = first["agent_id"].as_str().unwrap();
    let write = json!({"version": 1, "agents": [{"agent_id": agent, "availability": {"status": "training"}}]});
    assert_eq!(rig.patch(&format!("{SCHEDULES}/{id}"), &write).refusal(), (409, "ResourceConflictException"));
    rig.now = START + 19_999;
    assert_eq!(holder(&rig, &first["shift_id"]), vec![agent.to_owned()]);
    rig.now = START + 20_000;
    assert_eq!(rig.get(&path).body["version"], 3, "the trade's version moves twice");
    assert_eq!(holder(&rig, &first["shift_id"]), vec![second["agent_id"].as_str().unwrap().to_owned()]);
    assert_eq!(holder(&rig, &second["shift_id"]), vec![agent.to_owned()]);
    let (_, after, _) = rig.schedule();
    assert_eq!(after["draft_revision"].as_u64(), before["draft_revision"].as_u64().map(|revision| revision + 1));
    assert_eq!((&after["version"], &after["modified_by"]["name"]), (&json!(2), &json!("System")));
    assert_eq!(rig.agent(&id, agent)["version"], 2);
    let actors: Vec<&str> = rig.sandbox.ledger().iter().map(|entry| entry.actor.as_str()).collect();
    assert_eq!(actors, vec!["Integration", "System", "System", "System", "System"]);
    assert_eq!(rig.patch(&path, &json!({"status": "approved", "version": 3})).refusal(), (409, "invalid_transition"));
}

#[test]
fn a_shift_that_is_gone_refuses_the_approval() {
    let mut rig = Rig::calm();
    let (path, trade) = rig.trade_in("matched");
    let (id, _, _) = rig.schedule();
    let agent = trade["receiving"]["agent_id"].as_str().unwrap();
    let gone = json!({"shifts": [{"id": trade["receiving"]["shift_id"], "deleted": true}]});
    rig.sandbox.edit(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), &gone, "Someone").unwrap();
    let answer = rig.patch(&path, &json!({"status": "approved", "version": 1}));
    assert_eq!(answer.refusal(), (409, "SCHEDULE_CONFLICT"));
    assert_eq!(rig.sandbox.record(&path).unwrap(), trade);
}

#[test]
fn locked_agents_refuse_approvals_but_not_notes() {
    let mut rig = Rig::calm();
    let (path, trade) = rig.trade_in("matched");
    let (id, _, _) = rig.schedule();
    let agent = trade["receiving"]["agent_id"].as_str().unwrap();
    rig.sandbox.lock(rig.now, &format!("{SCHEDULES}/{id}/agents/{agent}"), 60).unwrap();
    assert_eq!(
        rig.patch(&path, &json!({"status": "approved", "version": 1})).refusal(),
        (409, "ResourceConflictException")
    );
    assert_eq!(rig.patch(&path, &json!({"notes": "wait", "version": 1})).status, 200);
}

#[test]
fn trade_ids_are_unique_and_swap_requests_are_not() {
    let mut rig = Rig::calm();
    let (_, template) = rig.trade_in("pending");
    let mut body = json!({"trade_id": "t1", "swap_request_id": "SWP-9", "initiating": template["initiating"]});
    let first = rig.post(TRADES, &body);
    assert_eq!((first.status, &first.body["status"], &first.body["receiving"]), (201, &json!("pending"), &Value::Null));
    assert_eq!(rig.post(TRADES, &body).refusal(), (409, "duplicate"));
    body.as_object_mut().unwrap().remove("trade_id");
    assert_eq!(rig.post(TRADES, &body).status, 201);
    assert_eq!(rig.get(&format!("{TRADES}?swap_request_id=SWP-9")).body["total"], 2);
    let agent = template["initiating"]["agent_id"].as_str().unwrap();
    let listed = rig.get(&format!("{TRADES}?agent_id={agent}&status=pending&page_size=100"));
    assert!(listed.body["total"].as_u64().unwrap() >= 3);
}

#[test]
fn put_clears_and_patch_merges() {
    let mut rig = Rig::calm();
    let (path, trade) = rig.trade_in("pending");
    let end = json!({"initiating": {"end": "2026-03-09T23:00:00+01:00"}, "notes": "n", "version": 1});
    let patched = rig.patch(&path, &end);
    assert_eq!((patched.status, &patched.body["initiating"]["shift_id"]), (200, &trade["initiating"]["shift_id"]));
    let put = rig.put(&path, &json!({"initiating": trade["initiating"], "entity_version": 2}));
    assert_eq!((put.status, &put.body["notes"], &put.body["receiving"]), (200, &json!(""), &Value::Null));
    assert_eq!((&put.body["status"], &put.body["swap_request_id"]), (&json!("pending"), &Value::Null));
    assert_eq!(
        rig.put(&path, &json!({"version": 3})).refusal(),
        (400, "invalid_field"),
        "an initiating side is needed"
    );
    let other = json!({"trade_id": "other", "version": 3});
    assert_eq!(rig.patch(&path, &other).refusal(), (400, "immutable_field"));
}

#[test]
fn sides_are_checked() {
    let mut rig = Rig::calm();
    let (_, template) = rig.trade_in("pending");
    let (first, second) = (template["initiating"].clone(), template["receiving"].clone());
    let mut check = |initiating: &Value, receiving: &Value, field: &str| {
        let answer = rig.post(TRADES, &json!({"initiating": initiating, "receiving": receiving}));
        assert_eq!((answer.status, &answer.body["errors"][0]["field"]), (400, &json!(field)));
    };
    check(&first, &first, "receiving/agent_id");
    check(&json!({"agent_id": "nobody", "shift_id": "s"}), &second, "initiating/agent_id");
    check(&json!({"agent_id": first["agent_id"], "shift_id": ""}), &second, "initiating/shift_id");
    let backwards = json!({"agent_id": first["agent_id"], "shift_id": "s", "start": "2026-03-09T09:00:00Z", "end": "2026-03-09T05:00:00Z"});
    check(&backwards, &second, "initiating/end");
}
