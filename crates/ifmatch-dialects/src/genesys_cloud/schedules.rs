//! Week schedules and the agents in them: where they lie, how they are read, how an upload changes them.
//!
//! A schedule is named by its id alone, its paths by business unit and week: [`place`] finds those out. It has a version, and
//! each agent in it one of its own. An upload names both: that of the schedule is read right before it, those of the agents
//! are the ones that the change was made from, so nobody's shifts are written over.

use super::kinds::{AGENT, WEEK, part};
use ifmatch_core::{Call, Notes, Request, Resource};

mod agents;
mod place;
mod publish;
#[cfg(test)]
mod tests;
mod upload;
mod week;

pub(crate) use agents::tidied;
pub(crate) use place::{VERSION, errand, note, unit_of};

/// The resources of a call about schedules; empty for a call about anything else.
fn resources(call: &Call) -> Vec<&Resource> {
    let all: Vec<&Resource> = match call {
        Call::Read(resources) => resources.iter().collect(),
        Call::ReadStamps { resource, .. } | Call::Past { resource, .. } => vec![resource],
        Call::Write(items) => items.iter().map(|item| &item.resource).collect(),
        Call::Lookup(creation) | Call::Create(creation) => vec![&creation.resource],
        Call::Start(operation) | Call::Status(operation) => vec![&operation.resource],
    };
    all.into_iter().filter(|resource| matches!(resource.kind.as_str(), AGENT | WEEK)).collect()
}

/// Whether a call is about schedules.
pub(crate) fn is_about(call: &Call) -> bool {
    !resources(call).is_empty()
}

/// The id of the schedule that a call is about.
fn schedule(call: &Call) -> &str {
    resources(call).first().map_or("", |first| part(first, 0))
}

/// The request of a call about schedules.
pub(crate) fn request(call: &Call, notes: &Notes) -> Request {
    match call {
        Call::Write(_) | Call::Start(_) => upload::process(call, notes),
        Call::Read(found) if found.first().is_some_and(|first| first.kind == AGENT) => agents::read(call, notes),
        _ => week::read(call, notes),
    }
}
