//! The vendor's own API, as its SDKs speak it: week schedules, shift trades, time off, work plans, settings, evaluations.
//!
//! One file per concern, each pure: [`kinds`] and [`fields`] (where records lie, what may be written and how it is spelt),
//! [`lens`] (answers to records to requests), [`request`] and [`reply`] (calls to bytes and back), which hand on to
//! [`documents`], [`codes`], [`limits`], [`trades`], [`schedules`] and [`creations`]; [`refusals`] and [`evidence`] (refusals to
//! classes), [`budget`], [`route`], [`render`] and [`shown`] (the proxy's side), [`understood`], [`check`], [`verbs`], [`invariants`].
//!
//! # What is particular to this API
//! - Versions stand in `metadata.version`, in the body of the write. A stale one is 409 `wfm.transaction.conflict`.
//! - Requests and answers spell one field in two ways. Our records have the names of requests, without their wrappers.
//! - A schedule is changed by an upload of three requests, and nobody says whether it was stale.
//! - Evaluations have no version. The time of their last change tells older from newer, and guards nothing.

use ifmatch_core::{
    Breach, Call, ConflictNote, Creation, Dialect, Evidence, Intent, IntentError, KindSpec, Method, Notes, Notices,
    OrgName, Reply, Request, Resource, Response, Route, RouteError, Snapshot, Timestamp, Verb, VerbError,
};
use serde_json::Value;

mod answer;
mod budget;
mod check;
mod codes;
mod creations;
mod documents;
mod evidence;
mod fields;
mod invariants;
mod kinds;
mod lens;
mod limits;
mod notices;
mod paths;
mod refusals;
mod render;
mod reply;
mod request;
mod route;
mod same;
mod schedules;
mod shown;
mod snapshot;
#[cfg(test)]
mod tests;
mod trades;
mod understood;
mod verbs;

use crate::{Rules, oauth};
use kinds::{AGENT, CODE, Kinds, LIMIT, TRADE, WEEK, part};
pub(crate) use schedules::VERSION as SCHEDULE_VERSION;

/// The most records in one read or write: as many agents as an answer holds before it lies elsewhere.
const ENVELOPE_MAX: usize = 100;

/// The dialect; it holds its tables and nothing else.
#[derive(Debug)]
pub struct GenesysCloud {
    kinds: Kinds,
    rules: Rules,
}

impl GenesysCloud {
    /// Builds the tables.
    #[must_use]
    pub fn new() -> Self {
        Self::with_rules(Rules::default())
    }

    /// The same, with rules that the shifts of an agent must keep.
    #[must_use]
    pub fn with_rules(rules: Rules) -> Self {
        Self { kinds: Kinds::new(), rules }
    }

    /// The answer to a bulk, in the shape of the API's own.
    #[must_use]
    pub fn render_batch(&self, request: &Request, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        render::batch(&self.kinds, request, lines)
    }

    /// The records that a passed-through answer shows.
    #[must_use]
    pub fn shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        shown::shown(&self.kinds, org, now, request, response)
    }
}

impl Default for GenesysCloud {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialect for GenesysCloud {
    fn name(&self) -> &'static str {
        "genesys-cloud"
    }

    fn kind(&self, kind: &str) -> Option<&KindSpec> {
        self.kinds.get(kind).map(|kind| &kind.spec)
    }

    fn kinds(&self) -> Vec<&str> {
        self.kinds.names()
    }

    fn understood(&self, intent: Intent) -> Intent {
        understood::understood(&self.kinds, intent)
    }

    fn check(&self, intent: &Intent) -> Result<(), IntentError> {
        check::check(&self.kinds, intent)
    }

    fn envelope(&self, resource: &Resource) -> Option<String> {
        resource.id()?;
        match resource.kind.as_str() {
            AGENT => Some(part(resource, 0).to_owned()),
            CODE => Some(format!("activity-codes/{}", part(resource, 0))),
            TRADE => Some(format!("trades/{}/{}", part(resource, 0), part(resource, 1))),
            _ => None,
        }
    }

    fn envelope_max(&self) -> usize {
        ENVELOPE_MAX
    }

    /// A code has the version and the time of its list, and an upload of agents moves their schedule.
    fn stamped_by(&self, resource: &Resource) -> Option<String> {
        matches!(resource.kind.as_str(), CODE | WEEK).then(|| part(resource, 0).to_owned())
    }

    fn stamps(&self, resource: &Resource) -> Option<String> {
        (resource.kind == AGENT).then(|| part(resource, 0).to_owned())
    }

    fn lock_domain(&self, resource: &Resource) -> String {
        match (resource.kind.as_str(), resource.id()) {
            (AGENT, Some(_)) => format!("agent/{}", part(resource, 1)),
            (WEEK, Some(id)) => format!("schedule/{id}"),
            (TRADE, Some(_)) => format!("trade/{}", part(resource, 2)),
            (CODE, Some(_)) => format!("activity-codes/{}", part(resource, 0)),
            _ => resource.key(),
        }
    }

    fn buckets(&self, request: &Request) -> Vec<String> {
        budget::buckets(request)
    }

    fn throttled_bucket(&self, request: &Request, response: &Response) -> String {
        budget::throttled_bucket(request, response)
    }

    fn errand(&self, call: &Call, notes: &Notes) -> Option<Request> {
        request::errand(&self.kinds, call, notes)
    }

    fn note(&self, call: &Call, notes: &mut Notes, response: &Response) -> Result<(), Box<Evidence>> {
        request::note(call, notes, response)
    }

    fn request(&self, call: &Call, notes: &Notes) -> Request {
        request::request(&self.kinds, call, notes)
    }

    /// Of an upload: the schedule, the address, the content, the request to process it. Where things lie is asked once.
    fn turn_requests(&self, resource: &Resource) -> u64 {
        match resource.kind.as_str() {
            AGENT => 6,
            WEEK => 5,
            LIMIT => 3,
            _ => 2,
        }
    }

    fn notices(&self) -> Option<&dyn Notices> {
        Some(self)
    }

    /// The bucket of the job that settles trades; it is no bucket of the list that shows them.
    fn write_buckets(&self, resource: &Resource) -> &'static [&'static str] {
        budget::of_write(&resource.kind)
    }

    fn one_writer(&self, resource: &Resource) -> bool {
        matches!(resource.kind.as_str(), AGENT | WEEK | CODE)
    }

    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply {
        reply::reply(&self.kinds, now, call, response)
    }

    fn verb(&self, kind: &str, verb: &Verb, value: &Value) -> Result<Value, VerbError> {
        verbs::run(kind, verb, value)
    }

    fn exchange(&self, resource: &Resource, verb: &Verb) -> Option<(Resource, Verb)> {
        verbs::exchange(resource, verb)
    }

    fn breaches(&self, kind: &str, value: &Value) -> Vec<Breach> {
        invariants::breaches(&self.rules, kind, value)
    }

    fn missteps(&self, kind: &str, from: &Value, to: &Value) -> Vec<Breach> {
        self.kinds.get(kind).map_or_else(Vec::new, |kind| invariants::missteps(kind, from, to))
    }

    fn alike(&self, a: &Value, b: &Value) -> bool {
        same::alike(a, b)
    }

    fn is_same(&self, creation: &Creation, found: &Value) -> bool {
        creations::is_same(&self.kinds, creation, found)
    }

    fn lapses(&self, kind: &str, value: &Value) -> Option<Timestamp> {
        invariants::lapses(kind, value)
    }

    fn refuses_copy(&self, _kind: &str) -> bool {
        false
    }

    fn refuses_second(&self, _kind: &str) -> bool {
        false
    }

    fn route(&self, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
        route::route(&self.kinds, org, request)
    }

    fn render(&self, method: Method, resource: &Resource, snapshot: &Snapshot, created: bool) -> Response {
        render::answer(&self.kinds, method, resource, snapshot, created)
    }

    fn refusal(&self, resource: &Resource, conflict: &[ConflictNote], _current: Option<&Snapshot>) -> Response {
        render::refusal(resource, conflict)
    }

    fn token_request(&self) -> Request {
        oauth::token_request()
    }
}
