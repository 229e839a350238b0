//! Shift trades: read by week, approved and denied by the job of supervisors.
//!
//! The older bulk route is deprecated since August 2026; the job that replaces it is one of those that act for no user, so
//! client credentials may begin it. It counts in the bucket of five a minute, which is why many trades go in one and why they
//! are read by the older list: its replacement is a job too, and would take a place in that bucket for each read.

use super::answer::{Answer, Facts, alike};
use super::evidence::Purpose;
use super::kinds::{Kind, METADATA, part};
use super::paths::{TRADES_JOB, filled};
use super::{lens, refusals, snapshot};
use ifmatch_core::{Class, Evidence, Fact, Method, Notes, Processing, Request, Resource, Response, WriteItem, Written};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The note of the business unit in which a management unit lies.
fn place(unit: &str) -> String {
    format!("unit/{unit}")
}

/// Where the unit lies.
pub(crate) fn errand(items: &[WriteItem], notes: &Notes) -> Option<Request> {
    let unit = part(&items.first()?.resource, 0);
    notes.place(&place(unit)).is_none().then(|| Request::bare(Method::Get, filled("/managementunits/{}", &[unit])))
}

/// Notes the business unit.
pub(crate) fn note(items: &[WriteItem], notes: &mut Notes, response: &Response) -> Result<(), Box<Evidence>> {
    let body = response.json().unwrap_or_default();
    let (Some(item), Some(home)) = (items.first(), body["businessUnit"]["id"].as_str()) else {
        let words = "the management unit does not say in which business unit it lies";
        return Err(Box::new(Evidence::bare(Class::Unclassified, response.status.to_string(), words)));
    };
    notes.set_place(&place(part(&item.resource, 0)), home);
    Ok(())
}

/// Reads the trades of a week.
pub(crate) fn read(first: &Resource) -> Request {
    let parts = [part(first, 0), part(first, 1)];
    Request::bare(Method::Get, filled("/managementunits/{}/weeks/{}/shifttrades", &parts))
}

/// Begins the job that gives each trade its state.
pub(crate) fn write(items: &[WriteItem], notes: &Notes) -> Request {
    let (unit, week) = items.first().map_or(("", ""), |item| (part(&item.resource, 0), part(&item.resource, 1)));
    let home = notes.place(&place(unit)).unwrap_or("-");
    let entity = |item: &WriteItem| {
        let mut entity = json!({"id": part(&item.resource, 2), "state": item.to["state"]});
        if let Some(version) = item.precondition.version {
            entity[METADATA] = json!({"version": version});
        }
        entity
    };
    let entities: Vec<Value> = items.iter().map(entity).collect();
    let body = json!({"managementUnitIds": [unit], "weekDates": [week], "entities": entities});
    Request::json(Method::Post, filled(TRADES_JOB, &[home]), &body)
}

impl Answer<'_> {
    /// The trades that were asked for, among those of the week.
    pub(crate) fn trades(&self, kind: &Kind, resources: &[Resource]) -> Facts {
        if let Some(fact) = self.unread() {
            return alike(resources.iter(), &fact);
        }
        let Some(list) = self.body["entities"].as_array() else {
            return alike(resources.iter(), &self.strange("the answer is no list of trades"));
        };
        let fact = |resource: &Resource| {
            let found = list.iter().map(|entity| &entity["trade"]).find(|trade| trade["id"] == part(resource, 2));
            match found.map(|trade| snapshot::shown(kind, "", trade, self.now)) {
                Some(Some(shown)) => Fact::Observed(Box::new(shown)),
                Some(None) => self.strange("the trade has no version"),
                None => Fact::Absent,
            }
        };
        resources.iter().map(|resource| (resource.clone(), fact(resource))).collect()
    }

    /// What became of the job.
    pub(crate) fn trades_written(&self, kind: &Kind, items: &[WriteItem]) -> Facts {
        let all = |fact: &Fact| alike(items.iter().map(|item| &item.resource), fact);
        if let Some(evidence) = self.refusal(Purpose::Write) {
            return all(&Fact::Refused(evidence));
        }
        match self.body["status"].as_str() {
            Some("Processing") => all(&Fact::Processing(self.processing())),
            Some("Error") => {
                let error = &self.body["error"];
                let status = error["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(500);
                all(&Fact::Refused(self.evidence(status, &refusals::told(error), Purpose::Write)))
            }
            Some("Canceled") => {
                all(&Fact::Refused(Evidence::bare(Class::Bare, "job Canceled", "the job was cancelled")))
            }
            _ => {
                let result = self.body.get("bulkUpdateTradeStatesResult").unwrap_or(self.body);
                items.iter().map(|item| (item.resource.clone(), self.decided(kind, item, result))).collect()
            }
        }
    }

    /// The job goes on; its own link tells where to ask.
    fn processing(&self) -> Processing {
        let link = self.body[lens::LINK].as_str().and_then(|link| link.find("/api/v2/").map(|at| &link[at..]));
        Processing {
            operation: self.body["id"].as_str().map(str::to_owned),
            status: link.map(|path| Request::bare(Method::Get, path)),
        }
    }

    /// What became of one trade.
    fn decided(&self, kind: &Kind, item: &WriteItem, result: &Value) -> Fact {
        let list = result["entities"].as_array().map(Vec::as_slice).unwrap_or_default();
        let Some(own) = list.iter().find(|one| one["id"] == part(&item.resource, 2)) else {
            return self.untold("the answer does not name this trade");
        };
        if let Some(reason) = own["failureReason"].as_str().filter(|reason| !reason.is_empty()) {
            let done = own["state"] == item.to["state"];
            let class = match reason {
                "TransitionNotAllowed" if done => Class::AlreadyDone,
                // It can be approved once the schedule is published, and that is not ours to do.
                "ScheduleNotPublished" => Class::Dependency,
                _ => Class::Rule,
            };
            return Fact::Refused(Evidence::bare(class, format!("200 {reason}"), said(reason)));
        }
        let mut record = (*item.to).clone();
        for name in ["state", "reviewedDate", METADATA] {
            if let Some(value) = own.get(name) {
                record[name] = lens::record(&[], value);
            }
        }
        let snapshot = snapshot::of(kind, record, self.now);
        Fact::Written(Written { id: None, snapshot, shown: own["state"].is_string(), existed: false })
    }
}

/// The reason of a failure in words: `InitiatingAgentShiftNotFound` is `initiating agent shift not found`.
fn said(reason: &str) -> String {
    let mut words = String::new();
    for letter in reason.chars() {
        if letter.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

/// The request for the rest of an answer that only says where it lies. Such an address is signed, and takes no token.
pub(crate) fn rest(body: &Value) -> Option<Request> {
    let url = body["downloadUrl"].as_str().filter(|url| !url.is_empty())?;
    Some(Request { signed: true, ..Request::bare(Method::Get, url) })
}
