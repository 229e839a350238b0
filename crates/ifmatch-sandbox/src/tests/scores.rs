//! Section 3: quality scores.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rig::{Rig, SCORES, START};
use crate::{Instants, KeyedScorePost, SameScoreAgain, Sandbox, Scenario, UnknownFields, WorldSpec};

fn review(rig: &Rig, change: Value) -> Value {
    let mut body = json!({
        "agent_email": rig.sandbox.world()["agents"][0]["email"], "evaluation_form": "chat-v1", "score": 80,
        "comments": "fine", "reviewed_at": "2026-10-24T23:30:00Z", "time_zone": "Europe/Paris", "correlation_id": "qr-1",
    });
    crate::scenario::overlay(&mut body, change);
    body
}

#[test]
fn a_create_computes_the_date_in_the_zone() {
    let mut rig = Rig::calm();
    let body = review(&rig, json!({}));
    let answer = rig.post(SCORES, &body);
    assert_eq!(
        (answer.status, &answer.body["review_date"], &answer.body["version"]),
        (201, &json!("2026-10-25"), &json!(1))
    );
    assert_eq!(answer.body["reviewed_at"], "2026-10-24T23:30:00Z");
    let body = review(&rig, json!({"time_zone": "UTC"}));
    let utc = rig.post(SCORES, &body);
    assert_eq!(
        (utc.status, &utc.body["review_date"]),
        (201, &json!("2026-10-24")),
        "a wrong zone makes a second record"
    );
    let entry = rig.sandbox.ledger().last().unwrap().clone();
    assert_eq!((entry.actor.as_str(), entry.from_version, entry.to_version), ("Integration", None, 1));
    assert!(
        entry
            .changes
            .iter()
            .any(|change| change.path == "/score" && change.after == Some(json!(80)) && change.before.is_none())
    );
}

#[test]
fn the_natural_key_exists_once() {
    let mut rig = Rig::calm();
    let body = review(&rig, json!({}));
    let first = rig.post(SCORES, &body);
    let again = rig.post(SCORES, &body);
    assert_eq!((again.status, &again.body), (200, &first.body));
    assert_eq!(rig.sandbox.ledger().len(), 1);
    let upper = body["agent_email"].as_str().unwrap().to_uppercase();
    let other = review(&rig, json!({"score": 81, "agent_email": upper}));
    assert_eq!(rig.post(SCORES, &other).refusal(), (409, "duplicate"));
    let mut rig = Rig::with(|options| options.same_score_again = SameScoreAgain::Duplicate);
    assert_eq!(rig.post(SCORES, &body).status, 201);
    assert_eq!(rig.post(SCORES, &body).refusal(), (409, "duplicate"));
}

#[test]
fn a_post_with_key_and_version_creates_or_updates() {
    for (option, expected) in [(KeyedScorePost::Create, (409, "duplicate")), (KeyedScorePost::Update, (200, ""))] {
        let mut rig = Rig::with(|options| options.keyed_score_post = option);
        let body = review(&rig, json!({}));
        assert_eq!(rig.post(SCORES, &body).status, 201);
        let body = review(&rig, json!({"version": 1, "score": 90}));
        let answer = rig.post(SCORES, &body);
        assert_eq!(answer.refusal(), expected);
        if expected.0 == 200 {
            assert_eq!((&answer.body["version"], &answer.body["score"]), (&json!(2), &json!(90)));
            assert_eq!(rig.post(SCORES, &body).body["message"], "version mismatch");
        }
    }
}

#[test]
fn an_update_merges_and_keeps_the_rest() {
    let mut rig = Rig::calm();
    let (path, old) = rig.first("quality_scores");
    let answer = rig.post(
        SCORES,
        &json!({"id": old["id"], "version": 1, "comments": "new", "date_modified": "x", "modified_by": 1}),
    );
    assert_eq!((answer.status, &answer.body["comments"], &answer.body["score"]), (200, &json!("new"), &old["score"]));
    let cleared = rig.patch(&path, &json!({"version": 2, "comments": null, "correlation_id": null}));
    assert_eq!((&cleared.body["comments"], &cleared.body["correlation_id"]), (&json!(""), &Value::Null));
    let entry = rig.sandbox.ledger().last().unwrap();
    let paths: Vec<&str> = entry.changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!((entry.from_version, entry.to_version, paths), (Some(2), 3, vec!["/comments", "/correlation_id"]));
}

#[test]
fn identities_are_immutable_and_values_are_checked() {
    let mut rig = Rig::calm();
    let (path, old) = rig.first("quality_scores");
    let mut check = |change: Value, expected: (u16, &str), field: &str| {
        let mut body = json!({"version": 1});
        crate::scenario::overlay(&mut body, change);
        let answer = rig.patch(&path, &body);
        assert_eq!(answer.refusal(), expected, "{body}");
        if !field.is_empty() {
            assert_eq!(answer.body["errors"][0]["field"], field);
        }
    };
    for name in ["agent_email", "agent_id", "id", "review_date"] {
        check(json!({name: "other"}), (400, "immutable_field"), name);
    }
    for score in [json!(101), json!(-1), json!("85"), json!(null)] {
        check(json!({"score": score}), (400, "invalid_field"), "score");
    }
    check(json!({"reviewed_at": "2026-10-25T02:30:00"}), (400, "invalid_field"), "reviewed_at");
    check(json!({"time_zone": "CEST"}), (400, "invalid_field"), "time_zone");
    let upper = old["agent_email"].as_str().unwrap().to_uppercase();
    check(json!({"agent_email": upper, "unknown": 1}), (200, ""), "");
}

#[test]
fn unknown_agents_and_fields_are_refused() {
    let mut rig = Rig::with(|options| options.unknown_fields = UnknownFields::Refused);
    let body = review(&rig, json!({"agent_email": "nobody@example.com"}));
    assert_eq!(rig.post(SCORES, &body).body["errors"][0]["field"], "agent_email");
    let body = review(&rig, json!({"mood": "good"}));
    assert_eq!(rig.post(SCORES, &body).refusal(), (400, "invalid_field"));
}

#[test]
fn a_patch_may_address_an_agent() {
    let mut rig = Rig::calm();
    let (path, old) = rig.first("quality_scores");
    let by_agent = format!("{SCORES}/{}", old["agent_id"].as_str().unwrap());
    let body =
        json!({"version": 1, "score": 3, "review_date": old["review_date"], "evaluation_form": old["evaluation_form"]});
    let answer = rig.patch(&by_agent, &body);
    assert_eq!((answer.status, &answer.body["id"], &answer.body["score"]), (200, &old["id"], &json!(3)));
    assert_eq!(rig.sandbox.record(&path).unwrap()["version"], 2);
    assert_eq!(rig.patch(&by_agent, &json!({"version": 2, "score": 4})).refusal(), (404, "not_found"));
}

#[test]
fn the_form_moves_only_to_a_free_key() {
    let mut rig = Rig::calm();
    let first = review(&rig, json!({}));
    let second = review(&rig, json!({"evaluation_form": "chat-v2"}));
    let id = rig.post(SCORES, &first).body["id"].clone();
    rig.post(SCORES, &second);
    let taken = rig.post(SCORES, &json!({"id": id, "version": 1, "evaluation_form": "chat-v2"}));
    assert_eq!(taken.refusal(), (409, "duplicate"));
    let free = rig.post(SCORES, &json!({"id": id, "version": 1, "evaluation_form": "chat-v3"}));
    assert_eq!(free.status, 200);
    let old_key = rig.post(SCORES, &first);
    assert_eq!(old_key.status, 201, "the old key is free again");
}

#[test]
fn a_bulk_answers_each_item_in_order() {
    let mut rig = Rig::calm();
    let (_, old) = rig.first("quality_scores");
    let items = json!({"items": [
        review(&rig, json!({})), {"id": old["id"], "version": 9, "score": 1}, {"id": old["id"], "version": 1, "score": 1}, 5,
    ]});
    let answer = rig.post(&format!("{SCORES}/bulk"), &items);
    let statuses: Vec<u64> =
        answer.body["entities"].as_array().unwrap().iter().map(|e| e["status"].as_u64().unwrap()).collect();
    assert_eq!((answer.status, statuses), (207, vec![201, 409, 200, 400]));
    assert_eq!((&answer.body["entities"][2]["version"], &answer.body["entities"][1]["id"]), (&json!(2), &old["id"]));
    assert_eq!(answer.body["entities"][1]["errors"][0]["message"], "version mismatch");
}

#[test]
fn lists_filter_and_page() {
    let mut rig = Rig::calm();
    let all = rig.get(&format!("{SCORES}?page_size=1000"));
    assert_eq!((&all.body["total"], &all.body["page_size"]), (&json!(100), &json!(100)));
    let page = rig.get(&format!("{SCORES}?page=4&page_size=30&colour=blue"));
    assert_eq!((page.body["entities"].as_array().unwrap().len(), &page.body["page"]), (10, &json!(4)));
    assert_eq!(rig.get(SCORES).body["entities"].as_array().unwrap().len(), 25);
    assert_eq!(rig.get(&format!("{SCORES}?page=0")).refusal(), (400, "invalid_field"));
    let email = all.body["entities"][0]["agent_email"].as_str().unwrap().to_uppercase();
    let own = rig.get(&format!("{SCORES}?agent_email={email}&page_size=100"));
    assert!(own.body["total"].as_u64().unwrap() >= 8);
    let one = rig.get(&format!("{SCORES}?correlation_id=gen-7"));
    assert_eq!(one.body["total"], 1);
}

#[test]
fn instants_come_back_as_sent_or_in_utc() {
    for (instants, expected) in
        [(Instants::AsSent, "2026-10-25T01:30:00+02:00"), (Instants::Utc, "2026-10-24T23:30:00Z")]
    {
        let mut rig = Rig::with(|options| options.instants = instants);
        let body = review(&rig, json!({"reviewed_at": "2026-10-25T01:30:00+02:00"}));
        let answer = rig.post(SCORES, &body);
        assert_eq!((answer.status, &answer.body["reviewed_at"]), (201, &json!(expected)));
    }
}

/// Two records of one key would refuse every write to either as a duplicate.
#[test]
fn no_two_scores_of_a_world_share_their_key_in_whatever_hour_it_begins() {
    for zone in ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"] {
        for hour in 0..24 {
            let world = WorldSpec { agents: 12, scores: 200, time_zone: zone.to_owned(), ..WorldSpec::default() };
            let scenario = Scenario { world, ..Scenario::named("calm", 1).unwrap() };
            let sandbox = Sandbox::new(scenario, 1, START + hour * 3_600_000);
            let world = sandbox.world();
            let scores = world["quality_scores"].as_array().unwrap();
            let key = |score: &Value| {
                let state = sandbox.record(score["path"].as_str().unwrap()).unwrap();
                format!("{} {} {}", state["agent_id"], state["evaluation_form"], state["review_date"])
            };
            let keys: BTreeSet<String> = scores.iter().map(key).collect();
            assert_eq!((scores.len(), keys.len()), (200, 200), "{zone}, hour {hour}");
        }
    }
}
