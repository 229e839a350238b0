//! Activity codes. One version guards the list of a business unit, so its codes are written together, by one at a time.

use super::answer::{Answer, Facts};
use super::evidence::Purpose;
use super::kinds::{Kind, part};
use super::{documents, paths, snapshot};
use ifmatch_core::{Fact, Method, Request, Resource, WriteItem, Written};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

fn list(first: &Resource) -> String {
    paths::filled("/businessunits/{}/activitycodes", &[part(first, 0)])
}

/// One code by itself, several by the list.
pub(crate) fn read(kind: &Kind, resources: &[Resource]) -> Request {
    match resources {
        [one] => documents::read(kind, one),
        [first, ..] => Request::bare(Method::Get, list(first)),
        [] => Request::bare(Method::Get, paths::W),
    }
}

/// One code by itself, several in one body that is carried out as a whole.
pub(crate) fn write(kind: &Kind, items: &[WriteItem]) -> Request {
    let Some(first) = items.first().filter(|_| items.len() > 1) else {
        return items.first().map_or_else(|| Request::bare(Method::Get, paths::W), |item| documents::write(kind, item));
    };
    let entity = |item: &WriteItem| {
        let mut body = documents::body(kind, item);
        body.insert("id".to_owned(), json!(part(&item.resource, 1)));
        Value::Object(body)
    };
    let body = json!({"entities": items.iter().map(entity).collect::<Vec<Value>>()});
    Request::json(Method::Patch, format!("{}/bulk", list(&first.resource)), &body)
}

impl Answer<'_> {
    /// The codes that were asked for.
    pub(crate) fn codes(&self, kind: &Kind, resources: &[Resource]) -> Facts {
        if let [one] = resources {
            return vec![(one.clone(), self.document(kind, one))];
        }
        let refused = self.unread();
        let fact = |resource: &Resource| match (&refused, self.code(kind, resource)) {
            (Some(refused), _) => refused.clone(),
            (None, Some(shown)) => Fact::Observed(Box::new(shown)),
            (None, None) if self.body["entities"].is_array() => Fact::Absent,
            (None, None) => self.strange("the answer is no list of activity codes"),
        };
        resources.iter().map(|resource| (resource.clone(), fact(resource))).collect()
    }

    /// What became of the write of some codes.
    pub(crate) fn codes_written(&self, kind: &Kind, items: &[WriteItem]) -> Facts {
        if let [one] = items {
            return vec![(one.resource.clone(), self.document_written(kind, one))];
        }
        let refused = self.refusal(Purpose::Write);
        let fact = |item: &WriteItem| match (&refused, self.code(kind, &item.resource)) {
            (Some(refused), _) => Fact::Refused(refused.clone()),
            (None, Some(snapshot)) => Fact::Written(Written { id: None, snapshot, shown: true, existed: false }),
            (None, None) => self.untold("the answer does not name this activity code"),
        };
        items.iter().map(|item| (item.resource.clone(), fact(item))).collect()
    }

    fn code(&self, kind: &Kind, resource: &Resource) -> Option<ifmatch_core::Snapshot> {
        let entities = self.body["entities"].as_array()?;
        let found = entities.iter().find(|code| code["id"] == part(resource, 1))?;
        snapshot::shown(kind, resource.id()?, found, self.now)
    }
}
