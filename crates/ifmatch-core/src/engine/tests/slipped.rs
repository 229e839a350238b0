//! Writes that a target without a guard lets through over others'.

use super::shell::{Shell, patch, wish};
use crate::config::{Limits, OnOverwrite};
use crate::dialect::Guard;
use crate::ids::{IntentId, Ticket};
use crate::input::{Decision, DecisionAction, Input};
use crate::states::State;
use crate::undo::UndoError;
use crate::wire::{Failure, Method};
use crate::{Notice, Resource};
use serde_json::{Value, json};

const HOUR: i64 = 3600;

/// A target that checks no version and, where it is so, shows older ones.
fn unguarded(keeps_versions: bool, policy: OnOverwrite) -> Shell {
    let mut shell = Shell::with(Guard::Unguarded, Limits::default());
    shell.target.keeps_versions = keeps_versions;
    shell.config.sources.values_mut().for_each(|source| source.on_overwrite = policy);
    shell.crash();
    shell
}

/// The score goes from 80 to 85, made from version 1, while eve edits.
fn slips(shell: &mut Shell, edit: &Value) -> IntentId {
    slips_at(shell, "a-1", edit)
}

fn slips_at(shell: &mut Shell, note: &str, edit: &Value) -> IntentId {
    let said = json!({"change": {"merge_patch": {"score": 85}}, "base": {"value": {"score": 80}}});
    let id = shell.submit("s", wish(note, said));
    let write = shell.serve_until(Method::Put);
    shell.target.edit(shell.now, note, "eve", edit);
    let response = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, response);
    id
}

fn alarms(shell: &Shell, wanted: &str) -> usize {
    shell.notices.iter().filter(|notice| matches!(notice, Notice::Alarm { code, .. } if *code == wanted)).count()
}

fn decide(shell: &mut Shell, intent: IntentId, side: Value) {
    settle(shell, intent, DecisionAction::Apply, side);
}

fn settle(shell: &mut Shell, intent: IntentId, action: DecisionAction, side: Value) {
    shell.feed(Input::Decided(Decision {
        ticket: Ticket(999),
        intent,
        by: "olga".to_owned(),
        action,
        choose: [("/score".parse().unwrap(), side)].into(),
        seen: Default::default(),
        note: None,
    }));
    shell.run(60);
}

#[test]
fn what_a_whole_write_took_from_others_is_put_back() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = slips(&mut shell, &json!({"comments": "hers"}));
    shell.run(60);
    let note = shell.target.note("a-1");
    assert_eq!((&note["score"], &note["comments"]), (&json!(85), &json!("hers")));
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 2));
    let told = shell.status(id).overwrote.clone().expect("it is told with the intent");
    assert_eq!((told.from, told.version, told.others, told.known), (1, 3, 1, true));
    assert_eq!((told.paths[0].path.as_str(), told.paths[0].by.as_deref()), ("/comments", Some("eve")));
    assert_eq!(alarms(&shell, "overwritten"), 1);
    assert!(shell.why(id).contains("overwrote /comments = \"hers\" of eve"), "{}", shell.why(id));
}

#[test]
fn a_true_conflict_gives_the_other_value_back_and_asks() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = slips(&mut shell, &json!({"score": 90}));
    shell.run(60);
    assert_eq!(shell.target.note("a-1")["score"], 90, "eve's word stands until somebody decides");
    assert_eq!(shell.code(id), "review/true_conflict");
    let note = &shell.status(id).conflict[0];
    let sides = (note.base.clone(), note.local.clone(), note.remote.clone(), note.remote_writer.as_deref());
    assert_eq!(sides, (Some(json!(80)), Some(json!(85)), Some(json!(90)), Some("eve")));
    decide(&mut shell, id, json!("local"));
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
}

#[test]
fn a_verb_is_carried_out_again_on_what_others_wrote() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = shell.submit("s", wish("a-1", json!({"change": {"verb": {"name": "raise", "args": {"by": 5}}}})));
    let write = shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    let response = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, response);
    shell.run(60);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(95)));
}

#[test]
fn what_nobody_can_know_goes_to_a_person() {
    for (side, score) in [(json!("local"), 85), (json!("remote"), 85), (json!({"value": 90}), 90)] {
        let mut shell = unguarded(false, OnOverwrite::Repair);
        let id = slips(&mut shell, &json!({"score": 90}));
        shell.run(60);
        assert_eq!((shell.code(id), shell.target.accepted.len()), ("review/overwritten", 1));
        assert!(shell.status(id).reason.as_deref().unwrap().contains("cannot be known"));
        assert!(!shell.status(id).overwrote.as_ref().unwrap().known);
        decide(&mut shell, id, side);
        assert!(shell.state(id).is_terminal(), "{:?}", shell.status(id));
        assert_eq!(shell.target.note("a-1")["score"], score);
    }
}

#[test]
fn what_stands_over_others_is_ours_and_goes_back_only_to_what_is_known() {
    for keeps in [true, false] {
        let mut shell = unguarded(keeps, OnOverwrite::Review);
        let id = slips(&mut shell, &json!({"score": 90}));
        shell.run(60);
        let ours = "/score=85 s".to_owned();
        assert!(shell.blame_of("a-1").contains(&ours), "{:?}", shell.blame_of("a-1"));
        settle(&mut shell, id, DecisionAction::Discard, json!("local"));
        assert!(shell.blame_of("a-1").contains(&ours), "{:?}", shell.blame_of("a-1"));
        if !keeps {
            let over = UndoError::Over { state: State::Discarded, paths: "/score".to_owned() };
            assert_eq!(shell.undo_of(id), Err(over));
            continue;
        }
        let back = shell.undo_of(id).unwrap();
        shell.submit("t", back);
        shell.run(60);
        assert_eq!(shell.target.note("a-1")["score"], 90, "hers, and not what stood there before her");
    }
}

#[test]
fn one_that_gave_way_to_what_it_overwrote_has_nothing_to_take_back() {
    let mut shell = unguarded(true, OnOverwrite::Review);
    let id = slips(&mut shell, &json!({"score": 90}));
    shell.run(60);
    decide(&mut shell, id, json!("remote"));
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
    assert_eq!(shell.undo_of(id), Err(UndoError::Nothing));
}

#[test]
fn a_target_that_keeps_no_versions_is_asked_once() {
    let mut shell = unguarded(false, OnOverwrite::Repair);
    let asked =
        |shell: &Shell| shell.target.seen.iter().filter(|(_, request, _)| request.path.contains("version")).count();
    slips(&mut shell, &json!({"comments": "hers"}));
    shell.run(60);
    assert_eq!(asked(&shell), 1);
    let id = shell.submit("t", patch("a-2", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-2", "eve", &json!({"comments": "hers"}));
    let response = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, response);
    shell.run(60);
    assert_eq!((shell.code(id), asked(&shell)), ("review/overwritten", 1));
}

#[test]
fn a_source_may_have_a_person_decide_before_anything_is_written() {
    let mut shell = unguarded(true, OnOverwrite::Review);
    let id = slips(&mut shell, &json!({"score": 90}));
    shell.run(60);
    assert_eq!((shell.code(id), &shell.target.note("a-1")["score"]), ("review/overwritten", &json!(85)));
    assert_eq!(shell.status(id).conflict[0].remote, Some(json!(90)));
    decide(&mut shell, id, json!("remote"));
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(90)));
}

#[test]
fn a_source_may_want_to_be_told_only() {
    for keeps in [true, false] {
        let mut shell = unguarded(keeps, OnOverwrite::Report);
        let id = slips(&mut shell, &json!({"score": 90}));
        shell.run(60);
        assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Landed, &json!(85)));
        assert_eq!(shell.status(id).overwrote.as_ref().unwrap().others, 1);
        assert_eq!((alarms(&shell, "overwritten"), shell.target.accepted.len()), (1, 1));
    }
}

#[test]
fn what_overwrote_nothing_lands() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = slips(&mut shell, &json!({"score": 85}));
    shell.run(60);
    assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 1));
}

#[test]
fn repairs_that_are_let_through_over_others_again_come_to_an_end() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    shell.target.racing = 100;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(HOUR);
    assert!(shell.state(id).is_terminal(), "{:?}", shell.status(id));
    assert_eq!(shell.target.accepted.len(), 4, "the write and three repairs");
    assert_eq!(alarms(&shell, "repair_failed"), 1);
}

#[test]
fn a_repair_survives_a_crash_at_any_moment() {
    for after in 0..6 {
        let mut shell = unguarded(true, OnOverwrite::Repair);
        let id = slips(&mut shell, &json!({"comments": "hers"}));
        for _ in 0..after {
            if !shell.flying.is_empty() {
                shell.serve_one();
            }
        }
        shell.crash();
        shell.run(HOUR);
        let note = shell.target.note("a-1");
        assert_eq!((&note["score"], &note["comments"]), (&json!(85), &json!("hers")), "after {after}");
        assert_eq!(shell.state(id), State::Landed, "after {after}");
    }
}

#[test]
fn what_was_taken_is_put_back_though_the_intent_is_withdrawn() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = slips(&mut shell, &json!({"score": 90}));
    shell.feed(Input::Cancelled { ticket: Ticket(7), intent: id, by: "s".to_owned() });
    shell.run(HOUR);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Cancelled, &json!(90)));
}

#[test]
fn a_write_whose_answer_was_lost_is_looked_into_as_well() {
    // What came before our write is put back; what came after it stands anyway.
    for first in [true, false] {
        let mut shell = unguarded(true, OnOverwrite::Repair);
        shell.submit("s", patch("a-2", json!({"score": 70})));
        shell.run(60);
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        if first {
            shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
        }
        shell.target.answer(shell.now, &write.request);
        if !first {
            shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
        }
        shell.fail(write.attempt, Failure::NoAnswer);
        shell.run(HOUR);
        let note = shell.target.note("a-1");
        assert_eq!((&note["score"], &note["comments"]), (&json!(85), &json!("hers")), "first: {first}");
        assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, if first { 3 } else { 2 }));
    }
}

#[test]
fn what_somebody_else_wrote_last_is_no_write_of_ours() {
    // Ours was lost; eve set 90 and then, with a comment, the very score that we wanted.
    for known in [true, false] {
        let mut shell = unguarded(true, OnOverwrite::Repair);
        if known {
            // A write that landed tells under which name ours do.
            shell.submit("s", patch("a-2", json!({"score": 70})));
            shell.run(60);
        }
        let before = shell.target.accepted.len();
        let id = shell.submit("s", patch("a-1", json!({"score": 85})));
        let write = shell.serve_until(Method::Put);
        shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
        shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 85, "comments": "hers"}));
        shell.fail(write.attempt, Failure::NoAnswer);
        shell.run(HOUR);
        let note = shell.target.note("a-1");
        assert_eq!((&note["score"], &note["comments"]), (&json!(85), &json!("hers")), "known: {known}");
        assert_eq!(shell.target.accepted.len(), before, "known: {known}: nothing of it is put back");
        let state = if known { State::Landed } else { State::Review };
        assert_eq!(shell.state(id), state, "known: {known}");
    }
}

#[test]
fn a_repair_that_overwrites_what_nobody_can_know_raises_an_alarm() {
    let mut shell = unguarded(true, OnOverwrite::Repair);
    let id = slips(&mut shell, &json!({"score": 90}));
    // From here on the target shows no older version, and eve edits under the repair.
    let repair = shell.serve_until(Method::Put);
    assert_eq!(shell.code(id), "review/true_conflict");
    shell.target.keeps_versions = false;
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 95}));
    let response = shell.target.answer(shell.now, &repair.request);
    shell.answer(repair.attempt, response);
    shell.run(HOUR);
    assert_eq!(alarms(&shell, "repair_failed"), 1);
}

#[test]
fn that_a_target_ignores_versions_is_found_out_and_kept() {
    let mut shell = Shell::new();
    shell.target.ignores_versions = true;
    shell.target.keeps_versions = true;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let version = shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    let resource = Resource::by_id(&"acme".into(), "note", "a-1");
    let version = Some(version);
    shell.feed(Input::Observed { resource, snapshot: None, version, unlocked: false, shown_to: None });
    let response = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, response);
    shell.run(60);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["comments"]), (State::Landed, &json!("hers")));
    assert_eq!(alarms(&shell, "unguarded"), 1);
    // From here on no proof is needed, also in another life.
    shell.crash();
    slips_at(&mut shell, "a-2", &json!({"comments": "hers again"}));
    shell.run(60);
    assert_eq!(shell.target.note("a-2")["comments"], "hers again");
}

#[test]
fn a_target_whose_versions_skip_is_not_taken_for_unguarded() {
    let mut shell = Shell::new();
    shell.target.ignores_versions = true;
    let id = slips(&mut shell, &json!({"comments": "hers"}));
    shell.run(60);
    assert_eq!((shell.state(id), alarms(&shell, "overwritten")), (State::Landed, 0));
}

#[test]
fn a_kind_that_is_configured_as_unguarded_is() {
    let mut shell = Shell::new();
    shell.target.ignores_versions = true;
    shell.target.keeps_versions = true;
    shell.config.unguarded = ["note".to_owned()].into();
    shell.crash();
    slips(&mut shell, &json!({"comments": "hers"}));
    shell.run(60);
    assert_eq!(shell.target.note("a-1")["comments"], "hers");
}

/// A target that checks no version and counts none: it tells when a record was changed last.
fn dated(policy: OnOverwrite) -> Shell {
    let mut shell = Shell::with(Guard::Dated, Limits::default());
    shell.target.dated = true;
    shell.config.sources.values_mut().for_each(|source| source.on_overwrite = policy);
    shell.crash();
    shell
}

#[test]
fn times_in_place_of_versions_are_not_counted() {
    let mut shell = dated(OnOverwrite::Repair);
    for score in [85, 86] {
        let id = shell.submit("s", patch("a-1", json!({"score": score})));
        shell.run(60);
        assert_eq!((shell.state(id), alarms(&shell, "overwritten")), (State::Landed, 0));
    }
    assert_eq!(shell.target.note("a-1")["score"], 86);
}

#[test]
fn a_change_that_was_announced_between_is_told_where_versions_are_times() {
    let mut shell = dated(OnOverwrite::Review);
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let write = shell.serve_until(Method::Put);
    let version = Some(shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"})));
    let resource = Resource::by_id(&"acme".into(), "note", "a-1");
    shell.feed(Input::Observed { resource, snapshot: None, version, unlocked: false, shown_to: None });
    shell.idle(1);
    let response = shell.target.answer(shell.now, &write.request);
    shell.answer(write.attempt, response);
    shell.run(60);
    assert_eq!((shell.state(id), alarms(&shell, "overwritten")), (State::Review, 1));
    assert!(shell.status(id).reason.as_ref().unwrap().contains("up to 1 times"), "one is known of");
}
