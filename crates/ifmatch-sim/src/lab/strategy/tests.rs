//! Each strategy against a target that answers from a script.

use super::*;
use serde_json::json;

/// What a scripted target answers.
#[derive(Clone, Copy)]
enum Says {
    Stale,
    Locked,
    Throttled(i64),
    Wrong,
    Silence,
    Taken,
}

/// Carries one item out; reads answer with growing versions and another score, writes from the
/// script, and again its last line. Returns what was done, a word each, and the end.
fn play(name: &str, script: &[Says], steps_max: usize) -> (Vec<String>, Option<End>) {
    let wanted = Wanted {
        kind: "quality-score".to_owned(),
        mine: json!({ "score": 85, "comments": "old" }),
        set: json!({ "score": 85 }),
        is_new: false,
    };
    let mut machine = entry(name).and_then(|entry| entry.make).expect("a loop")(wanted);
    let mut rng = Rng::named(1, name);
    let (mut done, mut heard, mut version, mut writes) = (Vec::new(), Heard::Begin, 0, 0);
    for _ in 0..steps_max {
        heard = match machine.next(heard, &mut rng) {
            Do::Read => {
                version += 1;
                done.push("read".to_owned());
                let stamp = Stamp { document: Some(version), part: None };
                Heard::Read(Reading { record: json!({ "score": 1, "comments": "new" }), stamp })
            }
            Do::Write(record, stamp) => {
                let named = stamp.document.unwrap_or(0);
                done.push(format!("write {} {} @{named}", record["score"], record["comments"].as_str().unwrap_or("-")));
                let says = script.get(writes).or(script.last()).copied().unwrap_or(Says::Taken);
                writes += 1;
                answer(says)
            }
            Do::Sleep(ms) => {
                done.push(format!("sleep {ms}"));
                Heard::Woken
            }
            Do::End(end) => return (done, Some(end)),
        };
    }
    (done, None)
}

fn answer(says: Says) -> Heard {
    let refused = |status, is_conflict, retry_after_ms| Heard::Refused(Refusal { status, is_conflict, retry_after_ms });
    match says {
        Says::Stale => refused(412, true, None),
        Says::Locked => refused(409, true, None),
        Says::Throttled(ms) => refused(429, false, Some(ms)),
        Says::Wrong => refused(422, false, None),
        Says::Silence => Heard::Nothing,
        Says::Taken => Heard::Written,
    }
}

fn check(name: &str, script: &[Says], expected: &[&str], end: End) {
    let (done, ended) = play(name, script, 200);
    assert_eq!(done, expected, "{name}");
    assert_eq!(ended, Some(end), "{name}");
}

/// The pauses of a loop that is always refused.
fn pauses(name: &str, steps_max: usize) -> Vec<i64> {
    let (done, _) = play(name, &[Says::Stale], steps_max);
    done.iter().filter_map(|step| step.strip_prefix("sleep ")?.parse().ok()).collect()
}

#[test]
fn all_land_at_once_where_nobody_refuses() {
    for one in STRATEGIES.iter().filter(|one| one.make.is_some()) {
        let comments = if one.name == "kubernetes" { "new" } else { "old" };
        check(one.name, &[Says::Taken], &["read", &format!("write 85 {comments} @1")], End::Landed);
    }
}

#[test]
fn blind_retry_sends_the_same_request_six_times_without_a_pause() {
    let mut expected = vec!["read"];
    expected.extend(["write 85 old @1"; 6]);
    check("blind-retry", &[Says::Stale], &expected, End::Discarded);
}

#[test]
fn backoff_keeps_the_first_version() {
    let same = "write 85 old @1";
    let expected = ["read", same, "sleep 2000", same, "sleep 4000", same, "sleep 8000", same];
    check("backoff-same-etag", &[Says::Stale], &expected, End::Discarded);
}

#[test]
fn naive_refresh_puts_the_fresh_version_on_its_old_payload() {
    let (first, second) = ("write 85 old @1", "write 85 old @2");
    check("naive-refresh", &[Says::Stale, Says::Taken], &["read", first, "sleep 500", "read", second], End::Landed);
    assert_eq!(pauses("naive-refresh", 200), [500, 500, 500]);
}

#[test]
fn jitter_waits_within_its_range() {
    let pauses = pauses("jitter-200-500", 200);
    assert_eq!(pauses.len(), 10);
    assert!(pauses.iter().all(|ms| (200..=500).contains(ms)), "{pauses:?}");
}

#[test]
fn recursion_has_no_end() {
    let (done, end) = play("recursion-1-5s", &[Says::Locked], 900);
    assert_eq!(end, None);
    assert!(done.len() >= 890);
    assert!(pauses("recursion-1-5s", 900).iter().all(|ms| (1_000..=5_000).contains(ms)));
}

#[test]
fn terraform_waits_a_little_longer_each_time_27_seconds_in_all() {
    let pauses = pauses("terraform", 200);
    assert_eq!(pauses, [500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000]);
    assert_eq!(pauses.iter().sum::<i64>(), 27_500);
}

#[test]
fn kubernetes_applies_its_change_to_what_it_read_and_gives_up_after_five_steps() {
    let (done, end) = play("kubernetes", &[Says::Stale], 200);
    assert_eq!(end, Some(End::Discarded));
    let writes: Vec<&String> = done.iter().filter(|step| step.starts_with("write")).collect();
    assert_eq!(writes.len(), 5);
    assert_eq!(writes[4], "write 85 new @5");
    assert!(pauses("kubernetes", 200).iter().all(|ms| (10..=11).contains(ms)));
}

#[test]
fn kubernetes_obeys_retry_after_and_does_not_repeat_what_may_have_happened() {
    let read = ["read", "write 85 new @1"];
    check(
        "kubernetes",
        &[Says::Throttled(30_000), Says::Taken],
        &[&read[..], &["sleep 30000", "read", "write 85 new @2"]].concat(),
        End::Landed,
    );
    check("kubernetes", &[Says::Silence], &read, End::Discarded);
}

#[test]
fn what_is_wrong_in_itself_is_not_tried_again() {
    for one in STRATEGIES.iter().filter(|one| one.make.is_some()) {
        let (done, end) = play(one.name, &[Says::Wrong], 200);
        assert_eq!((done.len(), end), (2, Some(End::Rejected)), "{}", one.name);
    }
}

#[test]
fn loops_take_silence_for_a_refusal() {
    check(
        "naive-refresh",
        &[Says::Silence, Says::Taken],
        &["read", "write 85 old @1", "sleep 500", "read", "write 85 old @2"],
        End::Landed,
    );
}
