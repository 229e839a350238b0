//! Reads the answer to a call into facts, one per resource, in the order of the call.

use super::answer::{Answer, Facts};
use super::kinds::{AGENT, CODE, Kind, Kinds, LIMIT, TRADE, WEEK};
use super::{budget, trades};
use ifmatch_core::{Call, Creation, Fact, Reply, Resource, Response, Timestamp, WriteItem};
use serde_json::Value;

/// Reads an answer.
pub(crate) fn reply(kinds: &Kinds, now: Timestamp, call: &Call, response: &Response) -> Reply {
    let body = response.json().unwrap_or(Value::Null);
    let answer = Answer { now, response, body: &body };
    let (budgets, date) = (budget::hints(now, response), budget::date(response));
    if let Some(rest) = trades::rest(&body).filter(|_| response.is_success()) {
        return Reply { facts: Vec::new(), budgets, date, rest: Some(rest) };
    }
    let facts = match call {
        Call::Read(resources) => read(kinds, &answer, resources),
        Call::ReadStamps { resource, .. } | Call::Past { resource, .. } => {
            read(kinds, &answer, std::slice::from_ref(resource))
        }
        Call::Write(items) => write(kinds, &answer, items),
        Call::Lookup(creation) => vec![(creation.resource.clone(), lookup(kinds, &answer, creation))],
        Call::Create(creation) => {
            vec![(creation.resource.clone(), super::creations::created(kinds, &answer, creation))]
        }
        Call::Start(operation) => vec![(operation.resource.clone(), answer.publish_started())],
        Call::Status(operation) => vec![(operation.resource.clone(), answer.publish_status())],
    };
    Reply { facts, budgets, date, rest: None }
}

/// The kind of a call's resources.
fn kind<'k>(kinds: &'k Kinds, resource: Option<&Resource>) -> Option<&'k Kind> {
    kinds.get(&resource?.kind)
}

fn read(kinds: &Kinds, answer: &Answer<'_>, resources: &[Resource]) -> Facts {
    let Some(kind) = kind(kinds, resources.first()) else { return Vec::new() };
    let each = |fact: &dyn Fn(&Resource) -> Fact| {
        resources.iter().map(|resource| (resource.clone(), fact(resource))).collect()
    };
    match &*kind.spec.name {
        AGENT => answer.agents(kind, resources),
        TRADE => answer.trades(kind, resources),
        CODE => answer.codes(kind, resources),
        WEEK => each(&|_| answer.week(kind)),
        LIMIT => each(&|_| answer.limit(kind)),
        _ => each(&|resource| answer.document(kind, resource)),
    }
}

fn write(kinds: &Kinds, answer: &Answer<'_>, items: &[WriteItem]) -> Facts {
    let Some(kind) = kind(kinds, items.first().map(|item| &item.resource)) else { return Vec::new() };
    let each =
        |fact: &dyn Fn(&WriteItem) -> Fact| items.iter().map(|item| (item.resource.clone(), fact(item))).collect();
    match &*kind.spec.name {
        AGENT | WEEK => answer.uploaded(items),
        TRADE => answer.trades_written(kind, items),
        CODE => answer.codes_written(kind, items),
        LIMIT => each(&|item| answer.limit_written(kind, item)),
        _ => each(&|item| answer.document_written(kind, item)),
    }
}

fn lookup(kinds: &Kinds, answer: &Answer<'_>, creation: &Creation) -> Fact {
    super::creations::found(kinds, answer, creation)
}
