//! Where in the body of an answer a record stands. It is moved out of there: a body is read once and is large.

use super::Answer;
use crate::wfm_v2::kinds::agent_parts;
use crate::wfm_v2::snapshot;
use ifmatch_core::{Fact, Resource, Response, Timestamp};
use serde_json::Value;

/// Where a record stands.
pub(super) enum Place {
    /// The body is the record.
    Body,
    /// The body is the document of the schedule that is the record.
    Document,
    /// The body is the entry of an agent in this schedule.
    Entry(String),
    /// The body is the document of this schedule, and the agent has this place in its list.
    Agent(String, usize),
    /// Nowhere: what the answer says instead.
    Nowhere(Fact),
}

impl Place {
    /// What was observed there; the body lacks it from then on. The tag of a document is no agent's.
    pub(super) fn observed(self, body: &mut Value, response: &Response, now: Timestamp) -> Fact {
        let (value, tag) = match self {
            Self::Body => (std::mem::take(body), snapshot::tag(response)),
            Self::Document => (snapshot::schedule(std::mem::take(body)), snapshot::tag(response)),
            Self::Entry(schedule) => (snapshot::agent_entry(std::mem::take(body), &Value::Null, &schedule), None),
            Self::Agent(schedule, at) => {
                let entry = body.pointer_mut(&format!("/agents/{at}")).map(std::mem::take);
                (snapshot::agent_entry(entry.unwrap_or_default(), body, &schedule), None)
            }
            Self::Nowhere(fact) => return fact,
        };
        Fact::Observed(Box::new(snapshot::of(value, tag, now)))
    }
}

impl Answer<'_> {
    /// Where the record of an agent stands: in a document that holds it, or the body is its entry.
    pub(super) fn agent_place(&self, resource: &Resource) -> Option<Place> {
        let (schedule, agent) = agent_parts(resource.id()?)?;
        if self.body["agent_id"] == agent {
            return Some(Place::Entry(schedule.to_owned()));
        }
        let entries = self.body.get("agents")?.as_array()?;
        let at = entries.iter().position(|entry| entry["agent_id"] == agent)?;
        Some(Place::Agent(schedule.to_owned(), at))
    }
}
