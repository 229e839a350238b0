//! The paragraph names the facts and what to do.

use super::*;

#[test]
fn a_review_says_the_sides_and_how_to_decide() {
    let intent = json!({
        "id": "int_1", "state": "review", "code": "review/true_conflict", "reason": "score changed on both sides", "attempts": 1,
        "source": "servicenow", "resource": {"org": "acme", "kind": "quality-score", "id": "qs-118"},
        "conflict": [{"path": "/score", "base": 80, "local": 85, "remote": 90, "remote_writer": "reviewer"}],
    });
    let said = "int_1 is review since 2026-03-29T05:00:00Z: waits for a person's decision.";
    insta::assert_snapshot!(paragraph(said, &intent).replace(". ", ".\n"), @r"
    int_1 is review since 2026-03-29T05:00:00Z: waits for a person's decision.
    It was sent by servicenow for quality-score qs-118.
    The reason: score changed on both sides.
    So far one write went to the target for it.
    At /score: started from 80, wants 85, the target holds 90, written by reviewer.
    Decide it with `ifmatch intents resolve int_1 --apply`, `--discard` or `--retry`; `ifmatch explain review/true_conflict` says what the case means.
    ");
}

#[test]
fn a_reason_that_was_said_is_not_said_again() {
    let intent = json!({"id": "int_1", "state": "landed", "reason": "score 80 → 85", "source": "s", "resource": {"kind": "k", "id": "1"}});
    let text = paragraph("int_1 is landed since then: score 80 → 85.", &intent);
    assert_eq!(text, "int_1 is landed since then: score 80 → 85. It was sent by s for k 1.");
}

#[test]
fn the_winner_is_named() {
    let next = next(&json!({"state": "superseded", "winner": "int_2"})).unwrap();
    assert!(next.contains("`ifmatch intents why int_2`"), "{next}");
}
