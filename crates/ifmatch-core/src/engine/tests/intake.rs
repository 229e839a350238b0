//! The same intent again: keys, fingerprints, and what is refused at the door.

use super::shell::{Shell, patch, wish};
use crate::effect::Refusal;
use crate::hash::Digest;
use crate::input::Fingerprint;
use crate::intent::{Intent, Resource};
use crate::states::State;
use crate::wire::Method;
use serde_json::json;

fn keyed(score: i64) -> Intent {
    wish("a-1", json!({"change": {"merge_patch": {"score": score}}, "idempotency_key": "k-1"}))
}

#[test]
fn the_same_key_and_content_is_the_first_intent_again() {
    let mut shell = Shell::new();
    let first = shell.submit("s", keyed(85));
    let early = shell.submit("s", keyed(85));
    shell.run(10);
    let late = shell.submit("s", keyed(85));
    assert_eq!(shell.told(first), Ok((first, false)));
    assert_eq!(shell.told(early), Ok((first, true)));
    assert_eq!(shell.told(late), Ok((first, true)));
    shell.run(10);
    assert_eq!((shell.store.intents.len(), shell.target.accepted.len()), (1, 1));
}

#[test]
fn what_a_sender_keeps_is_durable_with_its_intent_and_not_with_a_repetition() {
    let mut shell = Shell::new();
    let mut say = |score, word: &str| {
        shell.submit_as("s", keyed(score), |it| it.keep = vec![("apart/said".to_owned(), json!(word))]);
        shell.store.kept.get("apart/said").cloned()
    };
    assert_eq!(say(85, "first"), Some(json!("first")));
    assert_eq!(say(85, "again"), Some(json!("first")));
    assert_eq!(say(86, "refused"), Some(json!("first")));
}

#[test]
fn the_same_key_with_another_content_is_a_mismatch() {
    let mut shell = Shell::new();
    let first = shell.submit("s", keyed(85));
    let second = shell.submit("s", keyed(86));
    assert_eq!(shell.told(second), Err(Refusal::IdempotencyMismatch { first }));
    assert_eq!(shell.store.intents.len(), 1);
}

#[test]
fn keys_belong_to_their_source() {
    let mut shell = Shell::new();
    shell.submit("s", keyed(85));
    let other = shell.submit("t", keyed(86));
    assert_eq!(shell.told(other), Ok((other, false)));
}

#[test]
fn keys_outlive_a_restart() {
    let mut shell = Shell::new();
    let first = shell.submit("s", keyed(85));
    shell.run(10);
    shell.crash();
    let again = shell.submit("s", keyed(85));
    let mismatch = shell.submit("s", keyed(86));
    assert_eq!(shell.told(again), Ok((first, true)));
    assert_eq!(shell.told(mismatch), Err(Refusal::IdempotencyMismatch { first }));
}

#[test]
fn a_duplicate_is_not_told_before_the_first_is_durable() {
    let mut shell = Shell::new();
    shell.store_rests = true;
    let first = shell.submit("s", keyed(85));
    let again = shell.submit("s", keyed(85));
    assert!(shell.notices.is_empty(), "{:?}", shell.notices);
    shell.fail_store();
    assert_eq!(shell.told(first), Err(Refusal::Unavailable));
    assert_eq!(shell.told(again), Err(Refusal::Unavailable));
}

/// A proxied write without a key, sent again.
fn proxied(shell: &mut Shell, source: &str, versioned: bool) -> crate::IntentId {
    let fingerprint = Fingerprint { digest: Digest::of(b"PATCH /notes/a-1 85"), versioned };
    shell.submit_as(source, patch("a-1", json!({"score": 85})), |submission| {
        submission.fingerprint = Some(fingerprint);
        submission.proxied = true;
    })
}

#[test]
fn a_repeated_write_joins_the_first_while_that_is_open() {
    for versioned in [true, false] {
        let mut shell = Shell::new();
        let first = proxied(&mut shell, "s", versioned);
        shell.serve_until(Method::Put);
        let again = proxied(&mut shell, "s", versioned);
        assert_eq!(shell.told(again), Ok((first, true)));
        let other = proxied(&mut shell, "t", versioned);
        assert_eq!(shell.told(other), Ok((other, false)), "another source is another sender");
    }
}

#[test]
fn a_repeated_write_that_names_a_version_is_a_replay() {
    let mut shell = Shell::new();
    let first = proxied(&mut shell, "s", true);
    shell.run(10);
    assert_eq!(shell.state(first), State::Landed);
    let again = proxied(&mut shell, "s", true);
    assert_eq!(shell.told(again), Ok((first, true)));
}

#[test]
fn a_repeated_write_without_a_version_is_a_new_wish_once_the_first_is_done() {
    let mut shell = Shell::new();
    proxied(&mut shell, "s", false);
    shell.run(10);
    let again = proxied(&mut shell, "s", false);
    assert_eq!(shell.told(again), Ok((again, false)));
}

#[test]
fn what_cannot_be_an_intent_is_refused_at_the_door() {
    let mut shell = Shell::new();
    let mut foreign = patch("a-1", json!({"score": 85}));
    foreign.resource = foreign.resource.in_org(&"other".into());
    let mut unknown = patch("a-1", json!({"score": 85}));
    unknown.resource = Resource::by_id(&unknown.resource.org, "nothing", "a-1");
    for bad in [foreign, unknown, patch("a-1", json!([1]))] {
        let id = shell.submit("s", bad);
        assert!(matches!(shell.told(id), Err(Refusal::Intent(_))), "{:?}", shell.told(id));
    }
    assert!(shell.store.intents.is_empty());
}
