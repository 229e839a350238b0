//! The request that makes a call, by what was told on the way to it.

use super::kinds::{CODE, Kind, Kinds, LIMIT, TRADE};
use super::{codes, creations, documents, limits, paths, schedules, trades};
use ifmatch_core::{Call, Class, Evidence, Method, Notes, Request, Resource, Response, WriteItem};

/// The request of a call.
pub(crate) fn request(kinds: &Kinds, call: &Call, notes: &Notes) -> Request {
    if schedules::is_about(call) {
        return schedules::request(call, notes);
    }
    match call {
        Call::Read(resources) => read(kinds, resources, notes),
        Call::ReadStamps { resource, .. } | Call::Past { resource, .. } => {
            read(kinds, std::slice::from_ref(resource), notes)
        }
        Call::Write(items) => write(kinds, items, notes),
        Call::Lookup(creation) => creations::lookup(kinds, creation),
        Call::Create(creation) => creations::create(kinds, creation),
        // Only schedules have operations.
        Call::Start(_) | Call::Status(_) => Request::bare(Method::Get, paths::W),
    }
}

fn read(kinds: &Kinds, resources: &[Resource], notes: &Notes) -> Request {
    let nothing = || Request::bare(Method::Get, paths::W);
    let Some((first, kind)) = resources.first().and_then(|first| Some((first, kinds.get(&first.kind)?))) else {
        return nothing();
    };
    match &*kind.spec.name {
        TRADE => trades::read(first),
        CODE => codes::read(kind, resources),
        LIMIT => limits::read(kind, first, notes),
        _ => documents::read(kind, first),
    }
}

fn write(kinds: &Kinds, items: &[WriteItem], notes: &Notes) -> Request {
    let nothing = || Request::bare(Method::Get, paths::W);
    let Some((first, kind)) = items.first().and_then(|first| Some((first, kinds.get(&first.resource.kind)?))) else {
        return nothing();
    };
    match &*kind.spec.name {
        TRADE => trades::write(items, notes),
        CODE => codes::write(kind, items),
        LIMIT => limits::write(kind, first),
        _ => documents::write(kind, first),
    }
}

/// The next request that a call needs before it can be made.
pub(crate) fn errand(kinds: &Kinds, call: &Call, notes: &Notes) -> Option<Request> {
    if schedules::is_about(call) {
        return schedules::errand(kinds, call, notes);
    }
    match call {
        Call::Read(resources) => {
            let limit = of_kind(kinds, resources.first(), LIMIT)?;
            limits::errand(limit, resources.first()?, notes)
        }
        Call::Write(items) => {
            of_kind(kinds, items.first().map(|item| &item.resource), TRADE)?;
            trades::errand(items, notes)
        }
        _ => None,
    }
}

/// Writes down what the answer to an errand tells.
pub(crate) fn note(call: &Call, notes: &mut Notes, response: &Response) -> Result<(), Box<Evidence>> {
    if schedules::is_about(call) {
        return schedules::note(call, notes, response);
    }
    match call {
        Call::Read(_) => limits::note(notes, response),
        Call::Write(items) => trades::note(items, notes, response),
        _ => Err(Box::new(Evidence::bare(Class::Unclassified, response.status.to_string(), "nothing was asked for"))),
    }
}

fn of_kind<'k>(kinds: &'k Kinds, resource: Option<&Resource>, name: &str) -> Option<&'k Kind> {
    kinds.get(&resource?.kind).filter(|kind| kind.spec.name == name)
}
