//! The dialect of the tests with envelopes: the notes of one shelf share a read and a write.

use super::target::Notes;
use crate::dialect::{
    Breach, Call, Creation, Dialect, Fact, Guard, KindSpec, Processing, Reply, Route, RouteError, VerbError, WriteItem,
    Written,
};
use crate::ids::OrgName;
use crate::intent::{Intent, IntentError, Resource, Verb};
use crate::notices::{Channel, Moved, Notices, Subscribed};
use crate::record::ConflictNote;
use crate::shadow::Snapshot;
use crate::wire::{Method, Request, Response};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Notes that share envelopes.
#[derive(Debug)]
pub(super) struct Shelves {
    notes: Notes,
    envelope_max: usize,
    rendered: AtomicUsize,
    /// What is written is uploaded first, and processed later.
    uploads: bool,
    /// How uploads ended is told.
    tells: bool,
}

impl Shelves {
    pub(super) fn of(envelope_max: usize) -> Self {
        Self {
            notes: Notes::guarded_by(Guard::Monotonic),
            envelope_max,
            rendered: AtomicUsize::new(0),
            uploads: false,
            tells: false,
        }
    }

    /// The same, where a write is uploaded and processed later, and a shelf must be found first.
    pub(super) fn uploading(envelope_max: usize) -> Self {
        Self { uploads: true, ..Self::of(envelope_max) }
    }

    /// The same, where it is told how uploads ended.
    pub(super) fn telling(envelope_max: usize) -> Self {
        Self { tells: true, ..Self::uploading(envelope_max) }
    }

    /// How many items were put into requests so far.
    pub(super) fn rendered(&self) -> usize {
        self.rendered.load(Ordering::Relaxed)
    }
}

fn shelf(resource: &Resource) -> &str {
    let id = resource.id().unwrap_or("?-0");
    id.split('-').next().unwrap_or(id)
}

fn path_of<'a>(resources: impl Iterator<Item = &'a Resource> + Clone) -> String {
    let ids: Vec<&str> = resources.clone().filter_map(Resource::id).collect();
    let shelf = resources.map(shelf).next().unwrap_or("?");
    format!("/shelves/{shelf}?ids={}", ids.join(","))
}

fn item(item: &WriteItem) -> Value {
    json!({"id": item.resource.id(), "version": item.precondition.version, "to": item.to})
}

impl Notices for Shelves {
    fn topics(&self, resource: &Resource, places: &crate::Notes) -> Vec<String> {
        places.place(shelf(resource)).map(str::to_owned).into_iter().collect()
    }

    fn topics_max(&self) -> usize {
        2
    }

    fn open(&self) -> Request {
        Request::bare(Method::Post, "/channels")
    }

    fn opened(&self, response: &Response) -> Result<Channel, String> {
        let body = response.json().unwrap_or_default();
        let id = body["id"].as_str().ok_or_else(|| response.status.to_string())?.to_owned();
        let expires_at = body["expires"].as_str().map(|text| text.parse().unwrap());
        Ok(Channel { address: format!("wss://target/{id}"), id, expires_at })
    }

    fn subscribe(&self, channel: &str, topics: &BTreeSet<String>) -> Request {
        Request::json(Method::Put, format!("/channels/{channel}"), &json!(topics))
    }

    fn subscribed(&self, response: &Response) -> Subscribed {
        match response.status {
            404 => Subscribed::Gone,
            200 => {
                let body = response.json().unwrap_or_default();
                let refused = body.as_array().into_iter().flatten().filter_map(Value::as_str);
                Subscribed::Held(refused.map(|topic| (topic.to_owned(), "no right".to_owned())).collect())
            }
            status => Subscribed::Refused(status.to_string()),
        }
    }

    fn ping(&self) -> String {
        "ping".to_owned()
    }

    fn told(&self, message: &Value) -> Option<(String, bool)> {
        Some((message["operation"].as_str()?.to_owned(), message["failed"] == true))
    }

    fn moved(&self, _: &OrgName, message: &Value) -> Vec<Moved> {
        message["shelf"].as_str().map(|shelf| Moved::Envelope(shelf.to_owned())).into_iter().collect()
    }
}

impl Dialect for Shelves {
    fn name(&self) -> &'static str {
        "shelves"
    }

    fn kind(&self, kind: &str) -> Option<&KindSpec> {
        self.notes.kind(kind)
    }

    fn kinds(&self) -> Vec<&str> {
        self.notes.kinds()
    }

    fn check(&self, intent: &Intent) -> Result<(), IntentError> {
        self.notes.check(intent)
    }

    fn envelope(&self, resource: &Resource) -> Option<String> {
        resource.id().map(|_| shelf(resource).to_owned())
    }

    fn envelope_max(&self) -> usize {
        self.envelope_max
    }

    fn lock_domain(&self, resource: &Resource) -> String {
        resource.key()
    }

    fn buckets(&self, request: &Request) -> Vec<String> {
        self.notes.buckets(request)
    }

    fn throttled_bucket(&self, request: &Request, response: &Response) -> String {
        self.notes.throttled_bucket(request, response)
    }

    fn errand(&self, call: &Call, told: &crate::Notes) -> Option<Request> {
        let resources: Vec<&Resource> = match call {
            Call::Read(resources) => resources.iter().collect(),
            Call::Write(items) => items.iter().map(|item| &item.resource).collect(),
            _ => Vec::new(),
        };
        let shelf = shelf(resources.first().filter(|_| self.uploads)?);
        match (told.place(shelf), call) {
            (None, _) => Some(Request::bare(Method::Get, format!("/places/{shelf}"))),
            (Some(_), Call::Write(items)) if told.get("key").is_none() => {
                let body = Value::Array(items.iter().map(item).collect());
                Some(Request { signed: true, ..Request::json(Method::Post, "/uploads", &body) })
            }
            _ => None,
        }
    }

    fn note(&self, call: &Call, told: &mut crate::Notes, response: &Response) -> Result<(), Box<crate::Evidence>> {
        let body = response.json().unwrap_or_default();
        match (body["place"].as_str(), body["key"].as_str(), call) {
            (Some(place), _, _) => told.set_place(body["shelf"].as_str().unwrap_or_default(), place),
            (_, Some(key), _) => told.set("key", key),
            _ => panic!("an errand of {call:?} brought {body}"),
        }
        Ok(())
    }

    fn notices(&self) -> Option<&dyn Notices> {
        self.tells.then_some(self)
    }

    fn one_writer(&self, _: &Resource) -> bool {
        self.uploads
    }

    fn turn_requests(&self, _: &Resource) -> u64 {
        if self.uploads { 4 } else { 2 }
    }

    fn request(&self, call: &Call, told: &crate::Notes) -> Request {
        match call {
            Call::Write(items) if self.uploads => {
                let path = path_of(items.iter().map(|item| &item.resource));
                Request::json(Method::Put, path, &json!({"key": told.get("key")}))
            }
            Call::Read(resources) => Request::bare(Method::Get, path_of(resources.iter())),
            Call::Write(items) => {
                self.rendered.fetch_add(items.len(), Ordering::Relaxed);
                let body = Value::Array(items.iter().map(item).collect());
                Request::json(Method::Put, path_of(items.iter().map(|item| &item.resource)), &body)
            }
            _ => self.notes.request(call, told),
        }
    }

    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply {
        let resources: Vec<Resource> = match call {
            Call::Read(resources) => resources.clone(),
            Call::Write(items) => items.iter().map(|item| item.resource.clone()).collect(),
            _ => return self.notes.reply(now, call, response),
        };
        if let (Call::Write(_), Some(operation)) =
            (call, response.json().and_then(|body| body["operation"].as_str().map(str::to_owned)))
        {
            let taken = Processing { operation: Some(operation), status: None };
            let facts = resources.into_iter().map(|resource| (resource, Fact::Processing(taken.clone()))).collect();
            return Reply { facts, budgets: Vec::new(), date: None, rest: None };
        }
        let entries = response.json().and_then(|body| body.as_array().cloned()).unwrap_or_default();
        let mut facts = Vec::new();
        for (place, resource) in resources.into_iter().enumerate() {
            // Each entry is what a note alone would have been answered; else one answer is for all.
            let alone = entries.get(place).map_or_else(
                || response.clone(),
                |entry| Response {
                    status: u16::try_from(entry["status"].as_u64().unwrap_or(0)).unwrap_or(0),
                    headers: response.headers.clone(),
                    body: entry["body"].to_string(),
                },
            );
            let single = Call::Read(vec![resource.clone()]);
            let fact = self.notes.reply(now, &single, &alone).facts.remove(0).1;
            facts.push(match (call, fact) {
                (Call::Write(_), Fact::Observed(snapshot)) => {
                    (resource, Fact::Written(Written { id: None, snapshot: *snapshot, shown: true, existed: false }))
                }
                (_, fact) => (resource, fact),
            });
        }
        Reply { facts, budgets: Vec::new(), date: None, rest: None }
    }

    fn verb(&self, kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
        self.notes.verb(kind, verb, value)
    }

    fn breaches(&self, kind: &str, value: &Value) -> Vec<Breach> {
        self.notes.breaches(kind, value)
    }

    fn is_same(&self, creation: &Creation, found: &Value) -> bool {
        self.notes.is_same(creation, found)
    }

    fn route(&self, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
        self.notes.route(org, request)
    }

    fn render(&self, method: Method, resource: &Resource, snapshot: &Snapshot, created: bool) -> Response {
        self.notes.render(method, resource, snapshot, created)
    }

    fn refusal(&self, resource: &Resource, conflict: &[ConflictNote], current: Option<&Snapshot>) -> Response {
        self.notes.refusal(resource, conflict, current)
    }

    fn token_request(&self) -> Request {
        self.notes.token_request()
    }
}
