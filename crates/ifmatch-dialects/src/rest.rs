//! Any API whose records have a version, by a description: the kinds of an org with `dialect = "rest"`.
//!
//! [`Description`] is what a user says of a kind, [`Rest`] the dialect that follows. One file per concern, each pure:
//! `kind` (the description checked, with the defaults of its preset), `spelling` and `snapshot` (values, versions),
//! `request`, `reply` and `evidence` (calls to bytes and back), `route` and `render` (the proxy's side), `check`
//! (intents at the door). `docs/design/031-rest.md` says why.
//!
//! # What is particular to such targets
//! - Where nothing is guarded, as in a ServiceNow table, a write names no version; the count that it leads to tells whether it
//!   was let through over somebody else's.
//! - A time stamp that is checked, as in a Zendesk ticket, guards as finely as its clock ticks. It is used, and not believed: what
//!   an ambiguous write did is settled as where nothing is guarded.

use ifmatch_core::{
    Breach, Call, ConflictNote, Creation, Dialect, Intent, IntentError, KindSpec, Localised, Method, Notes, OrgName,
    Reply, Request, Resource, Response, Route, RouteError, Snapshot, Timestamp, Verb, VerbError,
};
use serde_json::{Value, json};

mod check;
mod description;
mod evidence;
mod kind;
mod presets;
mod render;
mod reply;
mod request;
mod route;
mod snapshot;
mod spelling;
mod template;

pub use description::{
    Description, DescriptionError, ErrorHint, FieldType, PreconditionPlace, Preset, RateHeaders, Sent, Spelling,
    VersionPlace, WriteMethod,
};

use crate::paths::split;
use kind::Kind;

/// The bucket of the client as a whole.
const TENANT: &str = "tenant";

/// The dialect of described kinds.
#[derive(Debug, Clone)]
pub struct Rest {
    kinds: Vec<Kind>,
    token_path: String,
}

impl Rest {
    /// The dialect that these descriptions make.
    ///
    /// # Errors
    /// Which of them makes no sense, by its place, and the field at fault.
    pub fn new(described: Vec<Description>) -> Result<Self, (usize, DescriptionError)> {
        let mut kinds: Vec<Kind> = Vec::new();
        for (at, description) in described.into_iter().enumerate() {
            let kind = Kind::new(description).map_err(|error| (at, error))?;
            if kinds.iter().any(|known| known.spec.name == kind.spec.name) {
                let reason = format!("another kind is named {:?} too", kind.spec.name);
                return Err((at, DescriptionError::new("name", reason)));
            }
            kinds.push(kind);
        }
        Ok(Self { kinds, token_path: "/oauth/token".to_owned() })
    }

    /// The same with its token endpoint elsewhere, such as `/oauth_token.do`.
    #[must_use]
    pub fn with_token_path(self, path: impl Into<String>) -> Self {
        Self { token_path: path.into(), ..self }
    }

    fn kinds_named(&self) -> Vec<&str> {
        self.kinds.iter().map(|kind| &*kind.spec.name).collect()
    }

    fn named(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.spec.name == name)
    }

    fn described(&self, resource: &Resource) -> Option<&Kind> {
        self.named(&resource.kind)
    }

    /// The kind that a request is about.
    fn asked(&self, request: &Request) -> Option<&Kind> {
        let path = split(&request.path).0;
        let is = |kind: &&Kind| kind.place.id(path).is_some() || kind.create.as_deref() == Some(path);
        self.kinds.iter().find(is)
    }

    /// The record that a passed-through answer shows.
    #[must_use]
    pub fn shown(
        &self,
        org: &OrgName,
        now: Timestamp,
        request: &Request,
        response: &Response,
    ) -> Vec<(Resource, Snapshot)> {
        let (path, query) = split(&request.path);
        let shows = |kind: &Kind| {
            let id = kind.place.id(path).filter(|_| query.is_empty() || query == kind.query)?;
            let body = response.json().filter(|_| response.is_success())?;
            let record = body.pointer(&kind.record).filter(|record| record.is_object())?;
            let snapshot = snapshot::of(kind, record, snapshot::tag(response), now);
            Some((Resource::by_id(org, &kind.spec.name, &id), snapshot))
        };
        self.kinds.iter().find_map(shows).into_iter().collect()
    }

    /// The answer to a batch. No route of these APIs is one.
    #[must_use]
    pub fn render_batch(&self, lines: &[(Resource, Result<Snapshot, Response>)]) -> Response {
        let line = |(resource, line): &(Resource, Result<Snapshot, Response>)| match line {
            Ok(snapshot) => json!({ "id": resource.id(), "status": 200, "record": &*snapshot.value }),
            Err(refused) => json!({ "id": resource.id(), "status": refused.status, "error": refused.json() }),
        };
        let body = Value::Array(lines.iter().map(line).collect());
        let json = ("content-type".to_owned(), "application/json".to_owned());
        Response { status: 207, headers: vec![json], body: body.to_string() }
    }
}

impl Dialect for Rest {
    fn name(&self) -> &'static str {
        "rest"
    }

    fn kind(&self, kind: &str) -> Option<&KindSpec> {
        self.named(kind).map(|kind| &kind.spec)
    }

    fn kinds(&self) -> Vec<&str> {
        self.kinds_named()
    }

    fn check(&self, intent: &Intent) -> Result<(), IntentError> {
        check::check(self, intent)
    }

    fn envelope(&self, _resource: &Resource) -> Option<String> {
        None
    }

    fn envelope_max(&self) -> usize {
        1
    }

    fn lock_domain(&self, resource: &Resource) -> String {
        resource.key()
    }

    fn buckets(&self, request: &Request) -> Vec<String> {
        let kind = self.asked(request).map(|kind| kind.spec.name.to_string());
        std::iter::once(TENANT.to_owned()).chain(kind).collect()
    }

    /// Where the window of the client still has room, it is the narrower one of the kind that is full.
    fn throttled_bucket(&self, request: &Request, response: &Response) -> String {
        let kind = self.asked(request);
        let left = kind.and_then(|kind| crate::headers::number(response, &kind.rate.as_ref()?.remaining));
        kind.filter(|_| left.is_some_and(|left| left > 0))
            .map_or_else(|| TENANT.to_owned(), |it| it.spec.name.to_string())
    }

    fn request(&self, call: &Call, _: &Notes) -> Request {
        request::request(self, call)
    }

    fn reply(&self, now: Timestamp, call: &Call, response: &Response) -> Reply {
        reply::reply(self, now, call, response)
    }

    fn verb(&self, kind: &str, verb: &Verb, _value: &Value) -> Result<Value, VerbError> {
        let reason = format!("a {kind} has no verb {:?}", verb.name);
        Err(VerbError::Invalid(IntentError::new("unknown_verb", "/change/verb/name", reason)))
    }

    fn breaches(&self, _kind: &str, _value: &Value) -> Vec<Breach> {
        Vec::new()
    }

    /// A wish may spell values as the target does: it is read as that is.
    fn localise(&self, kind: &str, wish: &Value, _record: &Value) -> Result<Option<Localised>, IntentError> {
        let Some(kind) = self.named(kind) else { return Ok(None) };
        let value = spelling::wish(kind, wish);
        Ok((value != *wish).then(|| Localised { value, doubts: Vec::new() }))
    }

    fn alike(&self, a: &Value, b: &Value) -> bool {
        crate::same::alike(&[], a, b)
    }

    /// Its mark agrees; without one, everything that the creation gives does.
    fn is_same(&self, creation: &Creation, found: &Value) -> bool {
        let Some(kind) = self.described(&creation.resource) else { return false };
        let wanted = spelling::wish(kind, &creation.value);
        let agrees = |name: &str| match (wanted.get(name), found.get(name)) {
            (None | Some(Value::Null), _) => true,
            (Some(wanted), Some(found)) => self.alike(wanted, found),
            (Some(wanted), None) => wanted == "",
        };
        match kind.mark.as_deref().filter(|mark| wanted.get(*mark).is_some_and(|value| !value.is_null() && value != ""))
        {
            Some(mark) => agrees(mark),
            None => kind.spec.writable.iter().all(agrees),
        }
    }

    fn route(&self, org: &OrgName, request: &Request) -> Result<Route, RouteError> {
        route::route(self, org, request)
    }

    fn render(&self, method: Method, resource: &Resource, snapshot: &Snapshot, created: bool) -> Response {
        match self.described(resource) {
            Some(kind) => render::answer(kind, snapshot, created && method == Method::Post),
            None => render::refusal(None, resource, &[], None),
        }
    }

    fn refusal(&self, resource: &Resource, conflict: &[ConflictNote], current: Option<&Snapshot>) -> Response {
        render::refusal(self.described(resource), resource, conflict, current)
    }

    fn token_request(&self) -> Request {
        Request { path: self.token_path.clone(), ..crate::oauth::token_request() }
    }
}

#[cfg(test)]
mod tests;
