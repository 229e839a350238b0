//! Plays a feed through a strategy: wishes when they arrive, people when they act, what follows
//! from both, until everything has ended or the time is up.

use super::feed::{Feed, News};
use super::run::Progress;
use super::wish::{Ended, Hand, Wish};
use crate::live::Stage;
use ifmatch_server::RunningSandbox;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often the state of things is looked at, wall time.
const TICK: Duration = Duration::from_millis(15);

/// Something that carries wishes out.
pub(super) trait Strategy {
    /// Takes wishes that arrive now.
    async fn take(&mut self, wishes: Vec<Wish>);

    /// What ended since the last call.
    async fn ended(&mut self) -> Vec<Ended>;

    /// How many have not ended and do not wait for a person.
    fn open(&self) -> usize;

    /// What is left when the play is over, as it stands: in review or pending.
    async fn finish(&mut self) -> Vec<Ended>;
}

/// Plays a feed to its end.
pub(super) async fn play(
    feed: &mut Feed,
    strategy: &mut impl Strategy,
    sandbox: &RunningSandbox,
    stage: &Stage,
    progress: &Progress,
) -> Vec<Ended> {
    let mut all: Vec<Ended> = Vec::new();
    let mut seen = 0;
    loop {
        let now_ms = stage.now_ms();
        act(sandbox, stage, &feed.hands_until(now_ms));
        let due = feed.wishes_until(now_ms);
        let arrived = due.len();
        if !due.is_empty() {
            strategy.take(due).await;
        }
        let fresh = strategy.ended().await;
        progress(arrived, fresh.len());
        let publishes = finished_publishes(sandbox, &mut seen);
        feed.react(&News { ended: &fresh, publishes, now_ms: stage.now_ms() });
        all.extend(fresh);
        if (feed.is_over() && strategy.open() == 0) || Instant::now() >= stage.until {
            let left = strategy.finish().await;
            progress(0, left.len());
            all.extend(left);
            return all;
        }
        match feed.next_ms() {
            // Whichever comes first: what is due next, or the next look at how things stand.
            Some(at) => drop(tokio::time::timeout(TICK, stage.pause(at - stage.now_ms())).await),
            None => tokio::time::sleep(TICK).await,
        }
    }
}

/// A person who meets a lock or a rule gives up.
fn act(sandbox: &RunningSandbox, stage: &Stage, hands: &[Hand]) {
    for hand in hands {
        let at = stage.instant_ms();
        drop(sandbox.with(|sandbox| sandbox.edit(at, &hand.path, &hand.patch, hand.by)));
    }
}

/// How many publishes ended since the last look; `seen` is the place in the ledger.
fn finished_publishes(sandbox: &RunningSandbox, seen: &mut usize) -> usize {
    sandbox.with(|sandbox| {
        let ledger = sandbox.ledger();
        let fresh = ledger.get(*seen..).unwrap_or_default();
        *seen = ledger.len();
        let ends = |entry: &&Arc<ifmatch_sandbox::LedgerEntry>| {
            entry
                .changes
                .iter()
                .any(|c| c.path == "/state" && c.before.as_ref().is_some_and(|state| state == "pending"))
        };
        fresh.iter().filter(ends).count()
    })
}
