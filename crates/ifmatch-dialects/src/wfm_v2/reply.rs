//! Reads the answer to a call into facts, one per resource, in the order of the call.

use super::envelopes::{self, Told};
use super::evidence::{self, Purpose};
use super::kinds::{AGENT, Kinds, SCHEDULE, TRADE};
use super::{budget, lens, mark, snapshot};
use ifmatch_core::{
    About, Call, Class, Creation, Evidence, Fact, Precondition, Reply, Resource, Response, Timestamp, WriteItem,
    Written,
};
use serde_json::Value;
use std::sync::Arc;

mod agents;
mod lookup;
mod operation;
mod place;
#[cfg(test)]
mod tests;

pub(crate) use lookup::review_date;
use place::Place;

/// An answer, with what is needed to read it.
#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    now: Timestamp,
    kinds: &'a Kinds,
    response: &'a Response,
    body: &'a Value,
}

/// Reads an answer.
pub(crate) fn reply(kinds: &Kinds, now: Timestamp, call: &Call, response: &Response) -> Reply {
    let mut body = response.json().unwrap_or(Value::Null);
    let answer = Answer { now, kinds, response, body: &body };
    let facts = match call {
        Call::Read(resources) => {
            let places = answer.read(resources).into_iter();
            places.map(|(resource, place)| (resource, place.observed(&mut body, response, now))).collect()
        }
        Call::ReadStamps { resource, .. } => vec![(resource.clone(), answer.read_stamps(resource))],
        Call::Lookup(creation) => vec![(creation.resource.clone(), answer.lookup(creation))],
        Call::Write(items) => answer.write(items),
        Call::Create(creation) => vec![(creation.resource.clone(), answer.create(creation))],
        Call::Start(operation) => vec![(operation.resource.clone(), answer.start(operation))],
        Call::Status(operation) => vec![(operation.resource.clone(), answer.status(operation))],
        Call::Past { resource, .. } => {
            let place = answer.read_one(resource);
            vec![(resource.clone(), place.observed(&mut body, response, now))]
        }
    };
    Reply { facts, budgets: budget::hints(now, response), date: budget::date(response), rest: None }
}

/// What was asked for, as far as it matters to a refusal.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    purpose: Purpose,
    /// The status that a write to a trade wants.
    wanted: Option<&'a str>,
    /// The precondition of a write to one record, where the answer's tag is that record's.
    known: Option<&'a Precondition>,
}

impl Asked<'_> {
    const fn of(purpose: Purpose) -> Self {
        Self { purpose, wanted: None, known: None }
    }
}

impl Answer<'_> {
    /// Where each record stands.
    fn read(&self, resources: &[Resource]) -> Vec<(Resource, Place)> {
        match resources.first() {
            Some(first) if first.kind == AGENT => self.read_agents(resources),
            _ => resources.iter().map(|resource| (resource.clone(), self.read_one(resource))).collect(),
        }
    }

    fn read_one(&self, resource: &Resource) -> Place {
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Read)) {
            return Place::Nowhere(absent_or_refused(refusal));
        }
        match resource.kind.as_str() {
            kind if !self.is_record(kind) => {
                Place::Nowhere(self.strange("the answer is not the record that was asked for"))
            }
            SCHEDULE => Place::Document,
            _ => Place::Body,
        }
    }

    /// Whether the body looks like a record of a kind.
    fn is_record(&self, kind: &str) -> bool {
        let (Some(spec), Some(members)) = (self.kinds.get(kind), self.body.as_object()) else { return false };
        let mut fields = ["version", "agents"].into_iter().chain(spec.writable.iter());
        fields.any(|name| members.contains_key(name))
    }

    /// The body as a record of a kind, if it looks like one.
    fn record(&self, kind: &str) -> Option<Value> {
        let value = self.is_record(kind).then(|| self.body.clone())?;
        Some(if kind == SCHEDULE { snapshot::schedule(value) } else { value })
    }

    fn write(&self, items: &[WriteItem]) -> Vec<(Resource, Fact)> {
        match items.first() {
            Some(first) if first.resource.kind == AGENT => self.write_agents(items),
            _ => items.iter().map(|item| (item.resource.clone(), self.write_one(item))).collect(),
        }
    }

    fn write_one(&self, item: &WriteItem) -> Fact {
        let wanted = (item.resource.kind == TRADE).then(|| item.to["status"].as_str()).flatten();
        let asked = Asked { purpose: Purpose::Write, wanted, known: Some(&item.precondition) };
        if let Some(refusal) = self.refusal(asked) {
            return Fact::Refused(refusal);
        }
        let tag = snapshot::tag(self.response);
        let record = self.whole_record(&item.resource.kind);
        let shown = record.is_some();
        let mut snapshot = match record {
            Some(value) => snapshot::of(value, tag, self.now),
            None => {
                let version = lens::version(self.body).ok().flatten();
                let version = version.or_else(|| snapshot::spelt(&item.precondition, tag));
                snapshot::written(&item.to, version, tag, self.now)
            }
        };
        if item.resource.kind == SCHEDULE {
            // The answer holds the agents that the write named, not all of them.
            if let (Some(members), Some(ids)) =
                (Arc::make_mut(&mut snapshot.value).as_object_mut(), item.to.get("agent_ids"))
            {
                members.insert("agent_ids".to_owned(), ids.clone());
            }
        }
        Fact::Written(Written { id: None, snapshot, shown, existed: false })
    }

    /// The record of an accepted write; `None` where the answer has a version at most.
    fn whole_record(&self, kind: &str) -> Option<Value> {
        let spec = self.kinds.get(kind)?;
        let record = self.record(kind)?;
        let whole = kind == SCHEDULE || spec.writable.iter().any(|name| record.get(name).is_some());
        whole.then_some(record)
    }

    fn create(&self, creation: &Creation) -> Fact {
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Create)) {
            return Fact::Refused(refusal);
        }
        if creation.resource.kind == AGENT {
            return self.created_agent(creation);
        }
        let tag = snapshot::tag(self.response);
        let record = self.whole_record(&creation.resource.kind);
        let shown = record.is_some();
        let snapshot = match record {
            Some(value) => snapshot::of(value, tag, self.now),
            None => {
                let version = lens::version(self.body).ok().flatten();
                snapshot::written(&creation.value, version, tag, self.now)
            }
        };
        let id = record_id(&snapshot.value).or_else(|| record_id(self.body)).or_else(|| self.location());
        Fact::Written(Written { id, snapshot, shown, existed: self.response.status == 200 })
    }

    fn location(&self) -> Option<String> {
        let path = self.response.header("location")?;
        path.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned)
    }

    /// The refusal of the whole, if it is one: by status, or as a 207 whose only line is refused.
    fn refusal(&self, asked: Asked<'_>) -> Option<Evidence> {
        if !self.response.is_success() {
            let body = self.body.is_object().then_some(self.body);
            return Some(self.evidence(self.response.status, envelopes::told(body), asked));
        }
        let entities = self.body.get("entities")?.as_array()?;
        let [entity] = entities.as_slice() else {
            return None;
        };
        let status = refused_status(entity)?;
        Some(self.evidence(status, envelopes::told(Some(self.body)), asked))
    }

    fn evidence(&self, status: u16, told: Told, asked: Asked<'_>) -> Evidence {
        let wait = budget::retry_after(self.now, self.response);
        let mut class = evidence::class(status, &told, wait.is_some(), asked.purpose);
        if class == Class::Rule && evidence::is_done(&told, asked.wanted) {
            class = Class::AlreadyDone;
        }
        let tag = snapshot::tag(self.response);
        let by_tag = || asked.known.and_then(|known| snapshot::spelt(known, tag));
        let current = told.current.map(|mut value| {
            mark::take(&mut value);
            Box::new(snapshot::of(value, tag, self.now))
        });
        Evidence {
            class,
            label: label(status, &told.codes),
            message: told.message,
            version: told.version.or_else(by_tag),
            current,
            retry_after: wait,
            field: told.field.or_else(|| told.agent.map(|agent| format!("agents/{agent}"))),
            about: About::Whole,
        }
    }

    /// An answer that fits nothing.
    fn strange(&self, words: &str) -> Fact {
        let mut evidence = Evidence::bare(Class::Unclassified, label(self.response.status, &[]), words);
        evidence.retry_after = budget::retry_after(self.now, self.response);
        Fact::Refused(evidence)
    }
}

fn label(status: u16, codes: &[String]) -> String {
    match codes.first() {
        Some(code) => format!("{status} {code}"),
        None => status.to_string(),
    }
}

fn absent_or_refused(evidence: Evidence) -> Fact {
    if evidence.class == Class::Absent { Fact::Absent } else { Fact::Refused(evidence) }
}

/// The status of one line of an answer, if it refuses.
fn refused_status(entity: &Value) -> Option<u16> {
    let status = entity.get("status").and_then(lens::whole).and_then(|status| u16::try_from(status).ok());
    let has_errors = entity["errors"].as_array().is_some_and(|errors| !errors.is_empty());
    match status {
        Some(status) if (200..300).contains(&status) => None,
        Some(status) => Some(status),
        None => has_errors.then_some(409),
    }
}

/// The target's id of a record.
fn record_id(value: &Value) -> Option<String> {
    let id = value.get("trade_id").or_else(|| value.get("id"))?;
    id.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}
