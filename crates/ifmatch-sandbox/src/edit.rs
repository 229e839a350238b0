//! Edits by people: they go through the same rules, locks and ledger as the API's writes, but need no version.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use serde_json::{Map, Value, json};

use crate::{
    api::Call,
    guard::SPELLINGS,
    platform::kinds,
    record::{Kind, RecordPath, Writer},
    refusal::Refusal,
    target::Target,
};

/// Why a person's edit did not happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// The path names no record that exists.
    NotFound,
    /// The record is locked.
    Locked,
    /// A rule of the API refuses the edit.
    Refused {
        /// The API's code, e.g. `SCHEDULE_OVERLAP`.
        code: Cow<'static, str>,
        /// The API's text.
        message: String,
    },
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such record"),
            Self::Locked => f.write_str("the record is locked"),
            Self::Refused { code, message } => write!(f, "refused with {code}: {message}"),
        }
    }
}

impl std::error::Error for EditError {}

impl Target {
    /// Applies a merge patch as a person. Returns the new version of the record at the path.
    pub(crate) fn edit(
        &mut self,
        now: i64,
        path: &str,
        patch: &Map<String, Value>,
        by: &str,
    ) -> Result<u64, EditError> {
        let record = RecordPath::parse(path).ok_or(EditError::NotFound)?;
        self.version_of(&record).ok_or(EditError::NotFound)?;
        if self.is_locked(now, &record) {
            return Err(EditError::Locked);
        }
        let mut body = patch.clone();
        for spelling in SPELLINGS {
            body.remove(spelling);
        }
        let outcome = match &record {
            RecordPath::Document(path) => return self.edit_document(now, path, patch, by).ok_or(EditError::NotFound),
            RecordPath::Flat(Kind::Score, id) => self.patch_score(id, &person_call(now, by, body)),
            RecordPath::Flat(Kind::Trade, id) => self.change_trade(id, &person_call(now, by, body)),
            RecordPath::Schedule(id) => self.patch_schedule(id, &person_call(now, by, body)),
            RecordPath::Agent(id, agent) => {
                body.insert("agent_id".into(), json!(agent));
                let body = Map::from_iter([("agents".to_owned(), json!([body]))]);
                self.patch_schedule(id, &person_call(now, by, body))
            }
        };
        outcome.map_err(|refusal| self.edit_error(*refusal))?;
        self.version_of(&record).ok_or(EditError::NotFound)
    }

    fn edit_error(&self, refusal: Refusal) -> EditError {
        let locked = self.locked(None);
        if refusal.status == 409 && refusal.message == locked.message {
            return EditError::Locked;
        }
        EditError::Refused { code: refusal.code, message: refusal.message }
    }

    /// The present version of a record; `None` when it does not exist.
    pub(crate) fn version_of(&self, record: &RecordPath) -> Option<u64> {
        match record {
            RecordPath::Flat(kind, id) => self.flat(*kind, id).map(|record| record.meta.version),
            RecordPath::Schedule(id) => self.schedule(id).map(|schedule| schedule.meta.version),
            RecordPath::Agent(id, agent) => Some(self.schedule(id)?.agents.get(agent.as_str())?.meta.version),
            RecordPath::Document(path) => {
                kinds::record(self, path)?;
                Some(self.document(kinds::holder(path))?.meta.version)
            }
        }
    }

    /// The record as the API would return it, without lag.
    pub(crate) fn record_json(&self, record: &RecordPath) -> Option<Value> {
        match record {
            RecordPath::Flat(kind, id) => self.flat(*kind, id).map(|record| record.to_json()),
            RecordPath::Schedule(id) => self.schedule(id).map(|schedule| schedule.to_json(|_| true)),
            RecordPath::Agent(id, agent) => self.schedule(id)?.agent_json(agent),
            RecordPath::Document(path) => kinds::record(self, path),
        }
    }

    fn is_locked(&self, now: i64, record: &RecordPath) -> bool {
        match record {
            RecordPath::Flat(kind, id) => self.locks.is_held(now, &kind.path(id)),
            RecordPath::Schedule(id) => self.locks.is_held(now, &format!("{}/{id}", crate::record::SCHEDULES)),
            RecordPath::Agent(id, agent) => self.agent_locked(now, id, agent),
            RecordPath::Document(path) => self.locks.is_held(now, kinds::holder(path)),
        }
    }

    /// The canonical key of a record's lock.
    pub(crate) fn lock_key(record: &RecordPath) -> String {
        match record {
            RecordPath::Flat(kind, id) => kind.path(id),
            RecordPath::Schedule(id) => format!("{}/{id}", crate::record::SCHEDULES),
            RecordPath::Agent(id, agent) => crate::record::agent_path(id, agent),
            RecordPath::Document(path) => kinds::holder(path).to_owned(),
        }
    }
}

fn person_call(now: i64, by: &str, body: Map<String, Value>) -> Call {
    Call {
        now,
        read_at: now,
        method: "PATCH".to_owned(),
        writer: Writer::person(by),
        query: BTreeMap::new(),
        body,
        if_match: Some("*".to_owned()),
        idempotency_key: None,
        stale_as_422: false,
    }
}
