//! Journals whole, cut at every byte, and spoilt.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const ID: &str = "int_01JD4Q2N3V8Z6T0C5R7K9M1P2X";

fn text(rows: &[Progress]) -> String {
    let mut text = Line::Plan { plan_sha256: "sha256:1".to_owned() }.to_text();
    text.extend(rows.iter().map(|row| Line::Row(row.clone()).to_text()));
    text
}

fn landed(row: u64) -> Progress {
    let answer = json!({"id": ID, "state": "landed", "code": null, "reason": "created — ☃", "result": {"version": 3}});
    Progress::sent(row, Some(9)).answered(&answer).unwrap()
}

#[test]
fn the_last_word_on_a_row_counts() {
    let journal =
        Journal::read(text(&[Progress::sent(1, None), Progress::sent(2, None), landed(1)]).as_bytes()).unwrap();
    assert_eq!(journal.plan_sha256.as_deref(), Some("sha256:1"));
    assert!(journal.rows[&1].has_ended() && !journal.rows[&2].has_ended());
    assert_eq!((journal.rows[&1].version, journal.rows[&1].moved_to), (Some(3), Some(9)));
    assert_eq!(Journal::read(b"").unwrap(), Journal::default());
}

#[test]
fn an_answer_is_an_intent_a_refusal_or_nothing() {
    let sent = Progress::sent(4, None);
    let review = sent.answered(&json!({"id": ID, "state": "review", "code": "review/rule", "reason": "r"})).unwrap();
    assert!(review.is_settled() && !review.has_ended() && review.intent.is_some());
    let refused = sent.answered(&json!({"error": {"code": "unknown_org", "title": "t", "status": 422}})).unwrap();
    assert!(refused.has_ended());
    assert_eq!((refused.code.as_deref(), refused.reason.as_deref()), (Some("unknown_org"), Some("t")));
    let queued = sent.answered(&json!({"id": ID, "state": "queued", "error": null})).unwrap();
    assert!(!queued.is_settled());
    assert_eq!(sent.answered(&json!({"hello": 1})), None);
}

#[test]
fn a_spoilt_line_stops_the_run() {
    let whole = text(&[landed(1), landed(2)]);
    let check = |spoilt: String, line: usize| {
        assert_eq!(Journal::read(spoilt.as_bytes()).unwrap_err(), JournalError { line });
    };
    check(whole.replacen("{\"row\":1", "{\"raw\":1", 1), 2);
    check(whole.replacen("plan_sha256", "plan", 1), 1);
    check(format!("{whole}{}", Line::Plan { plan_sha256: "sha256:1".to_owned() }.to_text()), 4);
    check("no journal\n".to_owned(), 1);
}

fn progress() -> impl Strategy<Value = Progress> {
    let states = ["sent", "queued", "review", "landed", "rejected", "refused"];
    (1..20_u64, 0..states.len(), any::<Option<u64>>(), "\\PC{0,12}").prop_map(move |(row, state, version, reason)| {
        Progress {
            state: states[state].to_owned(),
            version,
            reason: Some(reason),
            intent: ID.parse().ok(),
            ..Progress::sent(row, version)
        }
    })
}

proptest! {
    /// A crash leaves a prefix. Whatever it is, the whole lines of it are read, the rest is not, and what is written behind them is
    /// read as if the crash had not been.
    #[test]
    fn a_journal_cut_at_every_byte_goes_on(rows in prop::collection::vec(progress(), 1..8), more in progress()) {
        let whole = text(&rows);
        for cut in 0..=whole.len() {
            let left = &whole.as_bytes()[..cut];
            let journal = Journal::read(left).unwrap();
            prop_assert!(journal.bytes <= cut);
            prop_assert!(!left[journal.bytes..].contains(&b'\n'));
            let lines = left.iter().filter(|byte| **byte == b'\n').count();
            let kept = &rows[..lines.saturating_sub(1)];
            let last = kept.iter().map(|row| (row.row, row.clone())).collect();
            prop_assert_eq!(&journal.rows, &last);
            prop_assert_eq!(journal.plan_sha256.is_some(), lines > 0);
            let mut on = left[..journal.bytes].to_vec();
            if lines == 0 {
                on.extend(Line::Plan { plan_sha256: "sha256:1".to_owned() }.to_text().bytes());
            }
            on.extend(Line::Row(more.clone()).to_text().bytes());
            let on = Journal::read(&on).unwrap();
            prop_assert_eq!(&on.rows[&more.row], &more);
        }
    }
}
