//! Ledgers made by hand: what is wrong in them must be found, what is right must not.

use super::*;
use crate::demo::wish::{Deed, Door, Effect, End, Payload, Set, Subject, Truth, Way, Wish};
use ifmatch_sandbox::Change;
use serde_json::json;
use std::sync::Arc;

const SCORE: &str = "/api/v2/wfm/v2/quality/scores/s1";
const AGENT: &str = "/api/v2/wfm/schedules/w1/agents/a1";

/// Who wrote an entry.
#[derive(Clone, Copy)]
enum By {
    Us,
    Person,
}

/// A run made by hand.
#[derive(Default)]
struct Made {
    ledger: Vec<Arc<LedgerEntry>>,
    start: BTreeMap<String, Value>,
    ended: Vec<Ended>,
    locks: BTreeMap<String, Vec<Lock>>,
}

impl Made {
    fn wrote(mut self, by: By, path: &str, changes: &[(&str, Value, Value)]) -> Self {
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        let change = |(path, before, after): &(&str, Value, Value)| Change {
            path: (*path).to_owned(),
            before: some(before),
            after: some(after),
        };
        let earlier = self.ledger.iter().filter(|entry| entry.path == path).count() as u64;
        let creates = changes.iter().all(|(_, before, _)| before.is_null()) && earlier == 0;
        self.ledger.push(Arc::new(LedgerEntry {
            seq: self.ledger.len() as u64 + 1,
            at: 0,
            actor: if matches!(by, By::Us) { "Integration" } else { "Ada Lehmann" }.to_owned(),
            client_id: matches!(by, By::Us).then(|| "sandbox-client".to_owned()),
            path: path.to_owned(),
            from_version: (!creates).then_some(earlier + 1),
            to_version: earlier + 2,
            changes: changes.iter().map(change).collect(),
            request_id: None,
            request_hash: None,
        }));
        self
    }

    fn wished(mut self, name: &str, path: &str, effect: Effect, end: End) -> Self {
        let wish = Wish {
            name: name.to_owned(),
            at_ms: 0,
            worker: 0,
            order: self.ended.len(),
            way: Way::Submit { source: "script".to_owned(), intent: Value::Null },
            door: Door::Proxy,
            payload: Payload::Score(Value::Null),
            truth: Truth { subject: Subject::Path(path.to_owned()), effect, needs_person: None, deadline_ms: None },
        };
        self.ended.push(Ended { wish, end, at_ms: 0, said: String::new(), asked: Vec::new() });
        self
    }

    fn with_shift(mut self, shift: Value) -> Self {
        let record = self.start.entry(AGENT.to_owned()).or_insert_with(|| json!({"agent_id": "a1", "shifts": []}));
        record["shifts"].as_array_mut().unwrap().push(shift);
        self
    }

    fn case<'a>(&'a self, stats: &'a Stats) -> Case<'a> {
        Case {
            ledger: &self.ledger,
            stats,
            start: &self.start,
            ended: &self.ended,
            locks: &self.locks,
            start_ms: 0,
            slack_ms: 20_000,
        }
    }

    /// Lost edits, duplicates, needless reviews, unproven claims, unexplained writes.
    #[track_caller]
    fn check(&self, wanted: [usize; 5]) {
        let stats = Stats::default();
        let verdict = judge(&self.case(&stats));
        let found = [
            verdict.lost_edits.len(),
            verdict.duplicates.len(),
            verdict.needless_reviews.len(),
            verdict.unproven.len(),
            verdict.unexplained.len(),
        ];
        assert_eq!(found, wanted, "{verdict:#?}");
    }
}

fn sets(base: i64, after: i64) -> Effect {
    Effect::Sets(vec![Set {
        path: "/score".to_owned(),
        base: Some(json!(base)),
        after: Some(json!(after)),
        own: Vec::new(),
    }])
}

fn score(before: i64, after: i64) -> [(&'static str, Value, Value); 1] {
    [("/score", json!(before), json!(after))]
}

#[test]
fn a_write_over_what_its_sender_saw_is_fine() {
    Made::default()
        .wrote(By::Person, SCORE, &score(70, 80))
        .wrote(By::Us, SCORE, &score(80, 85))
        .wished("w", SCORE, sets(80, 85), End::Landed)
        .check([0; 5]);
}

#[test]
fn a_write_over_a_persons_newer_value_is_a_lost_edit() {
    Made::default()
        .wrote(By::Person, SCORE, &score(80, 90))
        .wrote(By::Us, SCORE, &score(90, 85))
        .wished("w", SCORE, sets(80, 85), End::Landed)
        .check([1, 0, 0, 0, 0]);
}

#[test]
fn a_field_that_no_wish_names_is_a_lost_edit_where_somebody_wrote_it() {
    let comments = [("/score", json!(80), json!(85)), ("/comments", json!("by Ada"), json!(""))];
    Made::default()
        .wrote(By::Person, SCORE, &[("/comments", json!(""), json!("by Ada"))])
        .wrote(By::Us, SCORE, &comments)
        .wished("w", SCORE, sets(80, 85), End::Landed)
        .check([1, 0, 0, 0, 0]);
}

#[test]
fn the_worlds_first_value_is_nobodys_edit() {
    Made::default().wrote(By::Us, SCORE, &score(70, 85)).wished("w", SCORE, sets(80, 85), End::Landed).check([0; 5]);
}

#[test]
fn an_older_wish_over_a_newer_one_is_a_lost_edit_unless_its_sender_knew() {
    let later = |own: Vec<Value>| {
        let set = Set { path: "/score".to_owned(), base: Some(json!(80)), after: Some(json!(88)), own };
        Effect::Sets(vec![set])
    };
    let made = |own| {
        Made::default()
            .wrote(By::Us, SCORE, &score(70, 85))
            .wrote(By::Us, SCORE, &score(85, 88))
            .wished("other", SCORE, sets(70, 85), End::Landed)
            .wished("w", SCORE, later(own), End::Landed)
    };
    made(vec![]).check([1, 0, 0, 0, 0]);
    made(vec![json!(85)]).check([0; 5]);
}

#[test]
fn an_effect_that_comes_twice_is_a_duplicate() {
    Made::default()
        .wrote(By::Us, SCORE, &score(80, 85))
        .wrote(By::Person, SCORE, &score(85, 80))
        .wrote(By::Us, SCORE, &score(80, 85))
        .wished("w", SCORE, sets(80, 85), End::Landed)
        .wished("w", SCORE, sets(80, 85), End::Superseded)
        .check([0, 1, 0, 0, 0]);
}

#[test]
fn two_records_for_one_are_a_duplicate() {
    let mark = [("/correlation_id", Value::Null, json!("qr-1"))];
    Made::default()
        .wrote(By::Us, SCORE, &mark)
        .wrote(By::Us, "/api/v2/wfm/v2/quality/scores/s2", &mark)
        .check([0, 1, 0, 0, 0]);
}

#[test]
fn a_review_needs_somebody_elses_write_at_the_path() {
    let made = |path| Made::default().wrote(By::Person, SCORE, &[(path, json!(80), json!(90))]);
    made("/score").wished("w", SCORE, sets(80, 85), End::Review).check([0; 5]);
    made("/comments").wished("w", SCORE, sets(80, 85), End::Review).check([0, 0, 1, 0, 0]);
    Made::default()
        .wrote(By::Us, SCORE, &score(80, 90))
        .wished("w", SCORE, sets(80, 85), End::Review)
        .check([0, 0, 1, 0, 0]);
}

#[test]
fn a_review_may_carry_on_the_question_of_an_earlier_wish() {
    let both = |score: i64| {
        let set = |path: &str, after| Set { path: path.to_owned(), base: None, after: Some(after), own: Vec::new() };
        Effect::Sets(vec![set("/score", json!(score)), set("/comments", json!("ours"))])
    };
    let made = |first| {
        let theirs = [("/comments", json!(""), json!("by Ada"))];
        Made::default().wrote(By::Person, SCORE, &theirs).wished("first", SCORE, first, End::Review)
    };
    made(both(81)).wished("second", SCORE, sets(81, 82), End::Review).check([0; 5]);
    let comments = Set { path: "/comments".to_owned(), base: None, after: Some(json!("ours")), own: Vec::new() };
    made(Effect::Sets(vec![comments])).wished("second", SCORE, sets(80, 82), End::Review).check([0, 0, 1, 0, 0]);
    let mut superseded = made(both(81)).wished("echo", SCORE, Effect::Sets(Vec::new()), End::Review);
    superseded.check([0, 0, 1, 0, 0]);
    superseded.ended[0].end = End::Superseded;
    superseded.check([0, 0, 1, 0, 0]);
    superseded.ended[1].asked = vec!["/comments".to_owned()];
    superseded.check([0; 5]);
}

#[test]
fn a_claim_that_the_ledger_does_not_bear_out_is_found() {
    let other = [("/comments", json!(""), json!("x"))];
    Made::default()
        .wrote(By::Us, SCORE, &other)
        .wished("landed", SCORE, sets(80, 85), End::Landed)
        .wished("rejected", SCORE, sets(80, 86), End::Rejected)
        .check([0, 0, 0, 2, 0]);
}

/// A shift of two hours at some minute past eight.
fn shift(id: &str, minute: i64) -> Value {
    let start = format!("2026-11-23T08:{minute:02}:00+08:00");
    json!({"id": id, "start": start, "length_minutes": 120,
        "activities": [{"start": start, "length_minutes": 120, "code": "on-queue"}]})
}

/// The changes from one state of shift `x` to another.
fn shifted(before: i64, after: i64) -> Vec<(&'static str, Value, Value)> {
    let (before, after) = (shift("x", before), shift("x", after));
    vec![
        ("/shifts/x/start", before["start"].clone(), after["start"].clone()),
        ("/shifts/x/activities", before["activities"].clone(), after["activities"].clone()),
    ]
}

fn moves(minutes: i64) -> Effect {
    Effect::Shift { shift: "x".to_owned(), deed: Deed::Move(minutes) }
}

#[test]
fn verbs_in_one_write_or_in_several_are_fine() {
    let made = || Made::default().with_shift(shift("x", 0));
    let wished =
        |made: Made| made.wished("a", AGENT, moves(10), End::Landed).wished("b", AGENT, moves(20), End::Landed);
    wished(made().wrote(By::Us, AGENT, &shifted(0, 30))).check([0; 5]);
    wished(made().wrote(By::Us, AGENT, &shifted(0, 10)).wrote(By::Us, AGENT, &shifted(10, 30))).check([0; 5]);
    let between = made().wrote(By::Person, AGENT, &shifted(0, 15)).wrote(By::Us, AGENT, &shifted(15, 45));
    wished(between).check([0; 5]);
}

#[test]
fn a_verb_from_an_old_copy_undoes_a_persons_move() {
    Made::default()
        .with_shift(shift("x", 0))
        .wrote(By::Person, AGENT, &shifted(0, 15))
        .wrote(By::Us, AGENT, &shifted(15, 10))
        .wished("a", AGENT, moves(10), End::Landed)
        .check([1, 0, 0, 0, 0]);
}

#[test]
fn a_shift_that_no_verb_names_is_a_lost_edit_where_somebody_moved_it() {
    Made::default()
        .with_shift(shift("x", 0))
        .wrote(By::Person, AGENT, &shifted(0, 15))
        .wrote(By::Us, AGENT, &shifted(15, 0))
        .check([2, 0, 0, 0, 0]);
}

#[test]
fn a_verb_that_is_done_twice_is_a_duplicate() {
    Made::default()
        .with_shift(shift("x", 0))
        .wrote(By::Us, AGENT, &shifted(0, 10))
        .wrote(By::Us, AGENT, &shifted(10, 20))
        .wished("a", AGENT, moves(10), End::Landed)
        .check([0, 1, 0, 1, 0]);
}

#[test]
fn a_write_that_no_verb_explains_is_found() {
    Made::default()
        .with_shift(shift("x", 0))
        .wrote(By::Us, AGENT, &shifted(0, 17))
        .wished("a", AGENT, moves(10), End::Landed)
        .check([0, 0, 0, 1, 1]);
}

#[test]
fn a_review_of_a_verb_needs_a_rule_that_it_breaks() {
    let late = json!({"id": "y", "start": "2026-11-23T11:00:00+08:00", "length_minutes": 60, "activities": []});
    let made = || Made::default().with_shift(shift("x", 0)).with_shift(late.clone());
    let touched =
        || made().wrote(By::Person, AGENT, &[("/availability/status", json!("available"), json!("training"))]);
    touched().wished("a", AGENT, moves(90), End::Review).check([0; 5]);
    touched().wished("a", AGENT, moves(30), End::Review).check([0, 0, 1, 0, 0]);
}

#[test]
fn a_rejected_verb_needs_its_shift_gone() {
    let made = || Made::default().with_shift(shift("x", 0));
    let gone = [("/shifts/x", shift("x", 0), Value::Null)];
    let removes = || Effect::Shift { shift: "x".to_owned(), deed: Deed::Remove };
    made()
        .wrote(By::Us, AGENT, &gone)
        .wished("r", AGENT, removes(), End::Landed)
        .wished("a", AGENT, moves(10), End::Rejected)
        .check([0; 5]);
    made()
        .wrote(By::Us, AGENT, &gone)
        .wished("a", AGENT, moves(10), End::Rejected)
        .wished("r", AGENT, removes(), End::Landed)
        .check([0, 0, 0, 1, 0]);
    made().wrote(By::Us, AGENT, &shifted(0, 10)).wished("a", AGENT, moves(10), End::Rejected).check([0, 0, 0, 1, 0]);
}

/// What comes of a wish with a deadline in a minute, locked from the start until some moment.
#[track_caller]
fn check_bounds(locked_until_ms: i64, landed_ms: Option<i64>, wanted: usize) {
    let end = if landed_ms.is_some() { End::Landed } else { End::Expired };
    let mut made = Made::default().wrote(By::Us, SCORE, &score(80, 85)).wished("w", SCORE, sets(80, 85), end);
    made.ended[0].wish.truth.deadline_ms = Some(60_000);
    match landed_ms {
        Some(at) => Arc::make_mut(&mut made.ledger[0]).at = at,
        None => made.ledger.clear(),
    }
    made.locks.insert(SCORE.to_owned(), vec![(0, locked_until_ms)]);
    let stats = Stats::default();
    let verdict = judge(&made.case(&stats));
    assert_eq!(verdict.unbounded.len(), wanted, "{verdict:#?}");
}

#[test]
fn who_is_free_lands_and_only_who_stays_locked_expires() {
    check_bounds(10_000, Some(15_000), 0);
    check_bounds(10_000, Some(50_000), 1);
    check_bounds(90_000, None, 0);
    check_bounds(10_000, None, 1);
}

#[test]
fn verbs_that_cancel_each_other_land_without_an_entry() {
    let made = |second| {
        let made = Made::default().with_shift(shift("x", 0));
        made.wished("a", AGENT, moves(10), End::Landed).wished("b", AGENT, moves(second), End::Landed)
    };
    made(-10).check([0; 5]);
    made(-20).check([0, 0, 0, 2, 0]);
}
