//! Behaviour of the clock.

use super::*;

#[test]
fn a_scaled_clock_starts_at_its_origin_and_runs_at_its_speed() {
    let origin: Timestamp = "2026-03-29T00:00:00Z".parse().unwrap();
    let clock = Clock::scaled(origin, 1000.0);
    let first = clock.now();
    assert!(first >= origin);
    std::thread::sleep(Duration::from_millis(20));
    let passed = clock.now().duration_since(first);
    assert!(passed >= SignedDuration::from_secs(20), "20 ms of wall time are 20 s: {passed:?}");
}

#[test]
fn a_clock_with_a_beat_stands_still_when_the_beat_stops() {
    let clock = Clock::scaled(Timestamp::UNIX_EPOCH, 1000.0);
    clock.beat(Some(Duration::from_millis(5)));
    let start = clock.now();
    std::thread::sleep(Duration::from_millis(20));
    let stopped = clock.now();
    let passed = stopped.duration_since(start);
    assert!(passed <= SignedDuration::from_secs(5), "5 ms at a thousandfold speed: {passed:?}");
    std::thread::sleep(Duration::from_millis(20));
    assert_eq!(clock.now(), stopped);
    clock.beat(None);
    std::thread::sleep(Duration::from_millis(20));
    let passed = clock.now().duration_since(stopped);
    assert!(passed >= SignedDuration::from_secs(20), "it runs freely again: {passed:?}");
}

#[test]
fn spans_convert_both_ways() {
    let clock = Clock::scaled(Timestamp::UNIX_EPOCH, 60.0);
    assert_eq!(clock.to_wall(SignedDuration::from_secs(30)), Duration::from_millis(500));
    assert_eq!(clock.from_wall(Duration::from_secs(1)), SignedDuration::from_secs(60));
    assert_eq!(clock.to_wall(SignedDuration::from_secs(-5)), Duration::ZERO, "the past needs no waiting");
}

#[test]
fn the_wall_clock_never_runs_backwards() {
    let clock = Clock::wall();
    let mut latest = clock.now();
    for _ in 0..1000 {
        let now = clock.now();
        assert!(now >= latest);
        latest = now;
    }
}

#[tokio::test]
async fn waiting_ends_with_the_future_or_with_the_time() {
    let clock = Clock::scaled(Timestamp::UNIX_EPOCH, 1000.0);
    let soon = clock.now() + SignedDuration::from_secs(5);
    assert_eq!(clock.until(soon, std::future::ready(7)).await, Some(7));
    assert_eq!(clock.until(soon, std::future::pending::<()>()).await, None);
    assert!(clock.now() >= soon);
}

#[tokio::test]
async fn a_clock_that_is_put_forward_wakes_its_sleepers() {
    let clock = Clock::wall();
    let tomorrow = clock.now() + SignedDuration::from_hours(24);
    let sleeper = tokio::spawn({
        let clock = clock.clone();
        async move { clock.sleep_until(tomorrow).await }
    });
    tokio::task::yield_now().await;
    clock.advance(Duration::from_secs(25 * 3600));
    sleeper.await.unwrap();
    assert!(clock.now() >= tomorrow);
}
