//! The 207 calls for 60 reviews: all translate, and dates are local dates.

use super::*;
use ifmatch_core::Dialect;
use std::collections::{BTreeMap, BTreeSet};

const SAMPLE: &str = include_str!("../../../../../samples/servicenow-quality-reviews.ndjson");

fn reader() -> Reader {
    Reader::new(&OrgName::from("acme"), "Europe/Paris").unwrap()
}

fn score(review: &Review) -> &Value {
    match &review.intent.change {
        Change::Desired(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_call_of_the_sample_translates() {
    let reviews: Vec<Review> = reader().lines(SAMPLE).into_iter().map(Result::unwrap).collect();
    assert_eq!(reviews.len(), 207);
    let ids: BTreeSet<&Name> = reviews.iter().map(|review| &review.intent.resource.name).collect();
    assert_eq!(ids.len(), 60);
    let keys: BTreeMap<_, _> = reviews.iter().map(|r| (r.intent.idempotency_key.clone(), &r.intent)).collect();
    assert_eq!(keys.len(), 182, "a replay has the key of its first");
    let agree = |review: &Review| keys[&review.intent.idempotency_key].content() == review.intent.content();
    assert!(reviews.iter().all(agree), "a replay has the content of its first");
    let sum: f64 = reviews.iter().map(|review| score(review)["score"].as_f64().unwrap()).sum();
    assert!((sum - 16754.0).abs() < f64::EPSILON);
    let ours = reviews.iter().filter(|review| review.writer == "wfm.integration").count();
    assert_eq!(ours, 34);
    let dialect = ifmatch_dialects::WfmV2::new();
    for review in &reviews {
        review.intent.check().unwrap();
        dialect.check(&review.intent).unwrap();
    }
}

#[test]
fn dates_are_local_and_two_pairs_share_a_key() {
    let reviews: Vec<Review> = reader().lines(SAMPLE).into_iter().map(Result::unwrap).collect();
    let mut moved = BTreeSet::new();
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for review in &reviews {
        let value = score(review);
        let id = review.intent.origin.as_ref().unwrap().record.clone().unwrap();
        if !value["reviewed_at"].as_str().unwrap().starts_with(value["review_date"].as_str().unwrap()) {
            moved.insert(id.clone());
        }
        let key = format!("{} {} {}", value["agent_email"], value["evaluation_form"], value["review_date"]);
        keys.entry(key).or_default().insert(id);
    }
    assert_eq!(moved.len(), 10);
    assert_eq!(keys.values().filter(|ids| ids.len() == 2).count(), 2);
}

#[test]
fn the_first_line_in_full() {
    let review = reader().lines(SAMPLE).remove(0).unwrap();
    let wanted = json!({
        "idempotency_key": "servicenow:ab3c9f82f30a425cba2f5669c38daf24:0",
        "resource": {"org": "acme", "kind": "quality-score",
            "external": {"system": "servicenow", "id": "ab3c9f82f30a425cba2f5669c38daf24"}},
        "change": {"desired": {"agent_email": "noe.moreau@example.com", "evaluation_form": "voice-v2",
            "correlation_id": "qr-ab3c9f82", "score": 89, "comments": "auto-synced",
            "reviewed_at": "2026-10-24T19:53:00Z", "time_zone": "Europe/Paris", "review_date": "2026-10-24"}},
        "class": "normal",
        "origin": {"system": "servicenow", "record": "ab3c9f82f30a425cba2f5669c38daf24", "sequence": 0},
    });
    assert_eq!(serde_json::to_value(&review.intent).unwrap(), wanted);
    assert_eq!((review.line, review.writer.as_str()), (1, "qa.ben"));
    assert_eq!(review.updated_at.to_string(), "2026-10-24T20:13:31Z");
}

#[test]
fn a_wrong_line_names_its_field() {
    let first: Value = serde_json::from_str(SAMPLE.lines().next().unwrap()).unwrap();
    let check = |field: &str, value: Value, code: &str| {
        let mut line = first.clone();
        line[field] = value;
        let error = reader().line(7, &line.to_string()).unwrap_err();
        assert_eq!((error.line, error.code), (7, code), "{error}");
        assert!(error.field.starts_with(field), "{error}");
    };
    check("score", json!("101"), "invalid_score");
    check("score", json!("many"), "invalid_score");
    check("score", json!(""), "invalid_score");
    check("reviewed_at", json!("yesterday"), "invalid_time");
    check("reviewed_at", json!("2026-10-24"), "invalid_time");
    check("sys_mod_count", json!("-1"), "invalid_number");
    check("sys_id", json!(""), "missing_field");
    check("agent", json!({}), "missing_field");
    assert_eq!(reader().line(1, "[1]").unwrap_err().code, "invalid_json");
    assert_eq!(reader().line(1, "{").unwrap_err().code, "invalid_json");
    assert!(Reader::new(&OrgName::from("acme"), "CET").is_none());
}
