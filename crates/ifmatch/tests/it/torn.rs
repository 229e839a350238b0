//! Worlds over a real SQLite file: every crash is a copy of what was on the disk, the last write torn or not.

use ifmatch_core::{Commit, IntentId, IntentRecord, OrgName, Recovery, Resource, ResourceRow, Shared, State};
use ifmatch_sim::{CrashPoint, Disk, Op, run_on, run_seed, scenario};
use ifmatch_sqlite::Sqlite;
use ifmatch_store::audit::{Checkpoint, Record};
use ifmatch_store::{ListFilter, Loaded, Store, StoreError, StoredAttempt};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A SQLite file in a folder of its own, which a crash leaves behind for a copy in a new one.
struct File {
    store: Sqlite,
    failures: u32,
    lives: u32,
    torn: Arc<AtomicU32>,
    folder: tempfile::TempDir,
}

/// What is on the disk.
struct Left {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl File {
    fn new(torn: Arc<AtomicU32>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(folder.path().join("0.db")).expect("a new store");
        Self { store, failures: 0, lives: 0, torn, folder }
    }

    fn left(&self) -> Left {
        let path = self.store.path();
        let log = std::fs::read(path.with_extension("db-wal")).unwrap_or_default();
        Left { main: std::fs::read(path).expect("the file"), log }
    }

    fn open(&mut self, left: &Left) {
        self.lives += 1;
        let path: PathBuf = self.folder.path().join(format!("{}.db", self.lives));
        std::fs::write(&path, &left.main).expect("a copy");
        std::fs::write(path.with_extension("db-wal"), &left.log).expect("a copy");
        self.store = Sqlite::open(path).expect("what a crash leaves can be opened");
    }
}

impl Disk for File {
    fn fail_next_commits(&mut self, n: u32) {
        self.failures = n;
    }

    fn tear(&mut self, org: &OrgName, commits: &[Commit]) {
        let before = self.left();
        self.store.commit(org, commits).expect("there is room");
        let after = self.left();
        let grew = after.log.len().saturating_sub(before.log.len());
        // A log that began anew overwrote its start: nothing of the commit is left then.
        let left = if grew == 0 {
            before
        } else {
            self.torn.fetch_add(1, Ordering::Relaxed);
            let part = (self.lives as usize * 7 + 3) % 10;
            let log = after.log[..before.log.len() + grew * part / 10].to_vec();
            Left { main: after.main, log }
        };
        self.open(&left);
    }

    fn restart(&mut self) {
        let left = self.left();
        self.open(&left);
    }
}

impl Store for File {
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        if self.failures > 0 {
            self.failures -= 1;
            return Err(StoreError::unavailable("a commit was told to fail"));
        }
        self.store.commit(org, commits)
    }

    fn load(&mut self, org: &OrgName, resources: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError> {
        self.store.load(org, resources, intents)
    }

    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError> {
        self.store.recover(org)
    }

    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
        self.store.intent(org, id)
    }

    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
        self.store.list(org, filter)
    }

    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
        self.store.attempts_of(org, id)
    }

    fn row(&mut self, org: &OrgName, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, StoreError> {
        self.store.row(org, resource)
    }

    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError> {
        self.store.counts(org)
    }

    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        self.store.kept(org, key)
    }

    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        self.store.kept_below(org, prefix, after, limit)
    }

    fn audit(&mut self, org: &OrgName, from_index: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.store.audit(org, from_index, limit)
    }

    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError> {
        self.store.checkpoint(org)
    }
}

/// The same worlds as over memory, to the last line of their logs: SQLite forgets nothing that was
/// acknowledged, and shows nothing of what was torn.
#[test]
fn worlds_go_the_same_way_over_a_file_whose_last_write_is_torn() {
    let torn = Arc::new(AtomicU32::new(0));
    let tears = |seed: &u64| {
        let ops = scenario::draw(*seed).ops;
        ops.iter().any(|(_, op)| matches!(op, Op::Crash(CrashPoint::InCommit)))
    };
    let seeds: Vec<u64> = (1..200).filter(tears).take(12).collect();
    assert_eq!(seeds.len(), 12);
    for seed in seeds {
        let file = run_on(scenario::draw(seed), Rc::new(RefCell::new(File::new(Arc::clone(&torn)))));
        assert!(file.violations.is_empty(), "seed {seed}: {:?}", file.violations);
        assert_eq!(file.log.lines, run_seed(seed).log.lines, "seed {seed}");
    }
    let torn = torn.load(Ordering::Relaxed);
    assert!(torn > 6, "{torn} torn writes");
}
