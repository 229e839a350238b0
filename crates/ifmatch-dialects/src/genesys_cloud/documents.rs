//! Records that are read by one GET and changed by one PATCH: work plans, rotations, planning groups, settings, requests for
//! time off; and evaluations, which a PUT replaces whole.

use super::answer::Answer;
use super::evidence::Purpose;
use super::kinds::{EVALUATION, Kind, METADATA, TIME_OFF};
use super::{lens, paths, snapshot};
use crate::paths::with_query;
use ifmatch_core::{Fact, Method, Request, Resource, WriteItem, Written};
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// Fields of a request for time off that go together: each date has its minutes.
const DATES: &[&str] = &[
    "fullDayManagementUnitDates",
    "fullDayEarliestStartOffsetMinutes",
    "fullDayLatestEndOffsetMinutes",
    "partialDayStartDateTimes",
    "dailyDurationMinutes",
    "durationMinutes",
    "payableMinutes",
];

/// Where a record lies.
pub(crate) fn path(kind: &Kind, resource: &Resource) -> String {
    let parts = resource.id().and_then(|id| kind.parts(id)).unwrap_or_default();
    paths::of_record(kind, &parts)
}

/// Reads one record. The settings of a unit are shown to those who ask for them.
pub(crate) fn read(kind: &Kind, resource: &Resource) -> Request {
    let path = path(kind, resource);
    let path = if kind.inside.is_empty() { path } else { with_query(&path, &[("expand", kind.inside)]) };
    Request::bare(Method::Get, path)
}

/// Writes one record, under the version that it was made from.
pub(crate) fn write(kind: &Kind, item: &WriteItem) -> Request {
    let path = path(kind, &item.resource);
    if kind.spec.name == EVALUATION {
        return Request::json(Method::Put, path, &lens::shown(kind.fields, &item.to));
    }
    let body = Value::Object(body(kind, item));
    let body = if kind.inside.is_empty() { body } else { json!({kind.inside: body}) };
    Request::json(Method::Patch, path, &body)
}

/// What a write says of one record, with its version.
pub(crate) fn body(kind: &Kind, item: &WriteItem) -> Map<String, Value> {
    let mut body = lens::patch(kind.fields, &item.from, &item.to);
    if kind.spec.name == TIME_OFF && DATES.iter().any(|name| body.contains_key(*name)) {
        let mut bare = (*item.from).clone();
        if let Value::Object(members) = &mut bare {
            members.retain(|name, _| !DATES.contains(&name.as_str()));
        }
        body.extend(lens::patch(kind.fields, &bare, &item.to));
    }
    if let Some(version) = item.precondition.version {
        body.insert(METADATA.to_owned(), json!({"version": version}));
    }
    body
}

impl Answer<'_> {
    /// The record that was asked for.
    pub(crate) fn document(&self, kind: &Kind, resource: &Resource) -> Fact {
        self.unread().unwrap_or_else(|| {
            match snapshot::shown(kind, resource.id().unwrap_or_default(), self.body, self.now) {
                Some(shown) => Fact::Observed(Box::new(shown)),
                None => self.strange("the answer is not the record that was asked for"),
            }
        })
    }

    /// What became of the write of one record.
    pub(crate) fn document_written(&self, kind: &Kind, item: &WriteItem) -> Fact {
        if let Some(evidence) = self.refusal(Purpose::Write) {
            return Fact::Refused(evidence);
        }
        let id = item.resource.id().unwrap_or_default();
        let shown = snapshot::shown(kind, id, self.body, self.now);
        let (snapshot, shown) = match shown {
            Some(snapshot) => (snapshot, true),
            None => (snapshot::written(kind, &item.to, self.now), false),
        };
        Fact::Written(Written { id: None, snapshot, shown, existed: false })
    }
}
