//! What sources do: look, ask to be shown, wish, send again.

use super::World;
use crate::hours::turned;
use crate::records::{patched, path_of};
use crate::script::{Body, Hours, Spoken, Wish, intent_of, routed};
use crate::truth::{Export, Told};
use ifmatch_core::{
    Change, Digest, Input, Intent, IntentId, Method, Pass, Request, Resource, Response, SignedDuration, SourceName,
    Submission, Ticket, Urgency,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Where exports of recordings are asked for.
pub(super) const EXPORTS: &str = "/api/v2/recording/jobs";

/// Where a row of a table has its count of changes.
const COUNT: &str = "sys_mod_count";

/// A request of a source to be shown a record.
pub(super) struct Asked {
    /// The source.
    pub(super) source: String,
    /// The record's path.
    pub(super) path: String,
    request: Request,
    /// Whether the answer is a list, with the record in it or not.
    list: bool,
}

impl World {
    pub(super) fn asks_to_see(&mut self, source: String, kind: &str, id: &str, path: String) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let (request, reads) = self.setup.api.asked(Resource::by_id(&self.org(), kind, id), &path);
        let asked = Asked { source: source.clone(), path, request: request.clone(), list: reads.is_none() };
        let source = SourceName::from(source.as_str());
        let pass = Pass { ticket, source, request, reads, class: Urgency::Interactive };
        self.shows.insert(ticket, asked);
        self.feed(Input::Pass(pass));
    }

    /// A source is shown what it asked for. What a list shows is told to the engine, as the proxy does.
    pub(super) fn shown(&mut self, ticket: Ticket, response: Option<Response>) {
        let Some(asked) = self.shows.remove(&ticket) else { return };
        let Some(response) = response.filter(Response::is_success) else { return };
        if !asked.list {
            let now = self.process.reads(self.now);
            let record = self.setup.api.shown(&self.org(), now, &asked.request, &response);
            return record.into_iter().for_each(|record| self.is_shown(&asked.source, asked.path.clone(), record));
        }
        let now = self.process.reads(self.now);
        for (resource, snapshot) in self.setup.api.listed(&self.org(), now, &asked.request, &response) {
            let Some(path) = path_of(&resource) else { continue };
            let mut record: Value = self.setup.api.heard((*snapshot.value).clone());
            record["version"] = json!(snapshot.version);
            self.is_shown(&asked.source, path, record);
            let observed = Input::Observed {
                resource,
                version: snapshot.version,
                snapshot: Some(Box::new(snapshot)),
                unlocked: false,
                shown_to: Some(SourceName::from(asked.source.as_str())),
            };
            self.later(0, observed);
        }
    }

    fn is_shown(&mut self, source: &str, path: String, record: Value) {
        let record = versioned(record);
        self.log.note(self.now, "show", || format!("{source} sees {path} at {}", record["version"]));
        let version = record["version"].as_u64().unwrap_or(0);
        self.truth.shown.insert((source.to_owned(), path.clone()), version);
        self.truth.sees(source.to_owned(), path, record);
    }

    /// A record as it is in the target.
    pub(super) fn record(&self, path: &str) -> Option<Value> {
        self.sandbox.record(path).map(versioned)
    }

    /// A source has recordings of the last hour exported.
    pub(super) fn exports(&mut self, source: &str, agents: &[String]) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let from = self.now - SignedDuration::from_hours(1);
        let body = json!({ "agent_ids": agents, "from": from, "to": self.now });
        self.truth.exports.insert(ticket, Export::Open);
        self.log.note(self.now, "export", || format!("{ticket:?} {source} of {} agents", agents.len()));
        self.feed(Input::Pass(Pass {
            ticket,
            source: SourceName::from(source),
            request: Request::json(Method::Post, EXPORTS, &body),
            reads: None,
            class: Urgency::Bulk,
        }));
    }

    /// A source speaks from what it has in mind; without that, from nothing.
    pub(super) fn wishes(&mut self, wish: Wish) {
        self.sandbox.advance(self.now.as_millisecond());
        let mind = self.truth.minds.get(&(wish.source.clone(), wish.path.clone())).cloned();
        let current = self.record(&wish.path).map(Arc::new);
        let spoken = if mind.is_none() { Spoken::Blind } else { wish.spoken };
        let mind = mind.unwrap_or_default();
        let whole = matches!(spoken, Spoken::Whole | Spoken::Pasted);
        let mut doc = patched(&wish.kind, &mind, &wish.set);
        if spoken == Spoken::Pasted {
            for name in ["version", "resource_version", "entity_version"] {
                doc[name] = current.as_ref().map_or(Value::Null, |record| record["version"].clone());
            }
        }
        if spoken == Spoken::Pasted && doc[COUNT].is_string() {
            doc[COUNT] = doc["version"].to_string().into();
        }
        let version = doc["version"].clone();
        for metadata in ["/metadata", "/settings/metadata"] {
            if let Some(metadata) = doc.pointer_mut(metadata).filter(|metadata| metadata.is_object()) {
                metadata["version"] = version.clone();
            }
        }
        let said = (whole && self.setup.api.is_vendors()).then(|| routed(self.setup.api, &self.org(), &wish, &doc));
        let intent = said.flatten().unwrap_or_else(|| intent_of(&self.org(), &wish, spoken, &mind, &doc));
        // Without a base a wish stands against the record as it is when the wish is expressed.
        let seen = self.truth.seen.get(&(wish.source.clone(), wish.path.clone())).cloned();
        let (saw, believed) = match spoken {
            Spoken::Blind => (current.clone().unwrap_or_default(), current.unwrap_or_default()),
            _ => (seen.unwrap_or_else(|| Arc::clone(&mind)), mind),
        };
        if doc.get("version").is_some() {
            // From here on this is what the source believes the record to be.
            self.truth.minds.insert((wish.source.clone(), wish.path), Arc::new(doc));
        }
        self.submits(wish.source, intent, (saw, believed), whole);
    }

    /// A source turns hours of a shift as it has it in mind; of one that it never looked at it says nothing.
    pub(super) fn wishes_hours(&mut self, source: String, spoken: Spoken, hours: Hours) {
        let mind = self.truth.minds.get(&(source.clone(), hours.path.clone()));
        let Some(set) = mind.and_then(|mind| turned(mind, &hours)) else { return };
        let kind = "agent-schedule".to_owned();
        self.wishes(Wish { source, kind, id: hours.id, path: hours.path, set, spoken, on_conflict: None, pair: None });
    }

    pub(super) fn submits(
        &mut self,
        source: String,
        mut intent: Intent,
        (saw, believed): (Arc<Value>, Arc<Value>),
        whole: bool,
    ) {
        self.ids += 1;
        let first = IntentId(self.ids);
        if !whole && intent.idempotency_key.is_none() {
            // Who does not come through the proxy names each wish, so that it may be sent again at any time.
            intent.idempotency_key = Some(first.to_string());
        }
        let mind = (source.clone(), path_of(&intent.resource).unwrap_or_default());
        let told = Told {
            source: source.clone(),
            saw,
            sight: self.truth.seen.get(&mind).and_then(|seen| seen["version"].as_u64()),
            shown: self.truth.shown.get(&mind).copied(),
            believed,
            policy: intent.on_conflict.is_some(),
            based: intent.base.is_some() && !whole,
            change: intent.change.clone(),
        };
        self.truth.told.insert(first, told);
        // A body of the vendor's says fields, also where it says all of them.
        let fields = matches!(intent.change, Change::MergePatch(_));
        let body = Body { source: source.clone(), intent, whole: whole && !fields, proxied: whole, first };
        self.last_body.insert(source, body.clone());
        self.arrives(body);
    }

    /// The same body arrives once more, with an id of its own in case it is taken as new: nothing of it was stored
    /// then. One without a base stands against the record as it is when it is expressed, and that is again here.
    pub(super) fn sends_again(&mut self, mut body: Body) {
        self.sandbox.advance(self.now.as_millisecond());
        let told = self.truth.told.get(&body.first).cloned();
        let blind = body.intent.base.is_none() && !body.whole;
        let path = path_of(&body.intent.resource).filter(|_| blind);
        let current = path.and_then(|path| self.record(&path));
        self.ids += 1;
        body.first = IntentId(self.ids);
        if let Some(mut told) = told {
            if let Some(record) = current {
                let record = Arc::new(record);
                told.saw = Arc::clone(&record);
                told.believed = record;
            }
            self.truth.told.insert(body.first, told);
        }
        self.arrives(body);
    }

    fn arrives(&mut self, body: Body) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let fingerprint = body.proxied.then(|| {
            let said = (&body.intent.resource, &body.intent.change, &body.intent.base);
            let print = serde_json::to_string(&said).expect("an intent is JSON");
            let versioned = body.intent.base.as_ref().is_some_and(|base| base.version.is_some());
            ifmatch_core::Fingerprint { digest: Digest::of(print.as_bytes()), versioned }
        });
        let submission = Submission {
            ticket,
            id: body.first,
            source: SourceName::from(body.source.as_str()),
            intent: self.setup.api.said(body.intent.clone()),
            whole: body.whole,
            fingerprint,
            strict: false,
            proxied: body.proxied,
            keep: Vec::new(),
        };
        self.log.note(self.now, "submit", || {
            let what = serde_json::to_string(&body.intent.change).unwrap_or_default();
            format!("{} {} {} {what}", body.first, body.source, body.intent.resource)
        });
        self.bodies.insert(ticket, body);
        self.feed(Input::Submitted(Box::new(submission)));
    }
}

/// A record with its version where the judges look for it: documents keep it in their metadata.
fn versioned(mut record: Value) -> Value {
    let at = |place: &str| record.pointer(place).filter(|version| version.is_u64()).cloned();
    let version = at("/metadata/version").or_else(|| at("/settings/metadata/version"));
    if let (Some(version), Some(members)) = (version, record.as_object_mut()) {
        members.entry("version").or_insert(version);
    }
    record
}
