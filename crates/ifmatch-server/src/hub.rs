//! Tells those who wait for an intent, and those who follow all of them, that it changed.

use ifmatch_core::{IntentId, IntentStatus, Resource, Shared};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{broadcast, watch};

/// One durable change of an intent.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    /// The intent.
    pub(crate) id: IntentId,
    /// Its resource.
    pub(crate) resource: Resource,
    /// Its status.
    pub(crate) status: Shared<IntentStatus>,
}

/// How many changes a slow follower may be behind before it is told that it lost some.
const BACKLOG: usize = 1024;

type Latest = Option<Arc<Changed>>;

/// Followers of the intents of one org.
#[derive(Debug)]
pub(crate) struct Hub {
    waiting: Mutex<BTreeMap<IntentId, watch::Sender<Latest>>>,
    all: broadcast::Sender<Arc<Changed>>,
}

impl Hub {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { waiting: Mutex::default(), all: broadcast::Sender::new(BACKLOG) })
    }

    /// Tells everybody.
    pub(crate) fn tell(&self, changed: Changed) {
        let changed = Arc::new(changed);
        if let Some(sender) = self.lock().get(&changed.id) {
            sender.send_replace(Some(Arc::clone(&changed)));
        }
        // Nobody may be following.
        let _none = self.all.send(changed);
    }

    /// Follows one intent from here on.
    pub(crate) fn follow(self: &Arc<Self>, id: IntentId) -> Follower {
        let mut waiting = self.lock();
        let sender = waiting.entry(id).or_insert_with(|| watch::Sender::new(None));
        Follower { id, latest: sender.subscribe(), hub: Arc::clone(self) }
    }

    /// Follows all intents from here on.
    pub(crate) fn follow_all(&self) -> broadcast::Receiver<Arc<Changed>> {
        self.all.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<IntentId, watch::Sender<Latest>>> {
        // The map is whole after every single step, whatever panicked.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Follows one intent; forgotten when dropped.
#[derive(Debug)]
pub(crate) struct Follower {
    id: IntentId,
    latest: watch::Receiver<Latest>,
    hub: Arc<Hub>,
}

impl Follower {
    /// The next change; `None` when there will be none, since the org's driver ended.
    pub(crate) async fn next(&mut self) -> Option<Arc<Changed>> {
        loop {
            self.latest.changed().await.ok()?;
            if let Some(changed) = self.latest.borrow_and_update().clone() {
                return Some(changed);
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let mut waiting = self.hub.lock();
        let mine_is_last = |sender: &watch::Sender<Latest>| sender.receiver_count() <= 1;
        if waiting.get(&self.id).is_some_and(mine_is_last) {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of followers.

    use super::*;
    use ifmatch_core::{OrgName, State, Timestamp};

    fn changed(id: u128, state: State) -> Changed {
        let mut status = IntentStatus::accepted(Timestamp::UNIX_EPOCH);
        status.state = state;
        let resource = Resource::by_id(&OrgName::from("acme"), "quality-score", "qs-1");
        Changed { id: IntentId(id), resource, status: status.into() }
    }

    #[tokio::test]
    async fn a_follower_sees_the_latest_change_of_its_intent_only() {
        let hub = Hub::new();
        let mut follower = hub.follow(IntentId(1));
        hub.tell(changed(2, State::Landed));
        hub.tell(changed(1, State::Queued));
        hub.tell(changed(1, State::Landed));
        let seen = follower.next().await.unwrap();
        assert_eq!((seen.id, seen.status.state), (IntentId(1), State::Landed));
    }

    #[test]
    fn the_last_follower_of_an_intent_leaves_nothing_behind() {
        let hub = Hub::new();
        let (one, other) = (hub.follow(IntentId(1)), hub.follow(IntentId(1)));
        drop(one);
        assert_eq!(hub.lock().len(), 1);
        drop(other);
        assert_eq!(hub.lock().len(), 0);
    }
}
