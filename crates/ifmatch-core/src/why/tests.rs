//! One paragraph per state and case.

use super::*;
use crate::evidence::Class;
use crate::hash::value_digest;
use crate::ids::IntentId;
use crate::intent::Intent;
use crate::record::{ConflictNote, Heard, IntentStatus, Seen, Settled};
use serde_json::{Value, json};
use std::sync::Arc;

/// `06:02:10` of the day that the tests are about.
fn at(clock: &str) -> Timestamp {
    format!("2026-03-29T{clock}Z").parse().unwrap()
}

fn id(number: u8) -> IntentId {
    format!("int_0000000000000000000000000{number}").parse().unwrap()
}

fn in_state(state: State, code: &str, reason: &str) -> IntentStatus {
    let mut status = IntentStatus::accepted(at("06:02:10"));
    status.state = state;
    status.settled_at = state.is_terminal().then(|| at("06:02:10"));
    status.code = (!code.is_empty()).then(|| code.to_owned());
    status.reason = (!reason.is_empty()).then(|| reason.to_owned());
    status
}

fn refused(mut status: IntentStatus, class: Class, label: &str, message: &str, times: u32) -> IntentStatus {
    status.attempts = times;
    status.heard =
        Some(Heard { class, label: label.to_owned(), message: message.to_owned(), at: at("06:02:10"), times });
    status
}

fn waits_for(next: Next) -> Outlook {
    Outlook {
        next,
        domain: "agent/6f1c".to_owned(),
        contended_at: None,
        lock_ends: None,
        dependency_ends: None,
        lagging: false,
        trouble: None,
        unresolved: None,
        deadline: None,
        merges_max: 12,
        ambiguity_max: 8,
    }
}

fn record(change: Value, status: IntentStatus) -> IntentRecord {
    let resource = json!({"org": "acme", "kind": "quality-score", "id": "qs-118"});
    let intent: Intent = serde_json::from_value(json!({"resource": resource, "change": change})).unwrap();
    IntentRecord {
        id: id(1),
        source: "servicenow".into(),
        resource: intent.resource.clone(),
        intent: Arc::new(intent),
        order: 1,
        accepted_at: at("06:00:00"),
        accepted_there: None,
        strict: false,
        whole: false,
        proxied: false,
        fingerprint: None,
        status: status.into(),
    }
}

/// Compares what follows the names.
#[track_caller]
fn check(status: IntentStatus, outlook: Option<Outlook>, expected: &str) {
    let record = record(json!({"merge_patch": {"score": 85}}), status);
    let text = why(&record, outlook.as_ref(), None);
    let head = format!("{} of servicenow for quality-score qs-118 ", id(1));
    assert_eq!(text.strip_prefix(&head), Some(expected), "{text}");
}

#[test]
fn accepted_and_first_in_line() {
    check(
        in_state(State::Accepted, "", ""),
        Some(waits_for(Next::Line)),
        "is accepted since 2026-03-29T06:02:10Z: it is stored, and nothing was decided yet; it is next in line.",
    );
}

#[test]
fn an_intent_of_which_the_engine_knows_nothing_has_no_next() {
    check(
        in_state(State::Accepted, "", ""),
        None,
        "is accepted since 2026-03-29T06:02:10Z: it is stored, and nothing was decided yet.",
    );
}

#[test]
fn accepted_and_behind_what_it_waits_for() {
    let cases = [
        (Next::Turn, "its turn is under way"),
        (Next::NotBefore(at("22:00:00")), "nothing is sent for it before 22:00:00"),
        (Next::Look("2026-03-30T00:00:05Z".parse().unwrap()), "it is looked at again at 2026-03-30T00:00:05Z"),
        (Next::Barrier, "earlier changes that it must carry are still on their way"),
        (Next::Company, "it waits a moment for others of its envelope"),
        (Next::Token { again_at: Some(at("06:03:00")) }, "the org has no token, which is asked for again at 06:03:00"),
        (Next::Token { again_at: None }, "the org has no token, which is asked for"),
    ];
    for (next, said) in cases {
        let expected =
            format!("is accepted since 2026-03-29T06:02:10Z: it is stored, and nothing was decided yet; {said}.");
        check(in_state(State::Accepted, "", ""), Some(waits_for(next)), &expected);
    }
}

#[test]
fn accepted_while_the_target_is_down() {
    let trouble = Some("503 unavailable: come again".to_owned());
    let outlook = Outlook { trouble, ..waits_for(Next::Look(at("06:02:12"))) };
    check(
        in_state(State::Accepted, "", ""),
        Some(outlook),
        "is accepted since 2026-03-29T06:02:10Z: it is stored, and its record cannot be read (503 unavailable: come again); \
         it is looked at again at 06:02:12.",
    );
}

#[test]
fn stale_and_merged_again() {
    let mut status = refused(
        in_state(State::Queued, "queued/stale", "the record changed: merged again"),
        Class::Stale,
        "412 Precondition Failed",
        "version mismatch",
        2,
    );
    status.spent.merges = 2;
    check(
        status,
        Some(waits_for(Next::Line)),
        "is queued since 2026-03-29T06:02:10Z: the target refused it twice, last at 06:02:10 with 412 Precondition Failed \
         \"version mismatch\", so the record has moved; it is merged again with what the target holds, 2 of 12 times; it \
         is next in line.",
    );
}

#[test]
fn a_label_that_a_read_must_bear_out() {
    let status = refused(
        in_state(State::Queued, "queued/probe", "read again after 409 DuplicateRequest"),
        Class::Duplicate,
        "409 DuplicateRequest",
        "already exists",
        1,
    );
    check(
        status,
        Some(waits_for(Next::Turn)),
        "is queued since 2026-03-29T06:02:10Z: the target refused it once at 06:02:10 with 409 DuplicateRequest \"already \
         exists\", which a read must bear out before it counts; its record is read, and it is sent once more; its turn \
         is under way.",
    );
}

#[test]
fn planned_and_sent() {
    check(
        in_state(State::Planned, "", ""),
        Some(waits_for(Next::Turn)),
        "is planned since 2026-03-29T06:02:10Z: it is merged with what the target holds and about to be written; its turn \
         is under way.",
    );
    let mut status = in_state(State::Sent, "", "");
    status.attempts = 1;
    check(
        status,
        Some(waits_for(Next::Turn)),
        "is sent since 2026-03-29T06:02:10Z: write 1 of it is on its way; its answer is waited for.",
    );
}

#[test]
fn tracking_a_run() {
    check(
        in_state(State::Tracking, "tracking/joined", "joined the run that goes on"),
        Some(waits_for(Next::Look(at("06:03:00")))),
        "is tracking since 2026-03-29T06:02:10Z: joined the run that goes on; it is looked at again at 06:03:00.",
    );
}

#[test]
fn a_lock_by_its_label() {
    let status = refused(
        in_state(State::Parked, "parked/lock", "being modified by another process"),
        Class::Lock,
        "409 InUse",
        "being modified by\nanother process",
        1,
    );
    let mut outlook = waits_for(Next::Probe { waiting: 1, at: at("06:02:14") });
    outlook.lock_ends = Some(at("06:32:10"));
    outlook.deadline = Some(at("07:00:00"));
    check(
        status,
        Some(outlook),
        "is parked since 2026-03-29T06:02:10Z: the target refused it once at 06:02:10 with 409 InUse \"being modified by \
         another process\", so it is taken as a lock on agent/6f1c; one probe goes out at 06:02:14; it gives up at \
         06:32:10 and then a person decides; its deadline is 07:00:00.",
    );
}

#[test]
fn a_lock_that_calls_itself_stale() {
    let status = refused(
        in_state(State::Parked, "parked/contended", "the resource has been modified since last read"),
        Class::Stale,
        "409 ResourceConflictException",
        "The resource has been modified since last read",
        2,
    );
    let mut outlook = waits_for(Next::Probe { waiting: 3, at: at("06:04:31") });
    outlook.contended_at = Some(14);
    outlook.lock_ends = Some(at("06:47:10"));
    check(
        status,
        Some(outlook),
        "is parked since 2026-03-29T06:02:10Z: the target refused it twice, last at 06:02:10 with 409 \
         ResourceConflictException \"The resource has been modified since last read\" while reads still show version 14, \
         so it is taken as a lock on agent/6f1c; one probe for all 3 records that wait goes out at 06:04:31; it gives up \
         at 06:47:10 and then a person decides.",
    );
}

#[test]
fn a_dependency_has_a_bound_of_its_own() {
    let status = refused(
        in_state(State::Parked, "parked/dependency", "agent has a pending trade"),
        Class::Dependency,
        "403 forbidden",
        "agent has a pending trade",
        1,
    );
    let mut outlook = waits_for(Next::Probe { waiting: 1, at: at("06:02:30") });
    outlook.lock_ends = Some(at("06:32:10"));
    outlook.dependency_ends = Some(at("18:02:10"));
    check(
        status,
        Some(outlook),
        "is parked since 2026-03-29T06:02:10Z: the target refused it once at 06:02:10 with 403 forbidden \"agent has a \
         pending trade\", so that is waited for and never settled by us; one probe goes out at 06:02:30; it gives up at \
         18:02:10 and then a person decides.",
    );
}

#[test]
fn deferred_by_the_budget_a_time_and_the_brake() {
    let status = refused(
        in_state(State::Deferred, "deferred/throttled", "rate limit"),
        Class::Throttled,
        "429",
        "rate limit exceeded",
        3,
    );
    check(
        status,
        Some(waits_for(Next::Budget { bucket: "token".to_owned(), until: at("06:03:00") })),
        "is deferred since 2026-03-29T06:02:10Z: the target refused it 3 times, last at 06:02:10 with 429 \"rate limit \
         exceeded\", so the budget is closed; the budget token is closed until 06:03:00.",
    );
    check(
        in_state(State::Deferred, "deferred/brake", "the brake is on"),
        Some(waits_for(Next::Brake)),
        "is deferred since 2026-03-29T06:02:10Z: the brake is on; the brake holds it until `ifmatch resume`.",
    );
}

#[test]
fn ambiguous_until_it_is_told() {
    let status = refused(
        in_state(State::Ambiguous, "ambiguous/no_answer", "the target did not answer"),
        Class::Ambiguous,
        "no answer",
        "the target did not answer",
        1,
    );
    let mut outlook = waits_for(Next::Look(at("06:02:20")));
    outlook.unresolved = Some(Unresolved {
        sent_at: at("06:01:40"),
        horizon: at("06:13:10"),
        resends: 1,
        own: true,
        told_by: ToldBy::Copies,
        alike: Doubt { took_effect: 1, no_effect: 3, undecided: 1 },
    });
    check(
        status,
        Some(outlook),
        "is ambiguous since 2026-03-29T06:02:10Z: a write of it came to nothing certain at 06:02:10 (no answer: the target \
         did not answer), so nobody can tell yet whether it took effect; the same conditional write is sent again and the \
         record read back until that is certain, and nothing else is written there before; it was sent again 1 of at most \
         8 times, and after 06:13:10 no copy of it can take effect; of 4 writes that failed so and were told, 1 had taken \
         effect: 25 % by that; it is looked at again at 06:02:20.",
    );
}

#[test]
fn behind_the_unresolved_write_of_another() {
    let mut outlook = waits_for(Next::Look(at("06:02:20")));
    outlook.unresolved = Some(Unresolved {
        sent_at: at("06:01:40"),
        horizon: at("06:13:10"),
        resends: 0,
        own: false,
        told_by: ToldBy::Copies,
        alike: Doubt::default(),
    });
    check(
        in_state(State::Queued, "", ""),
        Some(outlook),
        "is queued since 2026-03-29T06:02:10Z: first it must be told whether another write of 06:01:40 took effect; it was \
         sent again 0 of at most 8 times, and after 06:13:10 no copy of it can take effect; it is looked at again at \
         06:02:20.",
    );
}

#[test]
fn a_read_that_lags() {
    let outlook = Outlook { lagging: true, ..waits_for(Next::Look(at("06:02:12"))) };
    check(
        in_state(State::Queued, "", ""),
        Some(outlook),
        "is queued since 2026-03-29T06:02:10Z: reads lag behind a version already known; it is looked at again at 06:02:12.",
    );
}

fn conflict() -> ConflictNote {
    ConflictNote {
        path: ifmatch_merge::Pointer::parse("/score").unwrap(),
        base: Some(json!(80)),
        local: Some(json!(85)),
        remote: Some(json!(90)),
        remote_writer: Some("Mara Lind".to_owned()),
        seen: value_digest(Some(&json!(90))),
        candidates: Vec::new(),
        stretches: Vec::new(),
    }
}

#[test]
fn a_conflict_for_a_person() {
    let mut status = in_state(State::Review, "review/true_conflict", "Mara Lind changed /score meanwhile");
    status.conflict = vec![conflict()];
    let expected = format!(
        "is in review since 2026-03-29T06:02:10Z: Mara Lind changed /score meanwhile; at /score it started from 80 and \
         wants 85, and the target holds 90, written by Mara Lind; a person decides with `ifmatch intents resolve {} \
         --apply`, `--discard` or `--retry`.",
        id(1)
    );
    check(status, Some(waits_for(Next::Person)), &expected);
}

#[test]
fn a_refusal_for_a_person() {
    let rule = "an agent needs 11 hours of rest";
    let status = refused(in_state(State::Review, "review/rule", rule), Class::Rule, "422 RestViolation", rule, 2);
    let expected = format!(
        "is in review since 2026-03-29T06:02:10Z: the target refused it twice, last at 06:02:10 with 422 RestViolation \
         \"{rule}\", which is taken as a rule of the business; a person decides with `ifmatch intents resolve {} \
         --apply`, `--discard` or `--retry`.",
        id(1)
    );
    check(status, Some(waits_for(Next::Person)), &expected);
}

/// A shift of twelve activities, the one at this place with a code of its own.
fn shift(place: usize, code: &str) -> Value {
    let activity = |number: usize| {
        let code = if number == place { code } else { "on-queue-for-all-inbound-voice" };
        json!({"start": format!("2026-03-30T{:02}:00:00+02:00", 8 + number), "length_minutes": 60, "code": code})
    };
    let activities: Vec<Value> = (0..12).map(activity).collect();
    json!({"id": "sh-1", "start": "2026-03-30T08:00:00+02:00", "length_minutes": 720, "activities": activities})
}

fn shift_conflict(base: Option<Value>) -> ConflictNote {
    let stretch = ifmatch_merge::Stretch {
        from: "2026-03-30T09:00:00+02:00".to_owned(),
        until: "2026-03-30T10:00:00+02:00".to_owned(),
    };
    ConflictNote {
        path: ifmatch_merge::Pointer::parse("/shifts/sh-1").unwrap(),
        base,
        local: Some(shift(1, "training")),
        remote: Some(shift(1, "meeting")),
        stretches: vec![stretch],
        ..conflict()
    }
}

/// The clause about the sides, between the reason and what comes next.
fn told_of(change: Value, conflict: ConflictNote) -> String {
    let mut status = in_state(State::Review, "review/true_conflict", "R");
    status.conflict = vec![conflict];
    let text = why(&record(change, status), None, None);
    text.split("; ").nth(1).unwrap().trim_end_matches('.').to_owned()
}

#[test]
fn a_conflict_about_a_shift_is_told_by_its_hours_and_what_differs() {
    let said = told_of(json!({"merge_patch": {"shifts": []}}), shift_conflict(Some(shift(1, "meal"))));
    let part = |code: &str| {
        format!(r#"{{"activities":[{{"code":"{code}","length_minutes":60,"start":"2026-03-30T09:00:00+02:00"}},"…"]}}"#)
    };
    let (base, local, remote) = (part("meal"), part("training"), part("meeting"));
    assert_eq!(
        said,
        format!(
            "at /shifts/sh-1 from 2026-03-30T09:00:00+02:00 until 2026-03-30T10:00:00+02:00 it started from {base} and wants \
             {local}, and the target holds {remote}, written by Mara Lind"
        )
    );
}

#[test]
fn a_side_is_no_longer_than_a_person_reads() {
    let mut note = shift_conflict(None);
    (note.local, note.stretches) = (Some(json!({"id": "sh-1", "activities": ["x".repeat(400)]})), Vec::new());
    let said = told_of(json!({"merge_patch": {"shifts": []}}), note);
    assert!(said.starts_with("at /shifts/sh-1 it wants {") && said.contains('…'), "{said}");
    assert!(said.chars().count() < 350, "{said}");
}

#[test]
fn a_verb_started_from_the_record_as_it_was() {
    let verb = || json!({"verb": {"name": "move-shift", "args": {"shift_id": "sh-1", "minutes": 30}}});
    let (mut note, there) = (conflict(), "and the target holds 90, written by Mara Lind");
    note.base = None;
    assert_eq!(told_of(verb(), note.clone()), format!("at /score the verb move-shift would write 85, {there}"));
    note.local = None;
    assert_eq!(told_of(verb(), note.clone()), format!("at /score the verb move-shift would remove it, {there}"));
    (note.remote, note.remote_writer) = (None, None);
    let nothing = "at /score the verb move-shift finds nothing to change, and the target holds nothing";
    assert_eq!(told_of(verb(), note), nothing);
}

#[test]
fn of_two_elements_that_do_not_go_together_the_one_that_stays_is_shown_as_it_is() {
    let at = |id: &str| ifmatch_merge::Pointer::parse(&format!("/shifts/{id}")).unwrap();
    let at_hour = |id: &str, hour: u32| json!({"activities": [{"code": "phone"}], "id": id, "start": format!("2026-03-30T{hour:02}:00:00+02:00")});
    let mut status = in_state(State::Review, "review/invariant", "shifts sh-1 and sh-2 overlap");
    let note = |id: &str, from: u32, to: u32| ConflictNote {
        path: at(id),
        base: None,
        local: Some(at_hour(id, to)),
        remote: Some(at_hour(id, from)),
        remote_writer: None,
        ..conflict()
    };
    status.conflict = vec![note("sh-1", 8, 8), note("sh-2", 14, 10)];
    let verb = json!({"verb": {"name": "move-shift", "args": {"shift_id": "sh-2", "minutes": -240}}});
    let text = why(&record(verb, status), None, None);
    let said: Vec<&str> = text.trim_end_matches('.').split("; ").skip(1).collect();
    assert_eq!(
        said,
        [
            r#"at /shifts/sh-2 the verb move-shift would write {"start":"2026-03-30T10:00:00+02:00"}, and the target holds {"start":"2026-03-30T14:00:00+02:00"}"#,
            r#"at /shifts/sh-1 the target holds {"id":"sh-1","start":"2026-03-30T08:00:00+02:00"}, which stays as it is"#,
        ]
    );
}

#[test]
fn a_lock_that_never_opened_is_told_as_one() {
    let reason = "its record was locked for 2700 s";
    let status = in_state(State::Review, "review/lock_wait_exhausted", reason);
    let status = refused(status, Class::Stale, "409 ResourceConflictException", "modified since last read", 9);
    check(
        status,
        None,
        &format!(
            "is in review since 2026-03-29T06:02:10Z: {reason}; the target refused it 9 times, last at 06:02:10 with 409 \
             ResourceConflictException \"modified since last read\", which was waited for as a lock on its record."
        ),
    );
}

#[test]
fn landed_at_once_and_after_trouble() {
    let said = "score 80 → 85 at version 14, merged with changes by others";
    let mut status = in_state(State::Landed, "", said);
    status.attempts = 1;
    status.result = Some(Settled { version: Some(14), ..Settled::default() });
    check(status.clone(), None, &format!("landed at 2026-03-29T06:02:10Z: {said}; it took one write."));
    let mut status = refused(status, Class::Stale, "409 Conflict", "modified since", 2);
    status.attempts = 3;
    status.waited.lock = 41.2;
    check(
        status,
        None,
        &format!(
            "landed at 2026-03-29T06:02:10Z: {said}; before that the target refused it twice, last at 06:02:10 with 409 \
             Conflict \"modified since\"; it took 3 writes and 41 s of waiting for a lock."
        ),
    );
}

#[test]
fn satisfied_names_its_evidence() {
    let mut status = in_state(State::Satisfied, "satisfied/equal", "the target holds these values already");
    status.seen = Some(Seen { version: Some(14), at: at("06:02:09") });
    check(
        status,
        None,
        "was satisfied at 2026-03-29T06:02:10Z: the target holds these values already; that rests on version 14 as read at \
         06:02:09; it took no write.",
    );
}

#[test]
fn superseded_names_the_one_in_its_place() {
    let mut status =
        in_state(State::Superseded, "superseded/newer_intent", "another of the same source covers every path");
    status.winner = Some(id(2));
    let expected = format!(
        "was superseded at 2026-03-29T06:02:10Z: another of the same source covers every path; it took no write; \
         `ifmatch why {}` tells of the one in its place.",
        id(2)
    );
    check(status, None, &expected);
}

#[test]
fn rejected_says_what_refused_it() {
    let status = refused(
        in_state(State::Rejected, "rejected/invalid", "score: must be at most 100"),
        Class::Invalid,
        "400 ValidationError",
        "must be at most 100",
        1,
    );
    check(
        status,
        None,
        "was rejected at 2026-03-29T06:02:10Z: score: must be at most 100; the target refused it once at 06:02:10 with 400 \
         ValidationError \"must be at most 100\"; it took one write.",
    );
    let mut status = in_state(State::Rejected, "rejected/true_conflict", "Mara Lind changed /score meanwhile");
    status.conflict = vec![conflict()];
    check(
        status,
        None,
        "was rejected at 2026-03-29T06:02:10Z: Mara Lind changed /score meanwhile; at /score it started from 80 and wants \
         85, and the target holds 90, written by Mara Lind; it took no write.",
    );
}

#[test]
fn expired_cancelled_and_discarded_say_why() {
    let cases = [
        (
            State::Expired,
            "expired/lock",
            "its deadline passed while its record was locked; it is 130 s old",
            "expired at",
        ),
        (State::Cancelled, "cancelled/withdrawn", "withdrawn by servicenow", "was cancelled at"),
        (State::Discarded, "discarded/decision", "decided by Mara Lind", "was discarded at"),
    ];
    for (state, code, reason, verb) in cases {
        check(
            in_state(state, code, reason),
            None,
            &format!("{verb} 2026-03-29T06:02:10Z: {reason}; it took no write."),
        );
    }
}

#[test]
fn a_status_stored_before_evidence_was_kept_is_still_read() {
    let mut stored = serde_json::to_value(in_state(State::Parked, "parked/lock", "in use")).unwrap();
    let members = stored.as_object_mut().unwrap();
    assert!(members.remove("heard").is_none() && members.remove("seen").is_none(), "absent ones are not stored");
    let status: IntentStatus = serde_json::from_value(stored).unwrap();
    check(
        status,
        Some(waits_for(Next::Probe { waiting: 1, at: at("06:02:14") })),
        "is parked since 2026-03-29T06:02:10Z: in use; one probe goes out at 06:02:14.",
    );
}
