//! Local times: what the zone's clock shows once is written as that instant and asks nobody; what it shows twice or
//! never is written only as a person or a policy told, and a person is shown both instants.
//!
//! What a local time means is found here by trying every offset that the zone has around it, not by asking what the
//! dialect asks.

use super::Violation;
use super::evidence::{Evidence, OURS, touches};
use crate::records::path_of;
use crate::script::Op;
use crate::world::World;
use ifmatch_core::{Change, ConflictNote, IntentRecord, LocalTimes, SignedDuration, State, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

#[cfg(test)]
mod tests;

/// The field of a score that is a time.
const FIELD: &str = "reviewed_at";

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    for record in evidence.intents.values() {
        let Some((text, meant)) = meant_by(world, record) else { continue };
        if let Some(what) = wrong(world, evidence, record, &meant) {
            out.push(Violation::new("time", format!("{} says {text}: {what}", record.id)));
        }
    }
    for entry in evidence.entries().filter(|entry| entry.actor == OURS) {
        let path = format!("/{FIELD}");
        let Some(change) = entry.changes.iter().find(|change| change.path == path) else { continue };
        let Some(share) = evidence.shares(entry).iter().rev().find(|share| touches(share, &path)) else { continue };
        let Some(record) = evidence.intents.get(&share.intent) else { continue };
        let Some((text, meant)) = meant_by(world, record) else { continue };
        let wrote = change.after.as_ref().and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
        if !told(world, record, &meant).iter().any(|at| wrote == Some(*at)) {
            let what = format!("{} says {text}, and entry {} has {:?}", record.id, entry.seq, change.after);
            out.push(Violation::new("time", what));
        }
    }
}

/// What a value may stand as in the target: itself, or as a local time the instants that it can mean.
pub(super) fn meanings(world: &World, path: &str, value: &Value) -> Vec<Value> {
    match value.as_str().and_then(|text| instants(&zone_of(world, path)?, text)) {
        Some(Meant::One(at)) => vec![json!(at)],
        Some(Meant::Doubt(sides)) => sides.into_iter().map(|at| json!(at)).collect(),
        None => vec![value.clone()],
    }
}

/// What a record is made with, its local times as the instants that they mean by the zone beside them.
pub(super) fn made(value: &Value, wanted: &Value) -> Value {
    let zone = wanted.get("time_zone").and_then(Value::as_str).and_then(|name| TimeZone::get(name).ok());
    zone.map_or_else(|| value.clone(), |zone| by(&zone, value))
}

fn by(zone: &TimeZone, value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), by(zone, value))).collect::<Map<_, _>>().into()
        }
        Value::String(text) => match instants(zone, text) {
            Some(Meant::One(at)) => json!(at),
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// What a local time means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meant {
    One(Timestamp),
    /// The earlier and the later instant.
    Doubt([Timestamp; 2]),
}

/// The local time that an intent says, and what it means by the clock of its record.
fn meant_by<'r>(world: &World, record: &'r IntentRecord) -> Option<(&'r str, Meant)> {
    let Change::MergePatch(wanted) = &record.intent.change else { return None };
    let text = wanted.get(FIELD)?.as_str()?;
    Some((text, instants(&zone_of(world, &path_of(&record.resource)?)?, text)?))
}

fn zone_of(world: &World, path: &str) -> Option<TimeZone> {
    TimeZone::get(world.sandbox.record(path)?.get("time_zone")?.as_str()?).ok()
}

/// Every offset that the zone has around a local time is tried: those that it has at the instant that they give are
/// right. `None` for a text that is no local time.
fn instants(zone: &TimeZone, text: &str) -> Option<Meant> {
    if text.parse::<Timestamp>().is_ok() {
        return None;
    }
    let wall: DateTime = text.parse().ok().filter(|_| text.contains(':'))?;
    let near = Offset::UTC.to_timestamp(wall).ok()?;
    let offsets: BTreeSet<i32> =
        (-26..=26).map(|hours| zone.to_offset(near + SignedDuration::from_hours(hours)).seconds()).collect();
    let tried = offsets.iter().map(|seconds| (*seconds, near - SignedDuration::from_secs(i64::from(*seconds))));
    let (mut right, mut wrong): (Vec<_>, Vec<_>) =
        tried.partition(|(seconds, at)| zone.to_offset(*at).seconds() == *seconds);
    let sides = if right.is_empty() { &mut wrong } else { &mut right };
    sides.sort_by_key(|(_, at)| *at);
    match sides.as_slice() {
        [(_, at)] => Some(Meant::One(*at)),
        [(_, earlier), .., (_, later)] => Some(Meant::Doubt([*earlier, *later])),
        [] => None,
    }
}

/// The instants that may be written: the one that is meant, or the one that a person or the policy told.
fn told(world: &World, record: &IntentRecord, meant: &Meant) -> Vec<Timestamp> {
    match (*meant, policy(world, record)) {
        (Meant::One(at), _) => vec![at],
        (Meant::Doubt([earlier, _]), LocalTimes::Earlier) => vec![earlier],
        (Meant::Doubt([_, later]), LocalTimes::Later) => vec![later],
        (Meant::Doubt(_), LocalTimes::Reject) => Vec::new(),
        // People who take the local side take the later instant.
        (Meant::Doubt([_, later]), LocalTimes::Review) => {
            let local = world.setup.ops.iter().any(|(_, op)| matches!(op, Op::Decide(how) if how == "local"));
            let decided = world.truth.decided.contains_key(&record.id);
            if local && decided { vec![later] } else { Vec::new() }
        }
    }
}

fn policy(world: &World, record: &IntentRecord) -> LocalTimes {
    let spec = world.setup.sources.iter().find(|spec| spec.name == record.source.as_str());
    spec.map_or_else(LocalTimes::default, |spec| spec.local_times)
}

/// What is wrong with the standing of an intent that says a local time.
fn wrong(world: &World, evidence: &Evidence, record: &IntentRecord, meant: &Meant) -> Option<String> {
    let status = &record.status;
    let asks = status.code.as_deref().is_some_and(|code| code.ends_with("_local_time"));
    let reads = |note: &ConflictNote| -> Vec<Option<Timestamp>> {
        note.candidates.iter().map(|text| text.as_str()?.parse().ok()).collect()
    };
    match *meant {
        Meant::One(_) if asks => Some("the clock shows it once, and somebody is asked or refused".to_owned()),
        Meant::Doubt(sides) if asks && status.state == State::Review => {
            let shown = status.conflict.iter().map(reads).any(|shown| shown == sides.map(Some));
            (!shown).then(|| format!("it is in doubt, and a person is shown {:?}", status.conflict))
        }
        Meant::Doubt(_) if status.state == State::Landed => {
            let told = !told(world, record, meant).is_empty() || evidence.decided.contains(&record.id);
            (!told).then(|| "it is in doubt, nobody told which instant is meant, and it landed".to_owned())
        }
        Meant::One(_) | Meant::Doubt(_) => None,
    }
}
