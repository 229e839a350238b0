//! What a run does next, whatever was written down before it.

use super::*;
use crate::migration::{Import, Kind};
use serde_json::json;

const INTENT: &str = "int_01J8Z3K4M5N6P7Q8R9S0T1V2W3";

fn plan(rows: usize) -> Plan {
    let line = |n: usize| {
        let line = json!({"seq": n, "site": "x", "agent_id": format!("a-{n}"), "shift_id": "s", "verb": "move-shift", "minutes": 15});
        format!("{line}\n")
    };
    let text: String = (1..=rows).map(line).collect();
    let import = Import { schedule: Some("w43".to_owned()), ..Import::new(Kind::SchedulerChanges, "changes.ndjson") };
    import.alone(text.as_bytes()).unwrap()
}

fn answer(state: &str) -> Value {
    json!({"id": INTENT, "state": state})
}

#[test]
fn a_row_leaves_once_it_is_written_down_and_is_waited_for() {
    let plan = plan(3);
    assert_eq!(plan.applied().count(), 3, "{plan:?}");
    let mut run = Run::of(&plan, &Journal::default(), &[(2, 9)].into()).all_at_once();
    let window = run.window();
    let sent = Run::unwritten(&window, &Journal::default());
    assert_eq!(
        sent.iter().map(|row| (row.row, row.moved_to)).collect::<Vec<_>>(),
        [(1, None), (2, Some(9)), (3, None)]
    );
    let mut written = Vec::new();
    for (row, answer) in window.into_iter().zip([answer("queued"), answer("landed"), answer("review")]) {
        written.push(run.answered(row, &answer).unwrap());
    }
    assert_eq!((run.open(), run.left(), run.is_submitted()), (1, 1, true), "{written:?}");
    let (row, id) = run.oldest().unwrap();
    assert_eq!(run.looked_at(row.clone(), id, &answer("sent")), Ok(None));
    assert_eq!(run.open(), 1);
    run.oldest();
    let settled = run.looked_at(row, id, &answer("landed")).unwrap().unwrap();
    assert_eq!((settled.row, settled.state.as_str(), run.left()), (1, "landed", 0));
}

#[test]
fn what_the_gateway_cannot_take_now_leaves_again_and_a_refusal_does_not() {
    let mut run = Run::of(&plan(2), &Journal::default(), &BTreeMap::new()).all_at_once();
    let mut window = run.window().into_iter();
    let busy = json!({"error": {"status": 503, "code": "overloaded"}});
    assert_eq!(run.answered(window.next().unwrap(), &busy), Ok(Answered::PutOff));
    let refused = json!({"error": {"status": 422, "code": "unknown_kind", "detail": "no"}});
    let Ok(Answered::Written(row)) = run.answered(window.next().unwrap(), &refused) else { panic!("it is refused") };
    assert_eq!((row.state.as_str(), row.code.as_deref()), ("refused", Some("unknown_kind")));
    assert_eq!(run.window().len(), 1);
    assert_eq!(
        run.answered(Run::of(&plan(1), &Journal::default(), &BTreeMap::new()).window().remove(0), &json!(7)),
        Err(NoAnswer)
    );
}

#[test]
fn the_next_run_goes_on_from_the_journal() {
    let mut journal = Journal::default();
    let mut told = |row: u64, answer: &Value| {
        journal.rows.insert(row, Progress::sent(row, None).answered(answer).unwrap());
    };
    told(1, &answer("landed"));
    told(2, &answer("queued"));
    told(3, &answer("review"));
    journal.rows.insert(4, Progress::sent(4, None));
    let mut run = Run::of(&plan(5), &journal, &BTreeMap::new());
    assert_eq!((run.open(), run.left()), (2, 4), "what waits for a person is looked at once more");
    let window = run.window();
    assert_eq!(window.iter().map(|row| row.progress.row).collect::<Vec<_>>(), [4, 5]);
    assert_eq!(Run::unwritten(&window, &journal).len(), 1, "row 4 is written down already");
}

#[test]
fn no_more_are_under_way_than_is_good_for_others() {
    let mut run = Run::of(&plan(450), &Journal::default(), &BTreeMap::new()).all_at_once();
    let mut requests = 0;
    while run.has_room() {
        requests += 1;
        for row in run.window() {
            run.answered(row, &answer("queued")).unwrap();
        }
    }
    assert_eq!((requests, run.open(), run.left()), (4, 400, 450));
}

/// Sends the next window; each row of it ends so.
fn ends(run: &mut Run, state: &str, code: &str) -> usize {
    let window = run.window();
    let answer = json!({"id": INTENT, "state": state, "code": code, "reason": "as it says"});
    window.into_iter().map(|row| run.answered(row, &answer).unwrap()).count()
}

#[test]
fn the_first_row_goes_ahead_and_the_rest_follows_when_it_is_taken() {
    let mut run = Run::of(&plan(40), &Journal::default(), &BTreeMap::new());
    let scout = run.window();
    assert_eq!(scout.len(), 1);
    run.answered(scout.into_iter().next().unwrap(), &answer("queued")).unwrap();
    assert!(!run.has_room(), "nobody knows yet what the target says of it");
    let (row, id) = run.oldest().unwrap();
    run.looked_at(row, id, &answer("landed")).unwrap();
    assert!(run.has_room());
    assert_eq!(run.window().len(), 39);
}

#[test]
fn three_that_are_refused_alike_keep_the_rest_back() {
    let mut run = Run::of(&plan(40), &Journal::default(), &BTreeMap::new());
    for _ in 0..3 {
        assert!(run.has_room() && run.refusal().is_none());
        assert_eq!(ends(&mut run, "rejected", "rejected/invalid"), 1);
    }
    let refusal = run.refusal().unwrap();
    assert_eq!((refusal.rows, refusal.code.as_str(), refusal.left), (3, "rejected/invalid", 37));
    assert!(!run.has_room());
    assert!(run.all_at_once().has_room(), "somebody wants it all the same");
}

#[test]
fn what_only_one_record_is_refused_for_keeps_nobody_back() {
    for (state, code) in
        [("review", "review/true_conflict"), ("rejected", "rejected/stale"), ("satisfied", "satisfied/same")]
    {
        let mut run = Run::of(&plan(40), &Journal::default(), &BTreeMap::new());
        ends(&mut run, "rejected", "rejected/invalid");
        ends(&mut run, state, code);
        assert_eq!(run.window().len(), 38, "{code}");
    }
    let mut run = Run::of(&plan(40), &Journal::default(), &BTreeMap::new());
    ends(&mut run, "rejected", "rejected/invalid");
    ends(&mut run, "review", "review/rule");
    assert_eq!(run.window().len(), 38, "two rules are not one of all");
}

#[test]
fn the_next_run_knows_what_became_of_those_that_went_ahead() {
    let mut journal = Journal::default();
    for row in 1..=3 {
        let refused = json!({"error": {"status": 422, "code": "unknown_kind", "detail": "no"}});
        journal.rows.insert(row, Progress::sent(row, None).answered(&refused).unwrap());
    }
    assert!(Run::of(&plan(9), &journal, &BTreeMap::new()).refusal().is_some());
    let asked = json!({"id": INTENT, "state": "review", "code": "review/rule"});
    let mut open = Journal::default();
    for row in 1..=3 {
        open.rows.insert(row, Progress::sent(row, None).answered(&asked).unwrap());
    }
    let mut run = Run::of(&plan(9), &open, &BTreeMap::new());
    for _ in 0..3 {
        assert!(!run.has_room() && run.refusal().is_none(), "they are looked at once more");
        let (row, id) = run.oldest().unwrap();
        run.looked_at(row, id, &asked).unwrap();
    }
    assert_eq!(run.refusal().map(|refusal| refusal.rows), Some(3));
    journal.rows.insert(4, Progress::sent(4, None).answered(&answer("landed")).unwrap());
    assert!(Run::of(&plan(9), &journal, &BTreeMap::new()).refusal().is_none());
    assert!(Run::of(&plan(3), &journal, &BTreeMap::new()).refusal().is_none(), "nothing is left to keep back");
}
