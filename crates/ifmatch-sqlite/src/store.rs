//! The store over one database file.

use crate::checkpointer::Checkpointer;
use crate::failure::failure;
use crate::lock::Lock;
use crate::write::Writer;
use crate::{list, read, recover};
use ifmatch_audit::{Chain, Checkpoint, Record};
use ifmatch_core::{Commit, IntentId, IntentRecord, OrgName, Recovery, Resource, ResourceRow, Shared, State};
use ifmatch_store::{ListFilter, Loaded, Store, StoreError, StoredAttempt};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A store in one SQLite file. See the crate's page for what it promises.
#[derive(Debug)]
pub struct Sqlite {
    pub(crate) writer: Connection,
    pub(crate) checkpointer: Checkpointer,
    /// What is known of the orgs in the file; forgotten after a failed commit.
    pub(crate) orgs: BTreeMap<OrgName, Org>,
    pub(crate) path: PathBuf,
    // Last, so that the connections are closed before another process may open the file.
    pub(crate) _lock: Lock,
}

/// An org in the file.
#[derive(Debug, Clone)]
pub(crate) struct Org {
    pub(crate) number: i64,
    pub(crate) chain: Chain,
}

/// How large the store is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Bytes inside the database file that are free for new rows.
    pub reusable_bytes: u64,
    /// Bytes of the write-ahead log. It is used again from its beginning, so it stays at its
    /// longest until the store is closed.
    pub log_bytes: u64,
}

impl Sqlite {
    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How large the store is on disk.
    ///
    /// # Errors
    /// `Unavailable`.
    pub fn size(&self) -> Result<Size, StoreError> {
        let number = |name| {
            let value = self.writer.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failure)?;
            Ok::<u64, StoreError>(u64::try_from(value).unwrap_or(0))
        };
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let page_bytes = number("page_size")?;
        Ok(Size {
            database_bytes: number("page_count")? * page_bytes,
            reusable_bytes: number("freelist_count")? * page_bytes,
            log_bytes: std::fs::metadata(log).map_or(0, |file| file.len()),
        })
    }

    /// The org's number and the end of its log; `None` for an org that was never written to.
    fn org(&mut self, name: &OrgName) -> Result<Option<&Org>, StoreError> {
        if !self.orgs.contains_key(name)
            && let Some(org) = find_org(&self.writer, name)?
        {
            self.orgs.insert(name.clone(), org);
        }
        Ok(self.orgs.get(name))
    }

    /// Reads something of an org, or gives the empty answer for one never written to.
    fn read<T: Default>(
        &mut self,
        name: &OrgName,
        read: impl FnOnce(&Connection, i64) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let Some(number) = self.org(name)?.map(|org| org.number) else {
            return Ok(T::default());
        };
        read(&self.writer, number)
    }

    fn write(&mut self, name: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        let known = self.org(name)?.cloned();
        let transaction = self.writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failure)?;
        let org = match known {
            Some(org) => org,
            None => add_org(&transaction, name)?,
        };
        let mut writer = Writer::new(&transaction, name, org);
        commits.iter().flat_map(|commit| &commit.ops).try_for_each(|op| writer.op(op))?;
        let org = writer.finish()?;
        transaction.commit().map_err(failure)?;
        self.orgs.insert(name.clone(), org);
        Ok(())
    }
}

fn find_org(connection: &Connection, name: &OrgName) -> Result<Option<Org>, StoreError> {
    let number = connection
        .prepare_cached("SELECT number FROM org WHERE name = ?1")
        .and_then(|mut statement| statement.query_row([name.as_str()], |row| row.get(0)).optional())
        .map_err(failure)?;
    let Some(number) = number else {
        return Ok(None);
    };
    Ok(Some(Org { number, chain: read::chain(connection, number, name)? }))
}

fn add_org(connection: &Connection, name: &OrgName) -> Result<Org, StoreError> {
    connection
        .prepare_cached("INSERT INTO org (name) VALUES (?1)")
        .and_then(|mut statement| statement.insert([name.as_str()]))
        .map(|number| Org { number, chain: Chain::new(name.as_str()) })
        .map_err(failure)
}

impl Store for Sqlite {
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) -> Result<(), StoreError> {
        let operations = commits.iter().map(|commit| commit.ops.len()).sum();
        if operations == 0 {
            return Ok(());
        }
        let written = self.write(org, commits);
        match &written {
            Ok(()) => self.checkpointer.committed(operations, &self.writer),
            // A commit whose end is unknown may be in the file: what memory says of the org is void.
            Err(_) => drop(self.orgs.remove(org)),
        }
        written
    }

    fn load(&mut self, org: &OrgName, resources: &[Resource], intents: &[IntentId]) -> Result<Loaded, StoreError> {
        let Some(number) = self.org(org)?.map(|org| org.number) else {
            let missing = intents.first().map(|id| StoreError::no_intent(*id));
            return missing.map_or_else(|| Ok(Loaded { rows: vec![None; resources.len()], intents: Vec::new() }), Err);
        };
        let rows = resources.iter().map(|resource| read::row(&self.writer, number, resource));
        let records =
            intents.iter().map(|id| read::intent(&self.writer, number, *id)?.ok_or_else(|| StoreError::no_intent(*id)));
        Ok(Loaded { rows: rows.collect::<Result<_, _>>()?, intents: records.collect::<Result<_, _>>()? })
    }

    fn recover(&mut self, org: &OrgName) -> Result<Recovery, StoreError> {
        self.read(org, recover::recovery)
    }

    fn intent(&mut self, org: &OrgName, id: IntentId) -> Result<Option<IntentRecord>, StoreError> {
        self.read(org, |connection, number| read::intent(connection, number, id))
    }

    fn list(&mut self, org: &OrgName, filter: &ListFilter) -> Result<Vec<IntentRecord>, StoreError> {
        self.read(org, |connection, number| list::list(connection, number, filter))
    }

    fn attempts_of(&mut self, org: &OrgName, id: IntentId) -> Result<Vec<StoredAttempt>, StoreError> {
        self.read(org, |connection, number| read::attempts_of(connection, number, id))
    }

    fn row(&mut self, org: &OrgName, resource: &Resource) -> Result<Option<Shared<ResourceRow>>, StoreError> {
        self.read(org, |connection, number| read::row(connection, number, resource))
    }

    fn counts(&mut self, org: &OrgName) -> Result<BTreeMap<State, u64>, StoreError> {
        self.read(org, read::counts)
    }

    fn kept(&mut self, org: &OrgName, key: &str) -> Result<Option<serde_json::Value>, StoreError> {
        self.read(org, |connection, number| read::kept(connection, number, key))
    }

    fn kept_below(
        &mut self,
        org: &OrgName,
        prefix: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, serde_json::Value)>, StoreError> {
        self.read(org, |connection, number| read::kept_below(connection, number, (prefix, after), limit))
    }

    fn audit(&mut self, org: &OrgName, from_index: u64, limit: usize) -> Result<Vec<Record>, StoreError> {
        self.read(org, |connection, number| read::audit(connection, number, from_index, limit))
    }

    fn checkpoint(&mut self, org: &OrgName) -> Result<Checkpoint, StoreError> {
        let known = self.org(org)?;
        Ok(known.map_or_else(|| Chain::new(org.as_str()).checkpoint(), |org| org.chain.checkpoint()))
    }
}
