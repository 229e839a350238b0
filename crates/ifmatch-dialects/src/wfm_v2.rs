//! The `wfm-v2` API: quality scores, shift trades, schedules with their agents, publish.
//!
//! One file per concern, each pure: [`kinds`] (fields, merge schemas, keys), [`request`] and
//! [`reply`] (calls to bytes and back), [`envelopes`] and [`evidence`] (refusals to classes),
//! [`budget`], [`route`] and [`render`] (the proxy's side), [`check`] and [`fields`] (intents at
//! the door), [`local`] (times by a clock on a wall), [`verbs`], [`invariants`], and [`lens`] (records to bodies).
//!
//! # What is particular to this API
//! - Versions count up, so a conditional write lands at most once. The body's version is preferred
//!   to a tag: it is the one spelling that every setting of the API offers.
//! - An agent schedule is guarded by its own version, never by the document's: that one moves with
//!   every write to any agent of the week.
//! - A trade that is settled refuses every write, also the one that settled it.

use ifmatch_core::{
    Breach, Call, ConflictNote, Creation, Dialect, Intent, IntentError, KindSpec, Localised, Method, Notes, OrgName,
    Reply, Request, Resource, Response, Route, RouteError, Snapshot, Timestamp, Verb, VerbError,
};
use serde_json::Value;
use std::sync::Arc;

mod budget;
mod check;
mod envelopes;
mod evidence;
mod fields;
mod invariants;
mod kinds;
mod lens;
mod local;
mod mark;
mod paths;
mod render;
mod reply;
mod request;
mod route;
mod rules;
mod same;
mod shown;
mod snapshot;
mod verbs;

use crate::oauth;
use crate::probe::Known;
use kinds::{AGENT, Kinds, SCHEDULE, SCORE, TRADE};
pub use rules::Rules;

/// The most agents in one read or write of a schedule.
const ENVELOPE_MAX: usize = 250;

/// The dialect; it holds its tables and nothing else.
#[derive(Debug)]
pub struct WfmV2 {
    kinds: Kinds,
    rules: Rules,
    /// What a probe found out about the target.
    known: Known,
}

impl WfmV2 {
    /// Builds the tables.
    #[must_use]
    pub fn new() -> Self {
        Self::with_rules(Rules::default())
    }

    /// The same, with rules that a week of an agent must keep.
    #[must_use]
    pub fn with_rules(rules: Rules) -> Self {
        Self { kinds: Kinds::new(), rules, known: Known::default() }
    }

    /// The same, with what a probe found out about the target.
    #[must_use]
    pub fn knowing(self, known: Known) -> Self {
        Self { known, ..self }
    }

    /// The answer to a batch, in the shape of the API's own bulk answers: one line per change in
    /// their order, status 207 when one was refused.
    #[must_use]
    pub fn render_batch(&self, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        render::batch(lines)
    }

    /// The records that a passed-through answer shows: documents and lists are read through the
    /// proxy as they are, yet what a client saw there is what its next write starts from.
    #[must_use]
    pub fn shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        shown::shown(org, now, request, response)
    }
}

impl Default for WfmV2 {
    fn default() -> Self {
        Self::new()
    }
}

impl Dialect for WfmV2 {
    fn name(&self) -> &'static str {
        "wfm-v2"
    }

    fn kind(&self, kind: &str) -> Option<&KindSpec> {
        self.kinds.get(kind)
    }

    fn kinds(&self) -> Vec<&str> {
        self.kinds.names()
    }

    fn check(&self, intent: &Intent) -> Result<(), IntentError> {
        check::check(&self.kinds, intent)
    }

    fn envelope(&self, resource: &Resource) -> Option<String> {
        let (schedule, _) = kinds::agent_parts(resource.id()?)?;
        (resource.kind == AGENT).then(|| schedule.to_owned())
    }

    /// No page of the API says so; one that does not know the parameter ignores it, which is seen.
    fn keeps_versions(&self, kind: &str) -> bool {
        matches!(kind, SCORE | TRADE) && !self.known.forgetful.contains(kind)
    }

    fn names_everywhere(&self, kind: &str) -> bool {
        self.known.named_everywhere.contains(kind)
    }

    fn envelope_max(&self) -> usize {
        ENVELOPE_MAX
    }

    fn lock_domain(&self, resource: &Resource) -> String {
        let id = resource.id();
        match (resource.kind.as_str(), id) {
            (AGENT, Some(id)) => format!("agent/{}", kinds::agent_parts(id).map_or(id, |(_, agent)| agent)),
            (TRADE, Some(id)) => format!("trade/{id}"),
            (SCORE, Some(id)) => format!("score/{id}"),
            (SCHEDULE, Some(id)) => format!("schedule/{id}"),
            _ => resource.key(),
        }
    }

    fn buckets(&self, request: &Request) -> Vec<String> {
        budget::buckets(request)
    }

    fn throttled_bucket(&self, request: &Request, response: &Response) -> String {
        budget::throttled_bucket(request, response)
    }

    fn request(&self, call: &Call, _: &Notes) -> Request {
        request::request(&self.kinds, call)
    }

    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply {
        reply::reply(&self.kinds, now, call, response)
    }

    fn read_stamps(&self, resource: &Resource, known: &Arc<Value>) -> Option<Call> {
        let tells = resource.kind == AGENT && known.get("week").is_some_and(Value::is_string);
        tells.then(|| Call::ReadStamps { resource: resource.clone(), known: known.clone() })
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
        invariants::missteps(&self.kinds, kind, from, to)
    }

    fn localise(&self, _kind: &str, wish: &Value, record: &Value) -> Result<Option<Localised>, IntentError> {
        local::localise(wish, record)
    }

    fn alike(&self, a: &Value, b: &Value) -> bool {
        same::alike(a, b)
    }

    fn is_same(&self, creation: &Creation, found: &Value) -> bool {
        same::is_same(&self.kinds, creation, found)
    }

    fn own_id(&self, creation: &Creation) -> Option<String> {
        request::own_id(&self.kinds, creation)
    }

    fn lapses(&self, kind: &str, value: &Value) -> Option<Timestamp> {
        invariants::lapses(kind, value)
    }

    fn refuses_copy(&self, kind: &str) -> bool {
        kind != SCHEDULE
    }

    fn refuses_second(&self, kind: &str) -> bool {
        !matches!(kind, TRADE | SCHEDULE)
    }

    fn route(&self, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
        route::route(&self.kinds, org, request)
    }

    fn render(&self, method: Method, _resource: &Resource, snapshot: &Snapshot, created: bool) -> Response {
        render::answer(method, snapshot, created)
    }

    fn refusal(&self, resource: &Resource, conflict: &[ConflictNote], current: Option<&Snapshot>) -> Response {
        render::refusal(resource, conflict, current)
    }

    fn token_request(&self) -> Request {
        oauth::token_request()
    }
}

#[cfg(test)]
mod tests;
