//! The history of one agent in one schedule, told from the ledger backwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{read::seen, show};
use crate::{
    api::Reply,
    ledger::LedgerEntry,
    platform::{
        call::{Call, Share},
        errors,
    },
    record::{Activity, Schedule, Shift},
    refusal::Checked,
    rng::uuid_of,
    target::Target,
    time::{format_instant, parse_instant},
};

pub(crate) const SHARE: Share = &[("getWorkforcemanagementBusinessunitWeekScheduleHistoryAgent", history)];

/// The shifts of an agent by id, as the ledger spells them.
type Shifts = BTreeMap<String, Value>;

fn history(target: &mut Target, call: &Call) -> Checked<Reply> {
    let schedule = seen(target, call)?;
    let agent = call.param("agentId");
    let path = schedule.agent_path(agent);
    let own: Vec<&LedgerEntry> =
        target.ledger.iter().map(|entry| &**entry).filter(|entry| entry.path == path).collect();
    let state = schedule.agents.get(agent);
    if state.is_none() && own.is_empty() {
        return Err(errors::not_found("agentSchedule", agent));
    }
    let shifts = state.map(|state| state.week.shifts.as_slice()).unwrap_or_default();
    let mut held: Shifts = shifts.iter().map(|shift| (shift.id.clone(), Value::Object(shift.all_fields()))).collect();
    let mut changes = Vec::with_capacity(own.len());
    for entry in own.into_iter().rev().filter(|entry| entry.at <= call.read_at) {
        changes.push(change(&schedule, entry, &held));
        undo(entry, &mut held);
    }
    changes.reverse();
    let mut body = json!({"priorPublishedSchedules": [], "droppedChanges": [], "changes": changes});
    if !held.is_empty() {
        let first = held.iter().filter_map(|(id, fields)| shown(&schedule, id, fields));
        body["basePublishedSchedule"] = json!({"shifts": first.collect::<Vec<Value>>(), "fullDayTimeOffMarkers": []});
    }
    Ok(call.reply(body))
}

/// `BuAgentScheduleHistoryChange`: the shifts that an entry touched, as they were after it.
fn change(schedule: &Schedule, entry: &LedgerEntry, after: &Shifts) -> Value {
    let touched: BTreeSet<String> = entry.changes.iter().filter_map(|change| shift_of(&change.path)).collect();
    let (there, gone): (Vec<&String>, Vec<&String>) = touched.iter().partition(|id| after.contains_key(*id));
    let shifts = there.iter().filter_map(|id| shown(schedule, id, after.get(*id)?));
    let writer = uuid_of(entry.client_id.as_deref().unwrap_or(&entry.actor));
    json!({
        "metadata": {"dateModified": format_instant(entry.at), "modifiedBy": {"id": writer}},
        "shifts": shifts.collect::<Vec<Value>>(), "fullDayTimeOffMarkers": [],
        "deletes": {"shiftIds": gone, "fullDayTimeOffMarkerDates": [], "agentSchedule": false},
    })
}

/// Takes the changes of an entry back.
fn undo(entry: &LedgerEntry, held: &mut Shifts) {
    for change in &entry.changes {
        let Some(id) = shift_of(&change.path) else { continue };
        let field = change.path.splitn(4, '/').nth(3);
        match (field, &change.before) {
            (None, Some(before)) => drop(held.insert(id, before.clone())),
            (None, None) => drop(held.remove(&id)),
            (Some(field), before) => {
                let Some(fields) = held.get_mut(&id).and_then(Value::as_object_mut) else { continue };
                match before {
                    Some(before) => drop(fields.insert(field.to_owned(), before.clone())),
                    None => drop(fields.remove(field)),
                }
            }
        }
    }
}

/// The shift that a path of the ledger is about.
fn shift_of(path: &str) -> Option<String> {
    let id = path.strip_prefix("/shifts/")?.split('/').next()?;
    Some(id.replace("~1", "/").replace("~0", "~"))
}

/// A shift in the ledger's spelling as the vendor shows it.
fn shown(schedule: &Schedule, id: &str, fields: &Value) -> Option<Value> {
    Some(show::shift(schedule, &read(id, fields.as_object()?)?))
}

fn read(id: &str, fields: &Map<String, Value>) -> Option<Shift> {
    let rest = |fields: &Map<String, Value>, own: &[&str]| -> Map<String, Value> {
        let rest = fields.iter().filter(|(name, _)| !own.contains(&name.as_str()));
        rest.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let start = fields.get("start")?.as_str()?.to_owned();
    let activities = fields.get("activities")?.as_array()?.iter().filter_map(|activity| {
        let start = activity["start"].as_str()?.to_owned();
        Some(Activity {
            start_ms: parse_instant(&start)?,
            start,
            length_minutes: activity["length_minutes"].as_i64()?,
            code: activity["code"].as_str()?.to_owned(),
            more: rest(activity.as_object()?, &["start", "length_minutes", "code"]),
        })
    });
    Some(Shift {
        id: id.to_owned(),
        start_ms: parse_instant(&start)?,
        start,
        length_minutes: fields.get("length_minutes")?.as_i64()?,
        activities: activities.collect(),
        more: rest(fields, &["id", "start", "length_minutes", "activities"]),
    })
}
