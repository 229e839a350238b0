//! Where a schedule lies, and what else must be known before a call about it can be made.
//!
//! Notes: `place/schedule/<id>` is business unit and week; `search/left` the business units that were not searched yet;
//! `schedule/version` the version of the schedule as it is now; `unit/<user>` the management unit of an agent in it.

use super::upload::{self, DONE, HEADERS, KEY, URL};
use super::{resources, schedule};
use crate::genesys_cloud::kinds::{AGENT, Kinds, METADATA, WEEK, part};
use crate::genesys_cloud::paths::filled;
use crate::paths::with_query;
use ifmatch_core::{Call, Class, Evidence, Method, Notes, Request, Response};
use serde_json::Value;

/// The business units that were not searched yet, joined by commas.
const LEFT: &str = "search/left";
/// The version of the schedule as it is now.
pub(crate) const VERSION: &str = "schedule/version";

/// The note of a schedule's place.
fn of(schedule: &str) -> String {
    format!("schedule/{schedule}")
}

/// The note of an agent's management unit in this schedule.
pub(super) fn unit(user: &str) -> String {
    format!("unit/{user}")
}

/// The business unit of a schedule, where it was told.
pub(crate) fn unit_of<'n>(schedule: &str, places: &'n Notes) -> Option<&'n str> {
    Some(places.place(&of(schedule))?.split_once('/')?.0)
}

/// Business unit and week of a schedule.
pub(super) fn found<'n>(call: &Call, notes: &'n Notes) -> Option<(&'n str, &'n str)> {
    notes.place(&of(schedule(call)))?.split_once('/')
}

/// The path of a schedule, and what follows it.
pub(super) fn path(call: &Call, notes: &Notes, rest: &str) -> String {
    let (home, week) = found(call, notes).unwrap_or(("-", "-"));
    format!("{}{rest}", filled("/businessunits/{}/weeks/{}/schedules/{}", &[home, week, schedule(call)]))
}

/// What a call asks for first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Units,
    Search,
    Schedule,
    Address,
    Upload,
}

fn step(call: &Call, notes: &Notes) -> Option<Step> {
    if found(call, notes).is_none() {
        return match notes.get(LEFT) {
            None => Some(Step::Units),
            Some("") => None,
            Some(_) => Some(Step::Search),
        };
    }
    let agents = resources(call).iter().any(|resource| resource.kind == AGENT);
    let seen = notes.get(VERSION).is_some();
    match call {
        Call::Read(_) if agents && !seen => Some(Step::Schedule),
        Call::Write(_) | Call::Start(_) if !seen => Some(Step::Schedule),
        Call::Write(_) | Call::Start(_) if notes.get(KEY).is_none() => Some(Step::Address),
        Call::Write(_) | Call::Start(_) if notes.get(DONE).is_none() => Some(Step::Upload),
        _ => None,
    }
}

/// The next request that a call needs before it can be made.
pub(crate) fn errand(kinds: &Kinds, call: &Call, notes: &Notes) -> Option<Request> {
    Some(match step(call, notes)? {
        Step::Units => Request::bare(Method::Get, filled("/businessunits", &[])),
        Step::Search => {
            let unit = notes.get(LEFT).and_then(|left| left.split(',').next()).unwrap_or_default();
            Request::bare(Method::Get, filled("/businessunits/{}/weeks/recent/schedules", &[unit]))
        }
        Step::Schedule => {
            let path = path(call, notes, "");
            let reads = matches!(call, Call::Read(_));
            let path = if reads { with_query(&path, &[("expand", "managementUnits.agents")]) } else { path };
            Request::bare(Method::Get, path)
        }
        Step::Address => upload::address(kinds, call, notes),
        Step::Upload => upload::put(kinds, call, notes),
    })
}

/// Writes down what the answer to an errand tells.
pub(crate) fn note(call: &Call, notes: &mut Notes, response: &Response) -> Result<(), Box<Evidence>> {
    let strange = |words: &str| Err(Box::new(Evidence::bare(Class::Unclassified, response.status.to_string(), words)));
    let body = response.json().unwrap_or_default();
    let entities = body["entities"].as_array();
    match (step(call, notes), entities) {
        (Some(Step::Units), Some(units)) => {
            // Those that the client may not see would refuse the search.
            let open = units.iter().filter(|unit| unit["authorized"] != false);
            let ids: Vec<&str> = open.filter_map(|unit| unit["id"].as_str()).collect();
            notes.set(LEFT, ids.join(","));
        }
        (Some(Step::Search), Some(schedules)) => {
            let left = notes.get(LEFT).unwrap_or_default().to_owned();
            let (unit, left) = left.split_once(',').unwrap_or((&left, ""));
            for found in schedules {
                if let (Some(id), Some(week)) = (found["id"].as_str(), found["weekDate"].as_str()) {
                    notes.set_place(&of(id), format!("{unit}/{week}"));
                }
            }
            notes.set(LEFT, left);
        }
        (Some(Step::Schedule), _) => match body[METADATA]["version"].as_u64() {
            Some(version) => {
                note_units(call, notes, &body);
                notes.set(VERSION, version.to_string());
            }
            None => return strange("the answer shows no schedule with a version"),
        },
        (Some(Step::Address), _) => match (body["uploadKey"].as_str(), body["url"].as_str()) {
            (Some(key), Some(url)) => {
                notes.set(KEY, key);
                notes.set(URL, url);
                notes.set(HEADERS, body["headers"].to_string());
            }
            _ => return strange("the answer gives no address for an upload"),
        },
        (Some(Step::Upload), _) => notes.set(DONE, "true"),
        (Some(Step::Units | Step::Search) | None, _) => return strange("the answer is no list"),
    }
    Ok(())
}

/// In which management unit each agent of the call is.
fn note_units(call: &Call, notes: &mut Notes, schedule: &Value) {
    let wanted: Vec<&str> =
        resources(call).into_iter().filter(|one| one.kind != WEEK).map(|resource| part(resource, 1)).collect();
    for summary in schedule["managementUnits"].as_array().into_iter().flatten() {
        let Some(id) = summary["managementUnit"]["id"].as_str() else { continue };
        let agents = summary["agents"].as_array().into_iter().flatten().filter_map(|agent| agent["id"].as_str());
        agents.filter(|user| wanted.contains(user)).for_each(|user| notes.set(unit(user), id));
    }
}
