//! Section 2 and the tags of section 10: naming, spelling and comparing versions.

use serde_json::{Value, json};

use super::rig::Rig;
use crate::{CurrentInRefusal, EtagStyle, Options, StaleStatus, StaleText, UnchangedWrite, Unversioned};

/// Moves the first score to version 3, then patches its score with the given header and body version.
fn patched(change: impl FnOnce(&mut Options), if_match: Option<&str>, body: Value) -> (u16, String) {
    let mut rig = Rig::with(change);
    let (path, _) = rig.first("quality_scores");
    for score in [1, 2] {
        rig.sandbox.edit(rig.now, &path, &json!({"score": score}), "Someone").unwrap();
    }
    let headers: Vec<(&str, &str)> = if_match.map(|tag| ("If-Match", tag)).into_iter().collect();
    let mut body = body;
    body["score"] = json!(77);
    let answer = rig.send("PATCH", &path, &headers, &body);
    let landed = rig.sandbox.record(&path).unwrap()["score"] == 77;
    assert_eq!(landed, answer.status == 200, "a refused write changes nothing");
    let code = answer.body["code"].as_str().unwrap_or_default();
    let code = if answer.body["message"] == "version mismatch" { "stale" } else { code };
    (answer.status, code.to_owned())
}

#[test]
fn a_version_is_named_by_header_or_by_one_of_three_fields() {
    let check = |header: Option<&str>, body: Value, expected: (u16, &str)| {
        let (status, code) = patched(|_| {}, header, body.clone());
        assert_eq!((status, code.as_str()), expected, "{header:?} {body}");
    };
    check(Some("\"3\""), json!({}), (200, ""));
    check(None, json!({"version": 3}), (200, ""));
    check(None, json!({"resource_version": 3}), (200, ""));
    check(None, json!({"entity_version": 3}), (200, ""));
    check(Some("\"3\""), json!({"version": 3}), (200, ""));
    check(Some("\"1\", \"3\""), json!({}), (200, ""));
    check(Some("*"), json!({}), (200, ""));
    check(None, json!({"version": 2}), (409, "stale"));
    check(None, json!({"version": 4}), (409, "stale"));
    check(Some("\"2\""), json!({}), (409, "stale"));
    check(Some("W/\"3\""), json!({}), (409, "stale"));
    check(Some("\"3\""), json!({"version": 2}), (400, "version_ambiguous"));
    check(None, json!({"version": 3, "entity_version": 2}), (400, "version_ambiguous"));
    check(None, json!({"version": "3"}), (400, "invalid_field"));
    check(None, json!({}), (409, "version_required"));
    check(None, json!({"version": null}), (409, "version_required"));
}

#[test]
fn tags_compare_by_the_style_of_the_scenario() {
    let check = |etag: EtagStyle, header: &str, body: Value, expected: (u16, &str)| {
        let (status, code) = patched(|options| options.etag = etag, Some(header), body.clone());
        assert_eq!((status, code.as_str()), expected, "{etag:?} {header} {body}");
    };
    check(EtagStyle::Weak, "W/\"3\"", json!({}), (200, ""));
    check(EtagStyle::Weak, "\"3\"", json!({}), (409, "stale"));
    check(EtagStyle::Missing, "\"3\"", json!({}), (409, "version_required"));
    check(EtagStyle::Missing, "\"9\"", json!({"version": 3}), (200, ""));
    check(EtagStyle::Opaque, "\"3\"", json!({}), (409, "stale"));
    check(EtagStyle::Opaque, "\"3\"", json!({"version": 3}), (409, "stale"));
}

#[test]
fn an_opaque_tag_changes_with_every_version_and_guards() {
    let mut rig = Rig::with(|options| options.etag = EtagStyle::Opaque);
    let (path, _) = rig.first("quality_scores");
    let first = rig.get(&path).header("ETag").unwrap().to_owned();
    let landed = rig.send("PATCH", &path, &[("if-match", &first)], &json!({"score": 7, "version": 1}));
    assert_eq!(landed.status, 200);
    let second = landed.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    assert!(!second.contains('2') || second.len() > 10);
    assert_eq!(rig.send("PATCH", &path, &[("if-match", &first)], &json!({"score": 8})).status, 409);
    assert_eq!(rig.get(&path).header("ETag"), Some(second.as_str()));
}

#[test]
fn all_spellings_come_back() {
    let mut rig = Rig::calm();
    let (path, _) = rig.first("quality_scores");
    let score = rig.get(&path);
    assert_eq!((&score.body["version"], &score.body["resource_version"]), (&json!(1), &json!(1)));
    assert_eq!(score.header("ETag"), Some("\"1\""));
    assert_eq!(score.body["modified_by"]["name"], "System");
    let (path, _) = rig.first("shift_trades");
    assert_eq!(rig.get(&path).body["entity_version"], 1);
    let answer = rig.patch(&path, &json!({"entity_version": 1, "notes": "seen"}));
    assert_eq!((answer.status, &answer.body["entity_version"], answer.header("ETag")), (200, &json!(2), Some("\"2\"")));
    assert_eq!(answer.body["modified_by"]["name"], "Integration");
}

#[test]
fn a_stale_refusal_has_the_status_and_text_of_the_scenario() {
    let stale = |change: fn(&mut Options), header: bool| {
        let mut rig = Rig::with(change);
        let (path, _) = rig.first("quality_scores");
        rig.sandbox.edit(rig.now, &path, &json!({"score": 1}), "Someone").unwrap();
        let answer = if header {
            rig.send("PATCH", &path, &[("If-Match", "\"1\"")], &json!({"score": 2}))
        } else {
            rig.patch(&path, &json!({"score": 2, "version": 1}))
        };
        let code = answer.body["code"].as_str().unwrap();
        assert!(["conflict", "ResourceConflictException"].contains(&code), "{code}");
        answer
    };
    let plain = stale(|_| {}, true);
    assert_eq!((plain.status, plain.header("ETag")), (409, None));
    assert!(plain.body.get("current_version").is_none() && plain.body.get("current").is_none());
    let failed = |options: &mut Options| options.stale = StaleStatus::PreconditionFailed;
    assert_eq!((stale(failed, true).status, stale(failed, false).status), (412, 409));
    let bad = stale(|options| options.stale = StaleStatus::BadRequest, true);
    assert_eq!(bad.status, 400);
    assert!(bad.body["message"].as_str().unwrap().contains("does not match the current version"));
    let texts = stale(|options| options.stale_text = StaleText::EntityVersionMismatch, true);
    assert_eq!(texts.body["message"], "entity_version mismatch");
    let version = stale(|options| options.current_in_refusal = CurrentInRefusal::Version, false);
    assert_eq!(version.body["current_version"], 2);
    assert!(version.body.get("current").is_none());
    let record = stale(|options| options.current_in_refusal = CurrentInRefusal::Record, false);
    assert_eq!((&record.body["current_version"], &record.body["current"]["score"]), (&json!(2), &json!(1)));
    assert_eq!(stale(|options| options.etag_in_refusal = true, false).header("ETag"), Some("\"2\""));
}

#[test]
fn an_unguarded_write_lands_where_the_scenario_accepts_it() {
    let in_header = |options: &mut Options| options.unversioned = Unversioned::HeaderRequired;
    assert_eq!(patched(in_header, None, json!({"version": 3})).0, 428);
    assert_eq!(patched(in_header, Some("\"3\""), json!({"version": 3})).0, 200);
    let (status, _) = patched(|options| options.unversioned = Unversioned::Accepted, None, json!({}));
    assert_eq!(status, 200);
}

#[test]
fn a_write_that_changes_nothing_keeps_or_raises_the_version() {
    for (unchanged, expected, entries) in [(UnchangedWrite::KeepsVersion, 1, 0), (UnchangedWrite::RaisesVersion, 2, 1)]
    {
        let mut rig = Rig::with(|options| options.unchanged_write = unchanged);
        let (path, score) = rig.first("quality_scores");
        let answer = rig.patch(&path, &json!({"score": score["score"], "version": 1}));
        assert_eq!((answer.status, &answer.body["version"]), (200, &json!(expected)));
        assert_eq!(rig.sandbox.ledger().len(), entries);
    }
}

#[test]
fn versions_grow_by_up_to_the_step() {
    let mut rig = Rig::with(|options| options.version_step_max = 5);
    let (path, _) = rig.first("quality_scores");
    let (mut version, mut steps) = (1, std::collections::BTreeSet::new());
    for score in 0..60 {
        let next = rig.sandbox.edit(rig.now, &path, &json!({"score": score}), "Someone").unwrap();
        steps.insert(next - version);
        version = next;
    }
    assert_eq!(steps.into_iter().collect::<Vec<u64>>(), vec![1, 2, 3, 4, 5]);
}
