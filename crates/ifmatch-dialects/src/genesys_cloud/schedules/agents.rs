//! Agents in a schedule: one query reads those of one management unit.

use super::place::{path, unit};
use super::resources;
use crate::genesys_cloud::answer::{Answer, Facts, alike};
use crate::genesys_cloud::kinds::{Kind, METADATA, part};
use crate::genesys_cloud::{lens, paths, snapshot};
use ifmatch_core::{Call, Fact, Method, Notes, Request, Resource};
use serde_json::{Map, Value, json};

/// Reads agents: those of the management unit in which the first of them is. Where the schedule has none of them, it is read
/// itself once more, and its answer says so.
pub(super) fn read(call: &Call, notes: &Notes) -> Request {
    let users: Vec<&str> = resources(call).into_iter().map(|resource| part(resource, 1)).collect();
    if super::place::found(call, notes).is_none() {
        return Request::bare(Method::Get, paths::filled("/businessunits", &[]));
    }
    let Some(home) = users.iter().find_map(|user| notes.get(&unit(user))) else {
        return Request::bare(Method::Get, path(call, notes, ""));
    };
    let here: Vec<&str> = users.iter().filter(|user| notes.get(&unit(user)) == Some(home)).copied().collect();
    let body = json!({"managementUnitId": home, "userIds": here});
    Request::json(Method::Post, path(call, notes, "/agentschedules/query"), &body)
}

impl Answer<'_> {
    /// The agents that were asked for.
    pub(crate) fn agents(&self, kind: &Kind, resources: &[Resource]) -> Facts {
        if let Some(fact) = self.unread() {
            return alike(resources.iter(), &fact);
        }
        let result = self.body.get("result").unwrap_or(self.body);
        let Some(list) = result["agentSchedules"].as_array() else {
            let nowhere = self.body["entities"].is_array() || self.body["managementUnits"].is_array();
            let fact = if nowhere { Fact::Absent } else { self.untold("the answer shows no agents") };
            return alike(resources.iter(), &fact);
        };
        let zone = &result["businessUnitTimeZone"];
        let find = |resource: &Resource| list.iter().find(|agent| agent["user"]["id"] == part(resource, 1));
        let none = !resources.iter().any(|resource| find(resource).is_some());
        let fact = |resource: &Resource| match find(resource) {
            Some(agent) => {
                let record = record(kind, agent, part(resource, 0), zone);
                let shown = snapshot::of(kind, record, self.now);
                if shown.version.is_some() {
                    Fact::Observed(Box::new(shown))
                } else {
                    self.strange("the agent's schedule has no version")
                }
            }
            // Only those of one unit were asked for: the others come with the next query, when these are done.
            None if none => Fact::Absent,
            None => self.untold("the agent is in another management unit, or in none"),
        };
        resources.iter().map(|resource| (resource.clone(), fact(resource))).collect()
    }
}

/// The record of an agent, made of its entry and what stands beside it.
fn record(kind: &Kind, agent: &Value, schedule: &str, zone: &Value) -> Value {
    let mut members = match lens::record(kind.fields, agent) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.remove("user");
    members.insert("userId".to_owned(), agent["user"]["id"].clone());
    members.insert("scheduleId".to_owned(), json!(schedule));
    members.insert("businessUnitTimeZone".to_owned(), zone.clone());
    let mut record = Value::Object(members);
    tidied(&mut record);
    record
}

/// Leaves out what follows from the rest: the schedule of a shift, an empty description, and the payable minutes of an
/// activity where all of them are payable or none. Were they kept, two activities would differ because one was made longer.
pub(crate) fn tidied(record: &mut Value) {
    let shifts = record.get_mut("shifts").and_then(Value::as_array_mut);
    for shift in shifts.into_iter().flatten().filter_map(Value::as_object_mut) {
        shift.remove("schedule");
        if shift.get("manuallyEdited") == Some(&Value::Bool(false)) {
            shift.remove("manuallyEdited");
        }
        let activities = shift.get_mut("activities").and_then(Value::as_array_mut);
        for activity in activities.into_iter().flatten().filter_map(Value::as_object_mut) {
            let usual = match activity.get("paid") {
                Some(Value::Bool(false)) => json!(0),
                _ => activity.get("lengthMinutes").cloned().unwrap_or_default(),
            };
            if activity.get("payableMinutes") == Some(&usual) {
                activity.remove("payableMinutes");
            }
            if activity.get("description").and_then(Value::as_str) == Some("") {
                activity.remove("description");
            }
        }
    }
}

/// The entry of an upload for one agent.
pub(super) fn entry(kind: &Kind, item: &ifmatch_core::WriteItem) -> Value {
    let mut entry = lens::patch(kind.fields, &item.from, &item.to);
    let shifts = entry.get_mut("shifts").and_then(Value::as_array_mut);
    for shift in shifts.into_iter().flatten() {
        let activities = shift.get_mut("activities").and_then(Value::as_array_mut);
        for activity in activities.into_iter().flatten().filter_map(Value::as_object_mut) {
            activity.entry("description").or_insert_with(|| json!(""));
        }
    }
    entry.insert("userId".to_owned(), json!(part(&item.resource, 1)));
    if let Some(version) = item.precondition.version {
        entry.insert(METADATA.to_owned(), json!({"version": version}));
    }
    Value::Object(entry)
}
