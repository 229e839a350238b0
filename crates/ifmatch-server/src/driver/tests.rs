//! Behaviour of the driver over a memory store.

use super::*;
use crate::problem::Fault;
use crate::random;
use crate::testing::drive;
use ifmatch_audit::{Checkpoint, Record};
use ifmatch_core::{Commit, IntentId, IntentRecord, Recovery, Resource, ResourceRow, SourceName, State};
use ifmatch_store::{ListFilter, Loaded, MemoryStore, Store, StoreError, StoredAttempt};
use std::sync::Mutex;

/// A memory store that the test can reach into, and that notes the size of each group.
#[derive(Clone, Default)]
struct Shared {
    store: Arc<Mutex<MemoryStore>>,
    groups: Arc<Mutex<Vec<usize>>>,
    pause: Duration,
}

impl Shared {
    fn with<T>(&self, act: impl FnOnce(&mut MemoryStore) -> T) -> T {
        act(&mut self.store.lock().unwrap())
    }
}

impl Store for Shared {
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        std::thread::sleep(self.pause);
        self.groups.lock().unwrap().push(commits.len());
        self.with(|store| store.commit(org, commits))
    }
    fn load(&mut self, org: &OrgName, rows: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError> {
        self.with(|store| store.load(org, rows, intents))
    }
    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError> {
        self.with(|store| store.recover(org))
    }
    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
        self.with(|store| store.intent(org, id))
    }
    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
        self.with(|store| store.list(org, filter))
    }
    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
        self.with(|store| store.attempts_of(org, id))
    }
    fn row(
        &mut self,
        org: &OrgName,
        resource: &Resource,
    ) -> Result<Option<ifmatch_core::Shared<ResourceRow>>, StoreError> {
        self.with(|store| store.row(org, resource))
    }
    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError> {
        self.with(|store| store.counts(org))
    }
    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        self.with(|store| store.kept(org, key))
    }
    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        self.with(|store| store.kept_below(org, prefix, after, limit))
    }

    fn audit(&mut self, org: &OrgName, from: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.with(|store| store.audit(org, from, limit))
    }
    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError> {
        self.with(|store| store.checkpoint(org))
    }
}

struct Driven {
    org: OrgHandle,
    store: Shared,
    stop: watch::Sender<bool>,
}

async fn driven(store: Shared) -> Driven {
    let (stop, stopping) = watch::channel(false);
    let org = drive("acme", Box::new(store.clone()), &Clock::wall(), stopping);
    org.ready().await;
    Driven { org, store, stop }
}

impl Driven {
    /// Hands in an intent about a score of its own.
    fn submit(&self, score: usize) -> Result<Submitting, Fault> {
        let intent = serde_json::from_value(serde_json::json!({
            "resource": {"org": "acme", "kind": "quality-score", "id": format!("qs-{score}")},
            "change": {"merge_patch": {"score": 85}},
        }));
        let source = SourceName::from("script");
        self.org.submit(submission(random::intent_id(&self.org.clock), source, intent.unwrap()))
    }
}

#[tokio::test]
async fn an_intent_is_taken_only_when_it_is_durable() {
    let driven = driven(Shared::default()).await;
    let taken = driven.submit(1).unwrap().taken().await.unwrap();
    let stored = driven.store.with(|store| store.intent(&driven.org.org, taken.id).unwrap());
    assert_eq!(stored.unwrap().accepted_at, taken.at);
}

#[tokio::test]
async fn commits_gather_while_the_store_is_busy() {
    let store = Shared { pause: Duration::from_millis(20), ..Shared::default() };
    let driven = driven(store).await;
    let submitting: Vec<_> = (0..50).map(|score| driven.submit(score).unwrap()).collect();
    for submitting in submitting {
        submitting.taken().await.unwrap();
    }
    let groups = driven.store.groups.lock().unwrap().clone();
    assert!(groups.iter().any(|group| *group >= 25), "{groups:?}");
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused_at_once() {
    let driven = driven(Shared::default()).await;
    // Nothing yields here, so the driver takes nothing off the queue of 64.
    let results: Vec<_> = (0..100).map(|score| driven.submit(score).map(drop)).collect();
    assert_eq!(results.iter().filter(|result| **result == Err(Fault::Overloaded)).count(), 36);
}

#[tokio::test]
async fn after_a_failed_commit_nothing_is_taken_and_then_it_goes_on() {
    let driven = driven(Shared::default()).await;
    driven.store.with(|store| store.fail_next_commits(1));
    let refused = driven.submit(1).unwrap().taken().await;
    assert!(matches!(refused, Err(Fault::Unavailable { .. })), "{refused:?}");
    assert_eq!(driven.store.with(|store| store.counts(&driven.org.org).unwrap()), BTreeMap::new());
    driven.org.ready().await;
    driven.submit(1).unwrap().taken().await.unwrap();
}

#[tokio::test]
async fn a_lost_acknowledgement_is_refused_and_yet_kept() {
    let driven = driven(Shared::default()).await;
    driven.store.with(|store| store.lose_next_acknowledgements(1));
    let refused = driven.submit(1).unwrap().taken().await;
    assert!(matches!(refused, Err(Fault::Unavailable { .. })), "{refused:?}");
    driven.org.ready().await;
    // What the store holds is known again: the engine carries on with it.
    let open = driven.org.ask(|engine| engine.standing().open.values().sum::<usize>()).await.unwrap();
    assert_eq!(open, 1);
}

#[tokio::test]
async fn a_stopped_driver_takes_nothing_more() {
    let driven = driven(Shared::default()).await;
    driven.submit(1).unwrap().taken().await.unwrap();
    driven.stop.send_replace(true);
    let gone = async {
        while driven.submit(2).is_ok() {
            tokio::task::yield_now().await;
        }
        driven.submit(2)
    };
    let refused = tokio::time::timeout(Duration::from_secs(5), gone).await.unwrap();
    assert!(matches!(refused, Err(Fault::Unavailable { .. })));
}
