//! Answers as people read them.

use super::*;
use serde_json::json;

fn review() -> Value {
    json!({
        "id": "int_1", "state": "review", "code": "review/true_conflict", "reason": "score: 80 → 85, but the reviewer wrote 90",
        "resource": {"org": "acme", "kind": "quality-score", "id": "qs-118"}, "source": "servicenow",
        "accepted_at": "2026-03-29T05:00:00Z", "settled_at": null, "attempts": 2, "waited": {"lock": 0.0, "budget": 0.4},
        "result": null, "winner": null,
        "conflict": [{"path": "/score", "base": 80, "local": 85, "remote": 90, "remote_writer": "reviewer", "seen": "sha256:00"}],
    })
}

#[test]
fn a_page_says_everything_that_is_known() {
    insta::assert_snapshot!(page(&review()), @r"
    id        int_1
    state     review (true_conflict)
    reason    score: 80 → 85, but the reviewer wrote 90
    resource  quality-score qs-118 in acme
    source    servicenow
    accepted  2026-03-29T05:00:00Z
    attempts  2
    waited    0.0 s for a lock, 0.4 s for the budget
    conflict  /score: started from 80, wants 85, the target holds 90, written by reviewer
    ");
}

#[test]
fn a_line_says_the_outcome() {
    assert_eq!(
        line(&review()),
        "int_1  review (true_conflict)  quality-score qs-118  score: 80 → 85, but the reviewer wrote 90"
    );
    assert_eq!(line(&json!({"id": "int_2", "state": "queued", "code": null})), "int_2  queued");
    let reason = "int_3 of s for k 1 is parked since then: the target refused it once; one probe goes out soon.";
    let parked = json!({"id": "int_3", "state": "parked", "code": "parked/lock", "reason": reason});
    assert_eq!(line(&parked), "int_3  parked (lock)  the target refused it once; one probe goes out soon.");
    let refused = json!({"error": {"title": "Unknown org", "detail": "no org", "field": "/resource/org"}});
    assert_eq!(line(&refused), "refused  Unknown org: no org (at /resource/org)");
}

#[test]
fn a_side_that_is_absent_is_nothing_and_null_is_null() {
    let conflict = json!({"path": "", "local": null, "remote": "x"});
    assert_eq!(sides(&conflict), "the whole record: started from nothing, wants null, the target holds \"x\"");
}

#[test]
fn a_local_time_in_doubt_shows_what_it_can_mean() {
    let conflict = json!({"path": "/reviewed_at", "local": "2026-10-25T02:30", "remote": "x",
        "candidates": ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]});
    let wanted = "; it can mean \"2026-10-25T02:30:00+02:00\" (earlier) or \"2026-10-25T02:30:00+01:00\" (later)";
    assert!(sides(&conflict).ends_with(wanted), "{}", sides(&conflict));
}

#[test]
fn a_result_names_what_the_target_holds() {
    let landed = json!({"state": "landed", "result": {"version": 14, "etag": "\"14\"", "id": "t-9"}});
    assert!(page(&landed).contains("result    id t-9, version 14, tag \"14\"\n"), "{}", page(&landed));
}
