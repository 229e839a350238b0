//! Reads the answer to a call into facts.

use super::description::RateHeaders;
use super::evidence::{Purpose, evidence, refused_status};
use super::kind::Kind;
use super::{Rest, TENANT, request, snapshot};
use crate::headers::{date, number};
use ifmatch_core::{
    BudgetHint, Call, Class, Creation, Evidence, Fact, Reply, Resource, Response, SignedDuration, Snapshot, Timestamp,
    WriteItem, Written,
};
use serde_json::Value;

/// Reads an answer.
pub(super) fn reply(rest: &Rest, now: Timestamp, call: &Call, response: &Response) -> Reply {
    let body = response.json().unwrap_or(Value::Null);
    let of = |resource: &Resource, fact: &dyn Fn(Answer<'_>) -> Fact| {
        let fact =
            rest.described(resource).map_or_else(unknown, |kind| fact(Answer { kind, now, response, body: &body }));
        (resource.clone(), fact)
    };
    let facts = match call {
        Call::Read(resources) => resources.iter().map(|resource| of(resource, &|it| it.read())).collect(),
        Call::ReadStamps { resource, .. } | Call::Past { resource, .. } => vec![of(resource, &|it| it.read())],
        Call::Lookup(creation) => vec![of(&creation.resource, &|it| it.lookup(creation))],
        Call::Write(items) => items.iter().map(|item| of(&item.resource, &|it| it.written(item))).collect(),
        Call::Create(creation) => vec![of(&creation.resource, &|it| it.created(creation))],
        Call::Start(operation) | Call::Status(operation) => vec![(operation.resource.clone(), unknown())],
    };
    let kind = facts.first().and_then(|(resource, _)| rest.described(resource));
    let budgets = kind.and_then(|kind| hint(kind.rate.as_ref()?, now, response)).into_iter().collect();
    Reply { facts, budgets, date: date(response), rest: None }
}

fn unknown() -> Fact {
    Fact::Refused(Evidence::bare(Class::Unclassified, "not described", "the configuration describes no such kind"))
}

/// What the headers say of the budget; nothing unless all three are there.
fn hint(rate: &RateHeaders, now: Timestamp, response: &Response) -> Option<BudgetHint> {
    let reset = i64::try_from(number(response, &rate.reset)?).ok()?;
    let reset_at = match rate.reset_is_instant {
        true => Timestamp::from_second(reset).ok()?,
        false => now.checked_add(SignedDuration::from_secs(reset)).ok()?,
    };
    let (limit, remaining) = (number(response, &rate.limit)?, number(response, &rate.remaining)?);
    Some(BudgetHint { bucket: TENANT.to_owned(), limit, remaining, reset_at })
}

/// An answer, with what is needed to read it.
#[derive(Clone, Copy)]
struct Answer<'a> {
    kind: &'a Kind,
    now: Timestamp,
    response: &'a Response,
    body: &'a Value,
}

/// A list of so many may be a page of more.
const PAGE: usize = 10;

impl<'a> Answer<'a> {
    fn read(self) -> Fact {
        match (self.refusal(Purpose::Read), self.record()) {
            (Some(evidence), _) if evidence.class == Class::Absent => Fact::Absent,
            (Some(evidence), _) => Fact::Refused(evidence),
            (None, Some(record)) => Fact::Observed(Box::new(self.snapshot(record))),
            (None, None) => self.strange("the answer is not the record that was asked for"),
        }
    }

    fn written(self, item: &WriteItem) -> Fact {
        match self.refusal(Purpose::Write) {
            Some(evidence) => Fact::Refused(evidence),
            None => Fact::Written(self.stands(&item.to)),
        }
    }

    fn created(self, creation: &Creation) -> Fact {
        if let Some(evidence) = self.refusal(Purpose::Create) {
            return Fact::Refused(evidence);
        }
        let id = self.record().and_then(|record| self.id(record)).or_else(|| self.location());
        let value = Value::Object(request::given(creation));
        Fact::Written(Written { id, ..self.stands(&value) })
    }

    /// What an accepted write made; what was sent, where the answer does not show it.
    fn stands(self, sent: &Value) -> Written {
        let shown = self.record();
        let snapshot = match shown {
            Some(record) => self.snapshot(record),
            None => snapshot::written(self.kind, sent, snapshot::tag(self.response), self.now),
        };
        Written { id: None, snapshot, shown: shown.is_some(), existed: false }
    }

    /// The records of a list that have the key that is looked for: a target may answer a part of a query that it does not
    /// understand with every row.
    fn lookup(self, creation: &Creation) -> Fact {
        match self.refusal(Purpose::Read) {
            Some(evidence) if evidence.class == Class::Absent => return Fact::Found(Vec::new()),
            Some(evidence) => return Fact::Refused(evidence),
            None => {}
        }
        let at = if creation.resource.id().is_some() { &self.kind.record } else { &self.kind.records };
        let list: Vec<&Value> = match self.body.pointer(at) {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(record @ Value::Object(_)) => vec![record],
            _ => return self.strange("the answer is neither a list nor a record"),
        };
        let meant = |record: &&Value| {
            let snapshot = self.snapshot(record);
            request::has_key(self.kind, creation, &snapshot.value).then_some((self.id(record)?, snapshot))
        };
        let found: Vec<(String, Snapshot)> = list.iter().filter_map(meant).collect();
        if found.is_empty() && list.len() >= PAGE {
            return self.strange("the look-up finds other records than those of the key");
        }
        Fact::Found(found)
    }

    fn refusal(self, purpose: Purpose) -> Option<Evidence> {
        let status = refused_status(self.response, self.body)?;
        Some(evidence(Some(self.kind), self.now, (self.response, status), purpose))
    }

    /// The record that the answer shows; none where nothing of one is there.
    fn record(self) -> Option<&'a Value> {
        let record = self.body.pointer(&self.kind.record)?;
        let members = record.as_object()?;
        self.kind.spec.writable.iter().any(|name| members.contains_key(name)).then_some(record)
    }

    fn snapshot(self, record: &Value) -> Snapshot {
        snapshot::of(self.kind, record, snapshot::tag(self.response), self.now)
    }

    fn id(self, record: &Value) -> Option<String> {
        snapshot::told(record.get(self.kind.id.as_str())?)
    }

    fn location(self) -> Option<String> {
        let path = self.response.header("location")?;
        let path = path.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or(path);
        let last = || path.trim_end_matches('/').rsplit('/').next().filter(|id| !id.is_empty()).map(str::to_owned);
        self.kind.place.id(path).or_else(last)
    }

    /// An answer that fits nothing.
    fn strange(self, words: &str) -> Fact {
        Fact::Refused(Evidence::bare(Class::Unclassified, self.response.status.to_string(), words))
    }
}
