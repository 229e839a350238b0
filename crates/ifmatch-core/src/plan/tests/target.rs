//! A dialect for tests: notes with a score, a comment, tags and items, as JSON over plain requests.
//!
//! Ids look like `a-1`: what stands before the dash is the shelf, which is the lock domain.

use crate::dialect::{
    Breach, Call, Creation, Dialect, Fact, Guard, KindSpec, OperationCall, OperationStatus, Reply, Route, RouteError,
    VerbError, Written,
};
use crate::evidence::{BudgetHint, Class, Evidence};
use crate::ids::OrgName;
use crate::intent::{Intent, IntentError, Resource, Verb};
use crate::names::Names;
use crate::record::ConflictNote;
use crate::shadow::Snapshot;
use crate::wire::{Method, Request, Response};
use ifmatch_merge::{Pointer, Schema, Strategy};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The dialect; the guard is chosen by the test.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) spec: KindSpec,
    /// Writes have a bucket of their own beside the tenant's.
    pub(super) writes_apart: bool,
    /// That is told before one leaves.
    pub(super) write_buckets: &'static [&'static str],
    /// The target takes a second note of one owner, and a copy of a creation makes one.
    pub(super) takes_copies: bool,
}

impl Notes {
    pub(super) fn guarded_by(guard: Guard) -> Self {
        let schema = Schema::new()
            .rule("/tags", Strategy::Append)
            .rule("/items", Strategy::KeyedList { keys: vec!["id".to_owned()] });
        Self {
            spec: KindSpec {
                name: "note".into(),
                schema,
                writable: Names::of(&["score", "comments", "tags", "items"]),
                identity: Names::of(&["owner"]),
                version_fields: Names::of(&["version"]),
                stamps: Names::NONE,
                natural_key: Names::of(&["owner"]),
                guard,
                operations: Names::of(&["publish"]),
            },
            writes_apart: false,
            write_buckets: &[],
            takes_copies: false,
        }
    }
}

/// What an answer without success shows.
fn evidence(response: &Response) -> Evidence {
    let body = response.json().unwrap_or(Value::Null);
    let code = body["code"].as_str().unwrap_or("");
    let class = match (response.status, code) {
        (409, "running" | "nothing") => Class::InProgress,
        (409, "duplicate") => Class::Duplicate,
        (409, "bare") => Class::Bare,
        (400, "bare") => Class::BareShape,
        (409, "strange") => Class::Unclassified,
        (409 | 412, _) => Class::Stale,
        (423, _) => Class::Lock,
        (401, _) => Class::Unauthorised,
        (403, _) => Class::Forbidden,
        (404, _) => Class::Absent,
        (422, _) => Class::Rule,
        (400, _) => Class::Invalid,
        (429, _) => Class::Throttled,
        (503, _) if response.header("retry-after").is_some() => Class::Throttled,
        (408 | 500..600, _) => Class::Ambiguous,
        _ => Class::Unclassified,
    };
    Evidence {
        retry_after: response.header("retry-after").and_then(|text| text.parse().ok()).map(SignedDuration::from_secs),
        field: body["field"].as_str().map(str::to_owned),
        ..Evidence::bare(class, format!("{} {code}", response.status), body["message"].as_str().unwrap_or(""))
    }
}

fn snapshot(now: Timestamp, record: &Value) -> Snapshot {
    Snapshot {
        value: record.clone().into(),
        version: record["version"].as_u64(),
        etag: None,
        writer: record["modified_by"].as_str().map(str::to_owned),
        modified_at: record["date_modified"].as_str().and_then(|text| text.parse().ok()),
        read_at: now,
        seen_after: None,
        shown_to: BTreeMap::new(),
    }
}

fn status(body: &Value) -> OperationStatus {
    OperationStatus {
        job: body["job"].as_str().map(str::to_owned),
        running: body["running"] == true,
        failed: body["failed"] == true,
        wanted: body["wanted"].as_u64().unwrap_or(0),
        carried: body["carried"].as_u64().unwrap_or(0),
        carrying: body["carrying"].as_u64(),
    }
}

fn budgets(now: Timestamp, response: &Response) -> Vec<BudgetHint> {
    let figure = |name: &str| response.header(name).and_then(|text| text.parse::<u64>().ok());
    let (Some(limit), Some(remaining), Some(reset)) = (figure("x-limit"), figure("x-remaining"), figure("x-reset"))
    else {
        return Vec::new();
    };
    let reset_at = now + SignedDuration::from_secs(reset.cast_signed());
    vec![BudgetHint { bucket: "tenant".to_owned(), limit, remaining, reset_at }]
}

fn read(now: Timestamp, call: &Call, response: &Response) -> Fact {
    if !response.is_success() {
        return match (call, evidence(response)) {
            (Call::Read(_) | Call::Past { .. }, evidence) if evidence.class == Class::Absent => Fact::Absent,
            (_, evidence) => Fact::Refused(evidence),
        };
    }
    let body = response.json().unwrap_or(Value::Null);
    match call {
        Call::Read(_) | Call::ReadStamps { .. } | Call::Past { .. } => Fact::Observed(Box::new(snapshot(now, &body))),
        Call::Write(_) => {
            Fact::Written(Written { id: None, snapshot: snapshot(now, &body), shown: true, existed: false })
        }
        Call::Create(_) => Fact::Written(Written {
            id: body["id"].as_str().map(str::to_owned),
            snapshot: snapshot(now, &body["record"]),
            shown: true,
            existed: false,
        }),
        Call::Lookup(_) => {
            let found = body.as_array().cloned().unwrap_or_default();
            let one = |entry: &Value| (entry["id"].as_str().unwrap_or("").to_owned(), snapshot(now, &entry["record"]));
            Fact::Found(found.iter().map(one).collect())
        }
        Call::Start(_) | Call::Status(_) => Fact::Operation(status(&body)),
    }
}

fn path_of(resource: &Resource) -> String {
    format!("/notes/{}", resource.id().unwrap_or("?"))
}

fn resources(call: &Call) -> Vec<Resource> {
    match call {
        Call::Read(resources) => resources.clone(),
        Call::Write(items) => items.iter().map(|item| item.resource.clone()).collect(),
        Call::Create(Creation { resource, .. })
        | Call::Lookup(Creation { resource, .. })
        | Call::ReadStamps { resource, .. } => vec![resource.clone()],
        Call::Start(OperationCall { resource, .. }) | Call::Status(OperationCall { resource, .. }) => {
            vec![resource.clone()]
        }
        Call::Past { resource, .. } => vec![resource.clone()],
    }
}

fn element(id: &str) -> VerbError {
    VerbError::Missing(Pointer::from_segments(["items", id]))
}

impl Dialect for Notes {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn kind(&self, kind: &str) -> Option<&KindSpec> {
        (kind == "note").then_some(&self.spec)
    }

    fn kinds(&self) -> Vec<&str> {
        vec!["note"]
    }

    fn check(&self, _: &Intent) -> Result<(), IntentError> {
        Ok(())
    }

    fn envelope(&self, _: &Resource) -> Option<String> {
        None
    }

    fn envelope_max(&self) -> usize {
        1
    }

    fn keeps_versions(&self, _: &str) -> bool {
        true
    }

    fn lock_domain(&self, resource: &Resource) -> String {
        let id = resource.id().unwrap_or("new-0");
        format!("shelf/{}", id.split('-').next().unwrap_or(id))
    }

    fn buckets(&self, request: &Request) -> Vec<String> {
        let writes = self.writes_apart && request.method == Method::Put;
        ["tenant"].into_iter().chain(writes.then_some("writes")).map(str::to_owned).collect()
    }

    fn write_buckets(&self, _: &Resource) -> &'static [&'static str] {
        self.write_buckets
    }

    fn throttled_bucket(&self, request: &Request, _: &Response) -> String {
        self.buckets(request).pop().expect("every request has a bucket")
    }

    fn request(&self, call: &Call, _: &crate::Notes) -> Request {
        match call {
            Call::Read(resources) => Request::bare(Method::Get, path_of(&resources[0])),
            Call::ReadStamps { resource, .. } => Request::bare(Method::Get, path_of(resource)),
            Call::Write(items) => {
                let mut request =
                    Request::json(Method::Put, path_of(&items[0].resource), &self.spec.writable_part(&items[0].to));
                if let Some(version) = items[0].precondition.version.filter(|_| !self.spec.guard.lets_through()) {
                    request.headers.push(("if-match".to_owned(), version.to_string()));
                }
                request
            }
            Call::Create(creation) => Request::json(Method::Post, "/notes", &creation.value),
            Call::Lookup(creation) => {
                let owner = creation.value["owner"].as_str().unwrap_or("").to_owned();
                Request::bare(Method::Get, format!("/notes?owner={owner}"))
            }
            Call::Past { resource, version } => {
                Request::bare(Method::Get, format!("{}?version={version}", path_of(resource)))
            }
            Call::Start(call) => Request::bare(Method::Post, format!("{}/publish", path_of(&call.resource))),
            Call::Status(call) => Request::bare(Method::Get, format!("{}/publish", path_of(&call.resource))),
        }
    }

    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply {
        let fact = read(now, call, response);
        let facts = resources(call).into_iter().map(|resource| (resource, fact.clone())).collect();
        Reply { facts, budgets: budgets(now, response), date: None, rest: None }
    }

    fn verb(&self, _: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
        let id = verb.args["id"].as_str().unwrap_or("");
        let mut value = value.clone();
        if verb.name == "raise" {
            value["score"] = json!(value["score"].as_i64().unwrap_or(0) + verb.args["by"].as_i64().unwrap_or(0));
            return Ok(value);
        }
        if verb.name == "settle" && value["score"] != 90 {
            let reason = "only a score of 90 can be settled".to_owned();
            return Err(VerbError::Misstep { reason, path: Pointer::from_segments(["score"]), wanted: json!(100) });
        }
        let items = value["items"].as_array_mut().ok_or_else(|| element(id))?;
        let at = items.iter().position(|item| item["id"] == id).ok_or_else(|| element(id))?;
        match verb.name.as_str() {
            "remove-item" => {
                items.remove(at);
            }
            "rename-item" => items[at]["text"] = verb.args["text"].clone(),
            _ => return Err(VerbError::Refused("no such verb".to_owned())),
        }
        Ok(value)
    }

    fn breaches(&self, _: &str, value: &Value) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if value["score"].as_i64().is_some_and(|score| score > 100) {
            breaches.push(Breach::from("the score is above 100".to_owned()));
        }
        if value["items"].as_array().is_some_and(|items| items.len() > 3) {
            breaches.push(Breach::from("there are more than three items".to_owned()));
        }
        breaches
    }

    fn refuses_copy(&self, _: &str) -> bool {
        !self.takes_copies
    }

    fn is_same(&self, creation: &Creation, found: &Value) -> bool {
        self.spec.writable_part(&creation.value) == self.spec.writable_part(found)
    }

    fn route(&self, _: &OrgName, _: &Request) -> Result<Route, RouteError> {
        Ok(Route::Unknown)
    }

    fn render(&self, _: Method, _: &Resource, snapshot: &Snapshot, created: bool) -> Response {
        Response { status: if created { 201 } else { 200 }, headers: Vec::new(), body: snapshot.value.to_string() }
    }

    fn refusal(&self, _: &Resource, _: &[ConflictNote], _: Option<&Snapshot>) -> Response {
        Response { status: 409, headers: Vec::new(), body: json!({"code": "stale"}).to_string() }
    }

    fn token_request(&self) -> Request {
        Request::bare(Method::Post, "/token")
    }
}
