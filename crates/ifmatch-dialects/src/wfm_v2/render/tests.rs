//! Answers in the target's models.

use super::*;
use crate::wfm_v2::kinds::SCORE;
use crate::wfm_v2::snapshot as snapshots;
use crate::wfm_v2::tests::{agent_week, now, resource};
use ifmatch_merge::{Conflict, Pointer};

fn score(etag: Option<&str>) -> Snapshot {
    snapshots::of(json!({"id": "q1", "score": 85, "version": 14}), etag, now())
}

#[test]
fn a_change_is_answered_by_the_record_and_its_tag() {
    let check = |method: Method, created: bool, etag: Option<&str>, status: u16, tag: &str| {
        let found = answer(method, &score(etag), created);
        assert_eq!((found.status, found.header("ETag")), (status, Some(tag)));
        assert_eq!(found.json().unwrap()["score"], 85);
    };
    check(Method::Post, true, Some("W/\"14\""), 201, "W/\"14\"");
    check(Method::Post, false, None, 200, "\"14\"");
    check(Method::Patch, false, Some("\"9fa0\""), 200, "\"9fa0\"");
}

#[test]
fn a_true_conflict_is_the_targets_stale_write() {
    let conflict = Conflict {
        path: Pointer::parse("/score").unwrap(),
        base: Some(json!(80)),
        local: Some(json!(85)),
        remote: Some(json!(90)),
        remote_writer: Some("reviewer".to_owned()),
        stretches: Vec::new(),
    };
    let found = refusal(&resource(SCORE, "q1"), &[conflict.into()], Some(&score(None)));
    assert_eq!((found.status, found.header("etag")), (409, Some("\"14\"")));
    let body = found.json().unwrap();
    assert_eq!(
        (&body["code"], &body["status"], &body["current_version"]),
        (&json!("conflict"), &json!(409), &json!(14))
    );
    assert_eq!(body["errors"][0]["field"], "/score");
    let told = crate::wfm_v2::envelopes::told(Some(&body));
    let class = crate::wfm_v2::evidence::class(409, &told, false, crate::wfm_v2::evidence::Purpose::Write);
    assert_eq!(class, ifmatch_core::Class::Stale, "our refusal reads as the target's");
}

#[test]
fn a_batch_has_a_line_per_change() {
    let landed = (resource(AGENT, "s1/a1"), Ok(snapshots::of(agent_week(), None, now())));
    let conflict = refusal(&resource(AGENT, "s1/a2"), &[], None);
    let found = batch(&[landed.clone(), (resource(AGENT, "s1/a2"), Err(conflict))]);
    let body = found.json().unwrap();
    assert_eq!((found.status, &body["statusCode"]), (207, &json!(207)));
    let line = |at: usize| (body["entities"][at]["id"].clone(), body["entities"][at]["status"].clone());
    assert_eq!(line(0), (json!("a1"), json!(200)));
    assert_eq!(line(1), (json!("a2"), json!(409)));
    assert_eq!(body["entities"][1]["errors"][0]["code"], "conflict");
    assert_eq!(batch(&[landed]).status, 200);
}
