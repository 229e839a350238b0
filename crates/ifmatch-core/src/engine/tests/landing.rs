//! The way of one intent: read, merge, record, write; and what a refusal leads to.

use super::fake::{answer, refusal};
use super::shell::{Shell, note, patch, wish};
use super::target::Notes;
use crate::config::Limits;
use crate::dialect::Guard;
use crate::effect::Notice;
use crate::ids::{IntentId, Ticket};
use crate::input::{Decision, DecisionAction, Input};
use crate::intent::Intent;
use crate::states::State;
use crate::wire::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

fn numbered(fields: Value, sequence: u64) -> Intent {
    let origin = json!({"system": "hr", "record": "r-1", "sequence": sequence});
    wish("a-1", json!({"change": {"merge_patch": fields}, "origin": origin}))
}

#[test]
fn an_intent_is_read_for_written_and_landed() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve();
    let status = shell.status(id);
    assert_eq!((status.state, status.attempts), (State::Landed, 1));
    assert_eq!(status.result.as_ref().unwrap().version, Some(2));
    assert!(status.reason.is_some(), "an intent ends with its evidence");
    assert_eq!(shell.target.note("a-1")["score"], 85);
    assert_eq!((shell.target.count(Method::Get), shell.target.count(Method::Put)), (1, 1));
    let told: Vec<State> = shell.notices.iter().filter_map(changed(id)).collect();
    assert_eq!(told.last(), Some(&State::Landed));
}

fn changed(of: IntentId) -> impl Fn(&Notice) -> Option<State> {
    move |notice| match notice {
        Notice::Changed { id, status, .. } if *id == of => Some(status.state),
        _ => None,
    }
}

#[test]
fn nobody_is_told_of_an_acceptance_that_is_not_durable() {
    let mut shell = Shell::new();
    shell.store_rests = true;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    assert!(shell.notices.iter().all(|notice| !matches!(notice, Notice::Accepted(_))));
    shell.wake_store();
    assert_eq!(shell.told(id), Ok((id, false)));
}

#[test]
fn a_write_waits_until_its_attempt_is_durable() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.store_rests = true;
    shell.serve();
    assert!(shell.flying.is_empty(), "{:?}", shell.flying);
    shell.wake_store();
    let exchange = shell.only(Method::Put);
    let record = &shell.store.attempts[&exchange.attempt];
    assert_eq!((record.intents.clone(), record.request.clone()), (vec![id], exchange.request));
    assert_eq!(shell.state(id), State::Sent);
    assert!(record.horizon > record.at);
}

#[test]
fn nobody_is_told_of_a_landing_that_is_not_durable() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.store_rests = true;
    shell.serve();
    let landed = |shell: &Shell| shell.notices.iter().filter_map(changed(id)).any(|state| state == State::Landed);
    assert!(!landed(&shell));
    shell.wake_store();
    assert!(landed(&shell));
}

#[test]
fn what_the_target_holds_already_is_satisfied_without_a_write() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 80})));
    shell.serve();
    assert_eq!(shell.state(id), State::Satisfied);
    assert!(shell.writes().is_empty());
}

#[test]
fn a_stale_write_is_merged_again_and_lands() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(60);
    assert_eq!(shell.state(id), State::Landed);
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"], &record["version"]), (&json!(85), &json!("hers"), &json!(3)));
    assert_eq!(shell.target.accepted.len(), 1);
}

#[test]
fn a_version_that_moved_without_the_content_is_adopted() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "robot", &json!({}));
    shell.run(60);
    assert_eq!((shell.state(id), shell.target.version("a-1")), (State::Landed, 3));
}

#[test]
fn a_value_written_after_the_intent_came_is_not_erased() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(60);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(90)));
}

#[test]
fn a_true_conflict_goes_to_review_with_its_three_sides() {
    let mut shell = Shell::new();
    let body = json!({"change": {"merge_patch": {"score": 85}}, "base": {"version": 1}});
    let id = shell.submit("s", wish("a-1", body));
    shell.serve_until(Method::Put);
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90}));
    shell.run(60);
    assert_eq!((shell.state(id), shell.code(id)), (State::Review, "review/true_conflict"));
    let conflict = &shell.status(id).conflict;
    assert_eq!(conflict.len(), 1, "{conflict:?}");
    let sides = (conflict[0].base.clone(), conflict[0].local.clone(), conflict[0].remote.clone());
    assert_eq!(sides, (Some(json!(80)), Some(json!(85)), Some(json!(90))));
    assert_eq!(conflict[0].remote_writer.as_deref(), Some("eve"));
    assert_eq!(shell.target.note("a-1")["score"], 90);
}

#[test]
fn a_record_known_a_moment_ago_is_written_without_a_read() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve();
    let before = shell.target.seen.len();
    let id = shell.submit("s", patch("a-1", json!({"score": 86})));
    shell.serve();
    assert_eq!((shell.state(id), shell.target.seen.len() - before), (State::Landed, 1));
}

/// A write of what is out of date is refused. Nothing would refuse a conclusion.
#[test]
fn what_needs_no_write_by_what_was_read_before_it_came_is_read_again() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve();
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    shell.run(5);
    let id = shell.submit("t", patch("a-1", json!({"comments": "old"})));
    shell.serve();
    assert_eq!(shell.code(id), "review/true_conflict", "what stood there does no more: {:?}", shell.status(id));
    let same = shell.submit("t", patch("a-1", json!({"score": 85})));
    shell.only(Method::Get);
    shell.serve();
    assert_eq!(shell.state(same), State::Satisfied, "{:?}", shell.status(same));
}

#[test]
fn a_record_known_long_ago_is_read_first() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.serve();
    shell.run(3600);
    shell.submit("s", patch("a-1", json!({"score": 86})));
    shell.only(Method::Get);
}

#[test]
fn a_source_may_take_back_its_own_last_word() {
    let mut shell = Shell::new();
    for score in [90, 80] {
        let id = shell.submit("s", patch("a-1", json!({"score": score})));
        shell.run(10);
        assert_eq!(shell.state(id), State::Landed, "{score}: {:?}", shell.status(id));
    }
    assert_eq!(shell.target.note("a-1")["score"], 80);
}

#[test]
fn another_source_may_not_set_it_back_unseen() {
    let mut shell = Shell::new();
    shell.submit("s", patch("a-1", json!({"score": 90})));
    shell.run(10);
    let id = shell.submit("t", patch("a-1", json!({"score": 80})));
    shell.run(10);
    assert_eq!((shell.state(id), &shell.target.note("a-1")["score"]), (State::Review, &json!(90)));
}

#[test]
fn a_late_intent_is_reduced_after_the_newer_one_landed() {
    let mut shell = Shell::new();
    let newer = shell.submit("s", numbered(json!({"score": 87}), 7));
    shell.run(10);
    let late = shell.submit("s", numbered(json!({"score": 85}), 5));
    let partly = shell.submit("s", numbered(json!({"score": 86, "comments": "late"}), 6));
    shell.run(10);
    assert_eq!((shell.state(late), shell.status(late).winner), (State::Superseded, Some(newer)));
    assert_eq!(shell.state(partly), State::Landed);
    let record = shell.target.note("a-1");
    assert_eq!((&record["score"], &record["comments"]), (&json!(87), &json!("late")));
}

/// The source "s" reads the record.
fn show(shell: &mut Shell) {
    let record = shell.target.note("a-1").clone();
    let snapshot = crate::Snapshot {
        version: record["version"].as_u64(),
        etag: None,
        writer: Some("eve".to_owned()),
        modified_at: None,
        read_at: shell.now,
        seen_after: None,
        shown_to: BTreeMap::new(),
        value: record.into(),
    };
    shell.feed(Input::Observed {
        resource: note("a-1"),
        snapshot: Some(Box::new(snapshot)),
        version: None,
        unlocked: false,
        shown_to: Some("s".into()),
    });
    shell.run(1);
}

#[test]
fn what_was_shown_counts_after_a_restart_with_a_clock_that_was_set_back() {
    let mut shell = Shell::new();
    show(&mut shell);
    let mut document = shell.target.note("a-1").clone();
    shell.now -= jiff::SignedDuration::from_secs(60);
    shell.crash();
    document["score"] = json!(85);
    let body = json!({"change": {"desired": document}, "base": {"version": 1}});
    let id = shell.submit("s", wish("a-1", body));
    shell.run(10);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
}

#[test]
fn what_was_shown_before_an_intent_counts_for_it_however_late_it_is_noted() {
    let mut shell = Shell::new();
    let before = shell.target.note("a-1").clone();
    shell.store_rests = true;
    show(&mut shell);
    let mut document = before;
    document["score"] = json!(85);
    document.as_object_mut().unwrap().remove("version");
    let intent = wish("a-1", json!({"change": {"desired": document}}));
    let id = shell.submit_as("s", intent, |submission| submission.proxied = true);
    shell.wake_store();
    shell.run(10);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
}

#[test]
fn a_refused_value_under_a_fresh_version_goes_to_review_again() {
    let mut shell = Shell::new();
    show(&mut shell);
    let mut document = shell.target.note("a-1").clone();
    shell.target.edit(shell.now, "a-1", "eve", &json!({"score": 90, "comments": "hers"}));
    show(&mut shell);
    document["score"] = json!(85);
    document["version"] = json!(2);
    let body = json!({"change": {"desired": document}, "base": {"version": 2}});
    let first = shell.submit("s", wish("a-1", body.clone()));
    shell.run(10);
    assert_eq!(shell.state(first), State::Review, "{:?}", shell.status(first));
    shell.feed(Input::Decided(Decision {
        ticket: Ticket(900),
        intent: first,
        by: "olga".to_owned(),
        action: DecisionAction::Discard,
        choose: BTreeMap::new(),
        seen: BTreeMap::new(),
        note: None,
    }));
    shell.run(10);
    assert_eq!(shell.state(first), State::Discarded);
    let again = shell.submit("s", wish("a-1", body));
    shell.run(10);
    assert_eq!(shell.state(again), State::Review, "{:?}", shell.status(again));
    assert_eq!(shell.target.note("a-1")["score"], 90);
}

#[test]
fn a_refused_shape_is_rejected_with_the_field_and_the_lane_goes_on() {
    let mut shell = Shell::new();
    let bad = shell.submit("s", patch("a-1", json!({"score": "many"})));
    let exchange = shell.serve_until(Method::Put);
    let body = json!({"code": "invalid", "field": "score", "message": "score must be a number"});
    shell.answer(exchange.attempt, answer(400, &body));
    let good = shell.submit("s", patch("a-1", json!({"comments": "fine"})));
    shell.run(60);
    assert_eq!(shell.state(bad), State::Rejected);
    assert!(shell.status(bad).reason.as_deref().unwrap().contains("score"), "{:?}", shell.status(bad).reason);
    assert_eq!(shell.state(good), State::Landed);
}

#[test]
fn a_rule_of_the_business_goes_to_review_with_its_words() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for _ in 0..20 {
        if shell.state(id) == State::Review {
            break;
        }
        let exchange = shell.serve_until(Method::Put);
        shell.answer(exchange.attempt, refusal(422, "closed_period"));
        while shell.flying.first().is_some_and(|exchange| exchange.request.method == Method::Get) {
            shell.serve_one();
        }
    }
    assert_eq!(shell.state(id), State::Review);
    assert!(shell.status(id).reason.as_deref().unwrap().contains("closed_period"));
}

#[test]
fn a_missing_right_stops_the_intent_and_is_named() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    for _ in 0..20 {
        shell.target.script.push_back(refusal(403, "notes:edit"));
    }
    shell.run(60);
    assert!(shell.target.seen.len() <= 3, "{} requests without a right", shell.target.seen.len());
    assert_eq!(shell.state(id), State::Review, "{:?}", shell.status(id));
    assert!(shell.status(id).reason.as_deref().unwrap().contains("notes:edit"));
}

#[test]
fn an_answer_that_nobody_knows_goes_to_review_after_one_probe_with_an_alarm() {
    let mut shell = Shell::new();
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    let exchange = shell.serve_until(Method::Put);
    shell.answer(exchange.attempt, refusal(418, "teapot"));
    let mut probes = 0;
    for _ in 0..20 {
        let Some(exchange) = shell.flying.first().cloned() else { break };
        match exchange.request.method {
            Method::Get => {
                probes += 1;
                shell.serve_one();
            }
            _ => shell.answer(exchange.attempt, refusal(418, "teapot")),
        }
    }
    shell.run(60);
    assert_eq!(shell.state(id), State::Review, "{:?}", shell.status(id));
    assert!(probes <= 1, "{probes} probes");
    assert!(shell.notices.iter().any(|notice| matches!(notice, Notice::Alarm { .. })));
}

#[test]
fn merging_has_a_budget_and_ends_in_review_with_a_reason() {
    let mut shell = Shell::with(Guard::Monotonic, Limits { merges_max: 3, ..Limits::default() });
    shell.target.racing = 1000;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(600);
    assert_eq!(shell.state(id), State::Review, "{:?}", shell.status(id));
    assert!(shell.status(id).reason.is_some());
    assert!(shell.target.count(Method::Put) <= 4, "{}", shell.target.count(Method::Put));
    assert!(shell.target.accepted.is_empty());
}

#[test]
fn a_few_races_are_merged_through() {
    let mut shell = Shell::new();
    shell.target.racing = 5;
    let id = shell.submit("s", patch("a-1", json!({"score": 85})));
    shell.run(600);
    assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
    assert_eq!(shell.target.note("a-1")["comments"], "race 0");
}

#[test]
fn a_client_that_wants_bare_semantics_is_refused_and_not_merged() {
    let mut shell = Shell::new();
    shell.target.edit(shell.now, "a-1", "eve", &json!({"comments": "hers"}));
    let body = json!({"change": {"merge_patch": {"score": 85}}, "base": {"version": 1}});
    let id = shell.submit_as("s", wish("a-1", body), |submission| submission.strict = true);
    shell.run(60);
    assert_eq!(shell.state(id), State::Rejected, "{:?}", shell.status(id));
    assert_eq!(shell.target.note("a-1")["score"], 80);
}

#[test]
fn a_creation_gets_its_id_and_a_second_source_shares_its_lane() {
    let mut shell = Shell::new();
    let body = json!({"owner": "o-new", "score": 70, "comments": "", "tags": [], "items": []});
    let create = || -> Intent {
        serde_json::from_value(json!({
            "resource": {"org": "acme", "kind": "note", "key": {"owner": "o-new"}},
            "change": {"create": body},
        }))
        .unwrap()
    };
    let first = shell.submit("s", create());
    let second = shell.submit("t", create());
    shell.run(60);
    assert_eq!(shell.state(first), State::Landed, "{:?}", shell.status(first));
    let made: BTreeSet<&str> = shell.target.accepted.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!((shell.target.accepted.len(), made.len()), (1, 1), "one record is made");
    let id = shell.status(first).result.as_ref().unwrap().id.clone();
    assert_eq!(id.as_deref(), made.first().copied(), "the answer names the record");
    assert!(matches!(shell.state(second), State::Landed | State::Satisfied), "{:?}", shell.status(second));
}

#[test]
fn the_name_by_key_means_the_made_record_also_after_a_restart() {
    let mut shell = Shell::new();
    let by_key = |change: Value| -> Intent {
        let resource = json!({"org": "acme", "kind": "note", "key": {"owner": "o-new"}});
        serde_json::from_value(json!({"resource": resource, "change": change})).unwrap()
    };
    let body = json!({"owner": "o-new", "score": 70, "comments": "", "tags": [], "items": []});
    shell.submit("s", by_key(json!({"create": body})));
    shell.run(60);
    shell.crash();
    let later = shell.submit("s", by_key(json!({"merge_patch": {"score": 71}})));
    shell.run(60);
    assert_eq!(shell.state(later), State::Landed, "{:?}", shell.status(later));
    assert_eq!(shell.target.note("new-6")["score"], 71);
}

#[test]
fn a_creation_whose_answer_is_lost_is_not_made_twice() {
    for takes_effect in [true, false] {
        let mut shell = Shell::new();
        let body = json!({"owner": "o-new", "score": 70, "comments": "", "tags": [], "items": []});
        let intent: Intent = serde_json::from_value(json!({
            "resource": {"org": "acme", "kind": "note", "key": {"owner": "o-new"}},
            "change": {"create": body},
        }))
        .unwrap();
        let id = shell.submit("s", intent);
        let create = shell.serve_until(Method::Post);
        if takes_effect {
            shell.target.answer(shell.now, &create.request);
        }
        shell.fail(create.attempt, crate::Failure::NoAnswer);
        assert_eq!(shell.state(id), State::Ambiguous);
        shell.run(7200);
        assert_eq!(shell.state(id), State::Landed, "{:?}", shell.status(id));
        assert_eq!(shell.target.accepted.len(), 1);
        let counted = shell.standing().ambiguous;
        let effect = |doubt: crate::WriteDoubt| (doubt.took_effect, doubt.no_effect, doubt.undecided);
        let (took, lost) = if takes_effect { (1, 0) } else { (0, 1) };
        assert_eq!(counted.iter().map(|(_, doubt)| effect(*doubt)).collect::<Vec<_>>(), [(took, lost, 0)]);
        // A restart does not forget it.
        shell.crash();
        assert_eq!(shell.standing().ambiguous, counted);
    }
}

#[test]
fn a_creation_of_which_a_copy_would_be_made_is_not_repeated_while_it_may_come() {
    for comes in [true, false] {
        let dialect = Notes { takes_copies: true, ..Notes::guarded_by(Guard::Monotonic) };
        let mut shell = Shell::on(Arc::new(dialect), Limits::default());
        shell.target.takes_copies = true;
        let body = json!({"owner": "o-new", "score": 70, "comments": "", "tags": [], "items": []});
        let resource = json!({"org": "acme", "kind": "note", "key": {"owner": "o-new"}});
        let intent = json!({"resource": resource, "change": {"create": body}});
        let id = shell.submit("s", serde_json::from_value(intent).unwrap());
        let create = shell.serve_until(Method::Post);
        let horizon = shell.store.attempts[&create.attempt].horizon;
        shell.fail(create.attempt, crate::Failure::NoAnswer);
        shell.run(600);
        if comes {
            shell.target.answer(shell.now, &create.request);
        }
        shell.run(7200);
        assert_eq!((shell.state(id), shell.target.accepted.len()), (State::Landed, 1), "{:?}", shell.status(id));
        let posts = shell.target.seen.iter().filter(|(_, request, _)| request.method == Method::Post);
        let later = posts.filter(|(at, ..)| *at > create.give_up_at).map(|(at, ..)| *at).collect::<Vec<_>>();
        // The late one itself, or one that is made when none can be late any more.
        assert_eq!(later.len(), 1, "{later:?}");
        assert_eq!(later[0] > horizon, !comes, "{later:?}");
    }
}
