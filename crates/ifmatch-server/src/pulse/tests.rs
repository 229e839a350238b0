//! A clock with a pulse waits for the store.

use super::*;
use crate::testing::drive;
use ifmatch_core::{SignedDuration, Timestamp};
use ifmatch_store::MemoryStore;
use tokio::sync::{oneshot, watch};

const SPEED: f64 = 1000.0;

/// How far the clock goes in 200 ms of wall time while the store is busy for `busy` of them.
async fn passed_while_busy(busy: Duration) -> SignedDuration {
    let clock = Clock::scaled(Timestamp::UNIX_EPOCH, SPEED);
    let (_stop, stopping) = watch::channel(false);
    let org = drive("acme", Box::new(MemoryStore::default()), &clock, stopping);
    org.ready().await;
    let pulse = Pulse::start(&clock, vec![org.clone()], None);
    let (tell, begun) = oneshot::channel();
    let store = tokio::spawn(async move {
        org.read(move |_, _| {
            tell.send(()).unwrap();
            std::thread::sleep(busy);
            Ok(())
        })
        .await
    });
    begun.await.unwrap();
    let start = clock.now();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let passed = clock.now().duration_since(start);
    drop(pulse);
    store.await.unwrap().unwrap();
    let freed = clock.now();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(clock.now().duration_since(freed) >= SignedDuration::from_secs(20), "without a pulse it runs freely");
    passed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_stands_still_while_the_store_is_busy() {
    let busy = passed_while_busy(Duration::from_millis(400)).await;
    assert!(busy <= SignedDuration::from_secs(40), "a gap of 20 ms, and one that had begun: {busy:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_goes_on_while_nothing_is_busy() {
    let idle = passed_while_busy(Duration::ZERO).await;
    // Every beat counts, also on a machine that is busy with other things.
    assert!(idle > SignedDuration::from_secs(10), "{idle:?}");
}
