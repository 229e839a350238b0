//! What sources do: look, ask to be shown, wish, send again.

use super::World;
use crate::hours::turned;
use crate::records::{patched, path_of};
use crate::script::{Body, Hours, Spoken, Wish, intent_of};
use crate::truth::{Export, Told};
use ifmatch_core::{
    Digest, Input, Intent, IntentId, Method, Pass, Request, Resource, SignedDuration, SourceName, Submission, Ticket,
    Urgency,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Where exports of recordings are asked for.
pub(super) const EXPORTS: &str = "/api/v2/recording/jobs";

impl World {
    pub(super) fn asks_to_see(&mut self, source: String, kind: &str, id: &str, path: String) {
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        let pass = Pass {
            ticket,
            source: SourceName::from(source.as_str()),
            request: Request::bare(Method::Get, path.clone()),
            reads: Some(Resource::by_id(&self.org(), kind, id)),
            class: Urgency::Interactive,
        };
        self.shows.insert(ticket, (source, path));
        self.feed(Input::Pass(pass));
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
        let current = self.sandbox.record(&wish.path).map(Arc::new);
        let spoken = if mind.is_none() { Spoken::Blind } else { wish.spoken };
        let mind = mind.unwrap_or_default();
        let whole = matches!(spoken, Spoken::Whole | Spoken::Pasted);
        let mut doc = patched(&wish.kind, &mind, &wish.set);
        if spoken == Spoken::Pasted {
            for name in ["version", "resource_version", "entity_version"] {
                doc[name] = current.as_ref().map_or(Value::Null, |record| record["version"].clone());
            }
        }
        let intent = intent_of(&self.org(), &wish, spoken, &mind, &doc);
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
        let body = Body { source: source.clone(), intent, whole, proxied: whole, first };
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
        let current = path.and_then(|path| self.sandbox.record(&path));
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
        };
        self.log.note(self.now, "submit", || {
            let what = serde_json::to_string(&body.intent.change).unwrap_or_default();
            format!("{} {} {} {what}", body.first, body.source, body.intent.resource)
        });
        self.bodies.insert(ticket, body);
        self.feed(Input::Submitted(Box::new(submission)));
    }
}
