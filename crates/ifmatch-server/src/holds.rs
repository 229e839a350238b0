//! Keeps the holds of an org in step with its log: a look from time to time, and one before each answer.

use crate::clock::Clock;
use crate::driver::OrgHandle;
use crate::lines;
use crate::problem::Fault;
use crate::stop::stopped;
use ifmatch_core::{SignedDuration, Timestamp};
use ifmatch_sources::holds::{Holds, KEPT};
use ifmatch_store::StoreError;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;

/// How often the log is looked at where nobody asks: then there is little to read when somebody does.
const LOOK: SignedDuration = SignedDuration::from_secs(5);

/// The holds of an org, as handlers ask for them.
#[derive(Clone)]
pub(crate) struct HoldsDoor {
    org: OrgHandle,
    /// `None` until the last week was read.
    read: Arc<Mutex<Option<Read>>>,
}

/// What was made of the log up to a leaf.
struct Read {
    holds: Holds,
    place: u64,
}

/// Starts to follow the log of an org.
pub(crate) fn start(org: &OrgHandle, clock: &Clock, mut stop: watch::Receiver<bool>) -> (HoldsDoor, JoinHandle<()>) {
    let door = HoldsDoor { org: org.clone(), read: Arc::default() };
    let (follower, clock) = (door.clone(), clock.clone());
    let follow = async move {
        follower.org.ready().await;
        loop {
            if let Err(error) = follower.look(clock.now()).await {
                tracing::error!(org = %follower.org.org, ?error, "the log could not be read for holds");
            }
            clock.sleep_until(clock.now() + LOOK).await;
        }
    };
    let task = tokio::spawn(async move {
        tokio::select! {
            () = follow => {}
            () = stopped(&mut stop) => {}
        }
    });
    (door, task)
}

impl HoldsDoor {
    /// What the holds say, with everything in that is durable by now.
    ///
    /// # Errors
    /// `NotReady` while the last week is read for the first time.
    pub(crate) async fn ask<T>(&self, ask: impl FnOnce(&Holds) -> T) -> Result<T, Fault> {
        let mut read = self.read.lock().await;
        let read = read.as_mut().ok_or(Fault::NotReady)?;
        self.catch_up(read).await?;
        Ok(ask(&read.holds))
    }

    async fn look(&self, now: Timestamp) -> Result<(), Fault> {
        let mut first = None;
        if self.read.lock().await.is_none() {
            // Nobody waits for this: it may be long.
            first = Some(self.begin(now).await?);
        }
        let mut read = self.read.lock().await;
        if let Some(first) = first {
            *read = Some(first);
        }
        match read.as_mut() {
            Some(read) => self.catch_up(read).await,
            None => Ok(()),
        }
    }

    /// Everything of the last week.
    async fn begin(&self, now: Timestamp) -> Result<Read, Fault> {
        let since = now.checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        let read = move |store: &mut dyn ifmatch_store::Store, org: &_| {
            let place = lines::first_at(store, org, since)?;
            Ok::<_, StoreError>((place, lines::open(store, org)?.0))
        };
        let (place, open) = self.org.read(read).await?;
        let mut holds = Holds::new(Arc::clone(&self.org.dialect) as _, since);
        open.iter().for_each(|line| holds.take_open(line));
        let mut read = Read { holds, place };
        self.catch_up(&mut read).await?;
        Ok(read)
    }

    async fn catch_up(&self, read: &mut Read) -> Result<(), Fault> {
        loop {
            let from = read.place;
            // Where an intent comes from holds nobody.
            let none = BTreeSet::new();
            let (lines, next) = self.org.read(move |store, org| lines::since(store, org, from, &none)).await?;
            lines.iter().for_each(|line| read.holds.take(line));
            read.place = next;
            if next == from {
                return Ok(());
            }
        }
    }
}
