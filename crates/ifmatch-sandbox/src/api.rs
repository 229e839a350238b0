//! The calls of the API behind the door: what each one checks, in the fixed order, and what it changes.

pub(crate) mod agents;
pub(crate) mod events;
pub(crate) mod publish;
pub(crate) mod recordings;
pub(crate) mod schedules;
pub(crate) mod scores;
pub(crate) mod table;
pub(crate) mod trades;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    guard::Named,
    options::{CurrentInRefusal, LockText, StaleStatus, StaleText},
    record::Writer,
    refusal::{Checked, Refusal},
    route::Route,
    target::Target,
};

/// Largest body in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;

/// One admitted request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) now: i64,
    /// The instant that a read sees.
    pub(crate) read_at: i64,
    pub(crate) method: String,
    pub(crate) writer: Writer,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Map<String, Value>,
    pub(crate) if_match: Option<String>,
    pub(crate) idempotency_key: Option<String>,
    /// A fault makes a stale refusal look like 422.
    pub(crate) stale_as_422: bool,
}

/// An accepted request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) etag: Option<String>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body, etag: None }
    }

    pub(crate) fn tagged(status: u16, body: Value, etag: Option<String>) -> Self {
        Self { status, body, etag }
    }
}

impl Call {
    /// The versions named by this call's header and the given body.
    pub(crate) fn named(&self, target: &Target) -> Checked<Named> {
        Named::read(self.if_match.as_deref(), &self.body, &target.options)
    }

    /// The same call with another body and no header: one item of a bulk.
    pub(crate) fn item(&self, body: Map<String, Value>) -> Self {
        // Field by field: the body of the bulk itself may be large, and has hundreds of items.
        Self {
            now: self.now,
            read_at: self.read_at,
            method: self.method.clone(),
            writer: self.writer.clone(),
            query: self.query.clone(),
            body,
            if_match: None,
            idempotency_key: self.idempotency_key.clone(),
            stale_as_422: self.stale_as_422,
        }
    }

    fn is(&self, method: &str) -> bool {
        self.method == method
    }
}

/// Parses the body of a write: a JSON object, or nothing where that is allowed.
pub(crate) fn parse_body(route: &Route, bytes: &[u8]) -> Checked<Map<String, Value>> {
    if bytes.len() > BODY_BYTES_MAX {
        return Err(Refusal::new(400, "invalid_json", format!("The body is larger than {BODY_BYTES_MAX} bytes")));
    }
    if bytes.is_empty() && matches!(route, Route::Publish(_)) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Refusal::new(400, "invalid_json", "The body is not a JSON object")),
        Err(error) => Err(Refusal::new(400, "invalid_json", format!("The body is not JSON: {error}"))),
    }
}

impl Target {
    /// Carries out an admitted request.
    pub(crate) fn call(&mut self, route: &Route, call: &mut Call) -> Checked<Reply> {
        let read = call.is("GET");
        match route {
            Route::Scores if read => self.list_scores(call),
            Route::Scores => self.post_score(call),
            Route::ScoresBulk => self.bulk_scores(call),
            Route::Score(id) if read => self.read_flat(crate::record::Kind::Score, id, call),
            Route::Score(id) => self.patch_score(id, call),
            Route::Rows if read => self.list_rows(call),
            Route::Rows => self.post_row(call),
            Route::Row(id) if read => self.read_row(id, call),
            Route::Row(id) => self.patch_row(id, call),
            Route::Trades if read => self.list_trades(call),
            Route::Trades => self.create_trade(call),
            Route::Trade(id) if read => self.read_flat(crate::record::Kind::Trade, id, call),
            Route::Trade(id) => self.change_trade(id, call),
            Route::Schedules if read => self.list_schedules(call),
            Route::Schedules => self.post_schedule(call),
            Route::SchedulesBulk => self.bulk_agents(call),
            Route::Schedule(id) if read => self.read_schedule(id, call),
            Route::Schedule(id) if call.is("PUT") => self.put_schedule(id, call),
            Route::Schedule(id) => self.patch_schedule(id, call),
            Route::AgentWeek(id) if read => self.read_agent_week(id, call),
            Route::AgentWeek(id) => self.put_agent_week(id, call),
            Route::Status(id) => self.read_status(id, call),
            Route::Publish(id) => self.publish(id, call),
            Route::PublishJob(id) => self.read_publish_job(id),
            Route::Events => self.read_events(call),
            Route::RecordingJobs => self.create_recording_job(call),
            Route::Recordings => self.list_recordings(call),
        }
    }

    /// The refusal of a stale write. `current` is the record's tag and its JSON, where the refusal may tell them.
    pub(crate) fn stale(&mut self, call: &Call, named: &Named, current: Option<Current>) -> Box<Refusal> {
        if call.stale_as_422 {
            return Refusal::new(422, "invalid_field", "The request could not be processed");
        }
        let status = match self.options.stale {
            StaleStatus::PreconditionFailed if named.by_header() => 412,
            StaleStatus::BadRequest => 400,
            StaleStatus::Conflict | StaleStatus::PreconditionFailed => 409,
        };
        let code = if self.rng.chance(0.5) { "conflict" } else { "ResourceConflictException" };
        let text = match (self.options.stale, self.options.stale_text) {
            (StaleStatus::BadRequest, _) => "The given version does not match the current version",
            (_, StaleText::VersionMismatch) => "version mismatch",
            (_, StaleText::StaleResourceVersion) => "stale resource_version",
            (_, StaleText::EntityVersionMismatch) => "entity_version mismatch",
            (_, StaleText::ModifiedSinceRead) => "The resource has been modified since last read",
        };
        let mut refusal = Refusal::new(status, code, text);
        let Some(current) = current else {
            return refusal;
        };
        if self.options.current_in_refusal != CurrentInRefusal::No {
            refusal.current_version = Some(current.version);
        }
        if self.options.current_in_refusal == CurrentInRefusal::Record {
            refusal.current = Some(current.record);
        }
        if self.options.etag_in_refusal
            && let Some(tag) = current.etag
        {
            refusal.headers.push(("ETag".to_owned(), tag));
        }
        refusal
    }

    /// The refusal of a write to something locked. It never carries a version or a tag.
    pub(crate) fn locked(&self, agent_id: Option<&str>) -> Box<Refusal> {
        let mut refusal = match self.options.lock_text {
            LockText::ModifiedSinceRead => {
                Refusal::new(409, "ResourceConflictException", "The resource has been modified since last read")
            }
            LockText::BeingModified => {
                Refusal::new(409, "conflict", "The requested resource is currently being modified by another process")
            }
        };
        if self.options.lock_names_agent {
            refusal.agent_id = agent_id.map(str::to_owned);
        }
        refusal
    }
}

/// The current state of a record that a stale refusal may tell.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) version: u64,
    pub(crate) etag: Option<String>,
    pub(crate) record: Value,
}

/// One page of a list.
pub(crate) fn page(call: &Call, entities: Vec<Value>) -> Checked<Value> {
    let number = |name: &str, default: usize| match call.query.get(name) {
        None => Ok(default),
        Some(text) => {
            text.parse::<usize>().ok().filter(|n| *n > 0).ok_or_else(|| Refusal::field(name, "a number from 1"))
        }
    };
    let (page, size) = (number("page", 1)?, number("page_size", 25)?.min(100));
    let total = entities.len();
    let entities: Vec<Value> = entities.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    Ok(json!({"entities": entities, "total": total, "page": page, "page_size": size}))
}
