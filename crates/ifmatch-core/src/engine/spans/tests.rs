//! When a run is looked at.

use super::{Spans, Start, pause};
use jiff::{SignedDuration, Timestamp};

const LONGEST: SignedDuration = SignedDuration::from_secs(30);

fn s(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// The looks at a run, in seconds from its start, until one finds it ended.
fn looks(expected: i64, takes: i64) -> Vec<i64> {
    let mut at = SignedDuration::ZERO;
    let mut looks = Vec::new();
    while at < s(takes) {
        at += pause(at, s(expected), LONGEST);
        looks.push(at.as_secs());
    }
    looks
}

#[test]
fn looks_gather_where_the_run_may_end() {
    assert_eq!(looks(1200, 1200), [600, 1170, 1200]);
    assert_eq!(looks(1200, 1100), [600, 1170]);
    assert_eq!(looks(1200, 300), [600]);
    assert_eq!(looks(1200, 1275), [600, 1170, 1200, 1230, 1260, 1290]);
    assert_eq!(looks(32, 32), [16, 30, 32]);
}

#[test]
fn no_look_is_far_behind_an_end_that_was_expected_and_none_spins() {
    for expected in 1..200 {
        for takes in [expected - 1, expected, expected + 1] {
            let looks = looks(expected, takes);
            let late = looks.last().copied().unwrap_or(0) - takes;
            assert!(late <= 2 + expected / 8, "{expected} {takes}: {looks:?}");
            assert!(looks.len() <= 6, "{expected} {takes}: {looks:?}");
            assert!(looks.windows(2).all(|pair| pair[1] - pair[0] >= 1), "{looks:?}");
        }
    }
}

#[test]
fn what_was_learned_stands_while_no_look_contradicts_it() {
    let (mut spans, names) = (Spans::default(), ["publish week-7".to_owned(), "publish".to_owned()]);
    let start: Timestamp = "2026-03-02T08:00:00Z".parse().unwrap();
    let mut check = |seen: i64, ended: i64, learned: i64| {
        spans.learn(&names, &Start { at: start, carries: 1, seen: start + s(seen) }, start + s(ended));
        assert_eq!(spans.expected(&names), Some(s(learned)));
        assert_eq!(spans.expected(&names[1..]), Some(s(learned)));
        assert_eq!(spans.expected(&["export".to_owned()]), None);
    };
    check(1180, 1210, 1210);
    check(1170, 1220, 1210);
    check(0, 600, 600);
    check(600, 630, 630);
}
