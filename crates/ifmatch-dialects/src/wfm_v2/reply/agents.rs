//! Answers about agents of one schedule: a document, one entry, or a line per agent.

use super::{Answer, Asked, Place, absent_or_refused, label, refused_status};
use crate::wfm_v2::envelopes;
use crate::wfm_v2::evidence::Purpose;
use crate::wfm_v2::kinds::agent_parts;
use crate::wfm_v2::{lens, request, snapshot};
use ifmatch_core::{About, Class, Creation, Evidence, Fact, Resource, Snapshot, WriteItem, Written};
use serde_json::Value;

impl Answer<'_> {
    pub(super) fn read_agents(&self, resources: &[Resource]) -> Vec<(Resource, Place)> {
        let all =
            |fact: Fact| resources.iter().map(|resource| (resource.clone(), Place::Nowhere(fact.clone()))).collect();
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Read)) {
            return all(absent_or_refused(refusal));
        }
        let Some(agents) = self.body.get("agents").and_then(Value::as_array) else {
            return all(self.strange("the answer is no schedule with agents"));
        };
        if agents.is_empty() && request::is_split(resources) {
            return all(self.strange("the answer holds none of the several agents that were asked for"));
        }
        let place = |resource: &Resource| self.agent_place(resource).unwrap_or(Place::Nowhere(Fact::Absent));
        resources.iter().map(|resource| (resource.clone(), place(resource))).collect()
    }

    /// One agent's week, read by itself.
    pub(super) fn read_stamps(&self, resource: &Resource) -> Fact {
        if let Some(refusal) = self.refusal(Asked::of(Purpose::Read)) {
            return absent_or_refused(refusal);
        }
        // An agent may have a place in several schedules of one week.
        let schedule = resource.id().and_then(agent_parts).map(|(schedule, _)| schedule);
        let other = self.body.get("schedule_id").is_some_and(|found| found.as_str() != schedule);
        match self.agent_snapshot(resource).filter(|_| !other) {
            Some(snapshot) => Fact::Observed(Box::new(snapshot)),
            None => Fact::Absent,
        }
    }

    /// The agent's snapshot out of a document, or out of an answer that is its entry. The tag is
    /// left out: in a document it is the document's.
    pub(super) fn agent_snapshot(&self, resource: &Resource) -> Option<Snapshot> {
        let value = agent_value(self.body, resource)?;
        Some(snapshot::of(value, None, self.now))
    }

    pub(super) fn write_agents(&self, items: &[WriteItem]) -> Vec<(Resource, Fact)> {
        let fact = |fact: Fact| move |item: &WriteItem| (item.resource.clone(), fact.clone());
        if !self.response.is_success() {
            return items.iter().map(|item| (item.resource.clone(), self.agent_refused(item, items))).collect();
        }
        let Some(entities) = self.body.get("entities").and_then(Value::as_array) else {
            return items.iter().map(|item| (item.resource.clone(), self.agent_written(item))).collect();
        };
        let lines: Vec<_> = items.iter().map(|item| line_of(item, items, entities)).collect();
        if let ([entity], true) = (entities.as_slice(), lines.iter().all(Option::is_none)) {
            // A refusal of the whole in the shape of a bulk names the document, or nothing.
            if refused_status(entity).is_some() {
                return items.iter().map(|item| (item.resource.clone(), self.agent_refused(item, items))).collect();
            }
        }
        let unnamed = self.strange("the answer has no line for this agent");
        items
            .iter()
            .zip(lines)
            .map(|(item, line)| match line {
                Some(line) => (item.resource.clone(), self.line_fact(item, line)),
                None => fact(unnamed.clone())(item),
            })
            .collect()
    }

    /// The refusal of the whole, told to one of its agents. A version in it is the document's,
    /// unless the write was that of one agent.
    fn agent_refused(&self, item: &WriteItem, items: &[WriteItem]) -> Fact {
        let status = match self.body["entities"].as_array().map(Vec::as_slice) {
            Some([entity]) => refused_status(entity).unwrap_or(self.response.status),
            _ => self.response.status,
        };
        let body = self.body.is_object().then_some(self.body);
        let told = envelopes::told(body);
        let named = told.agent.clone();
        let mut evidence = self.evidence(status, told, Asked::of(Purpose::Write));
        let current = evidence.current.take().and_then(|current| agent_value(&current.value, &item.resource));
        let current = current.map(|value| snapshot::of(value, None, self.now));
        evidence.version = current.as_ref().and_then(|current| current.version);
        evidence.current = current.map(Box::new);
        let named = named.filter(|named| items.iter().any(|item| agent_of(item) == Some(named)));
        evidence.about = match named {
            None => About::Whole,
            Some(named) if agent_of(item) == Some(&named) => About::This,
            Some(_) => About::Another,
        };
        Fact::Refused(evidence)
    }

    fn agent_written(&self, item: &WriteItem) -> Fact {
        let found = self.agent_snapshot(&item.resource);
        let shown = found.is_some();
        let snapshot = found.unwrap_or_else(|| snapshot::written(&item.to, None, None, self.now));
        Fact::Written(Written { id: None, snapshot, shown, existed: false })
    }

    fn line_fact(&self, item: &WriteItem, line: &Value) -> Fact {
        if let Some(status) = refused_status(line) {
            return Fact::Refused(self.line_evidence(item, line, status));
        }
        let record = line.get("record").and_then(|record| agent_value(record, &item.resource));
        let shown = record.is_some();
        let snapshot = match record {
            Some(value) => snapshot::of(value, None, self.now),
            None => {
                let version = lens::version(line).ok().flatten();
                snapshot::written(&item.to, version, None, self.now)
            }
        };
        Fact::Written(Written { id: None, snapshot, shown, existed: false })
    }

    fn line_evidence(&self, item: &WriteItem, line: &Value, status: u16) -> Evidence {
        let mut told = envelopes::told(Some(line));
        let current = told.current.take().and_then(|value| agent_value(&value, &item.resource));
        let mut evidence = self.evidence(status, told, Asked::of(Purpose::Write));
        evidence.current = current.map(|value| Box::new(snapshot::of(value, None, self.now)));
        evidence.about = About::This;
        evidence
    }

    pub(super) fn created_agent(&self, creation: &Creation) -> Fact {
        let found = self.agent_snapshot(&creation.resource);
        let Some(snapshot) = found else {
            let words = "the answer does not hold the agent that was added";
            return Fact::Refused(Evidence::bare(Class::Ambiguous, label(self.response.status, &[]), words));
        };
        let id = creation.resource.id().map(str::to_owned);
        Fact::Written(Written { id, snapshot, shown: true, existed: false })
    }
}

/// The record of an agent, out of a document that holds it or an entry that is it.
fn agent_value(body: &Value, resource: &Resource) -> Option<Value> {
    let (schedule, agent) = agent_parts(resource.id()?)?;
    if body["agent_id"] == agent {
        return Some(snapshot::agent_entry(body.clone(), body, schedule));
    }
    snapshot::agent(body, schedule, agent)
}

/// The agent that a write is about.
fn agent_of(item: &WriteItem) -> Option<&str> {
    agent_parts(item.resource.id()?).map(|(_, agent)| agent)
}

/// The line of an answer that is about an item: by agent, by both parts of the id, or, where lines
/// carry no ids at all, by position.
fn line_of<'e>(item: &WriteItem, items: &[WriteItem], entities: &'e [Value]) -> Option<&'e Value> {
    let id = item.resource.id()?;
    let (_, agent) = agent_parts(id)?;
    let names = |line: &&Value| line["agent_id"] == agent || line["id"] == agent || line["id"] == id;
    let anonymous = entities.iter().all(|line| line["id"].is_null() && line["agent_id"].is_null());
    let at = || items.iter().position(|other| other.resource == item.resource);
    let by_place = || (anonymous && entities.len() == items.len()).then(at).flatten();
    entities.iter().find(names).or_else(|| entities.get(by_place()?))
}
