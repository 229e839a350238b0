//! A reference model: what a record must hold in the end, by plain arithmetic.
//!
//! Where only one source wrote to a record and every intent of it landed by itself, a fold over the
//! intents in the order of acceptance says what the record holds: the fields that each one set, or its
//! verb carried out. The model knows no versions, no merges and no attempts, and so shares no fault with
//! the engine. It says nothing of a record that a person or the target touched, of one with an intent
//! that waits for a person or was refused, and of wishes under a policy.

use super::Violation;
use super::evidence::{Evidence, OURS};
use crate::records::{alike, patched, path_of, perform};
use crate::truth::Told;
use crate::world::World;
use ifmatch_core::{Change, IntentRecord, State};
use serde_json::Value;
use std::collections::BTreeMap;

/// The fields of a score that sources set in the worlds that are drawn.
const FIELDS: [&str; 2] = ["score", "comments"];

/// Judges the records that are simple enough; returns how many were.
pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) -> u64 {
    let mut judged = 0;
    for (path, intents) in by_record(evidence) {
        let Some(told) = simple(world, evidence, &path, &intents) else { continue };
        let (Some(before), Some(after)) = (world.first().record(&path), world.sandbox.record(&path)) else { continue };
        let Some(expected) = fold(before, &intents, &told) else { continue };
        judged += 1;
        let fields: &[&str] = if intents[0].resource.kind == "agent-schedule" { &["shifts"] } else { &FIELDS };
        for field in fields.iter().filter(|field| !alike(after.get(**field), expected.get(**field))) {
            let text = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
            let (is, should) = (text(after.get(*field)), text(expected.get(*field)));
            out.push(Violation::new("reference", format!("{path}/{field} is {is}, and the intents say {should}")));
        }
    }
    judged
}

/// The intents of each record, in the order of acceptance.
fn by_record(evidence: &Evidence) -> BTreeMap<String, Vec<&IntentRecord>> {
    let mut found: BTreeMap<String, Vec<&IntentRecord>> = BTreeMap::new();
    for record in evidence.intents.values().filter(|record| !matches!(record.intent.change, Change::Operation(_))) {
        if let Some(path) = path_of(&record.resource) {
            found.entry(path).or_default().push(record);
        }
    }
    for intents in found.values_mut() {
        intents.sort_by_key(|record| record.order);
    }
    found
}

/// What was told of each intent, where the record is a simple one.
fn simple<'w>(world: &'w World, evidence: &Evidence, path: &str, intents: &[&IntentRecord]) -> Option<Vec<&'w Told>> {
    let policies = |source: &str| {
        world.setup.sources.iter().any(|spec| spec.name == source && spec.on_conflict != Default::default())
    };
    let source = &intents.first()?.source;
    let by_itself = |record: &&IntentRecord| {
        matches!(record.status.state, State::Landed | State::Satisfied | State::Superseded)
            && record.status.decided.is_empty()
            && record.source == *source
            && record.intent.origin.is_none()
    };
    let untouched = evidence.entries().all(|entry| entry.path != path || entry.actor == OURS);
    if !untouched || !intents.iter().all(by_itself) || policies(source.as_str()) {
        return None;
    }
    let told = intents.iter().map(|record| world.truth.told.get(&record.id).filter(|told| !told.policy));
    told.collect()
}

/// The record after every intent; none where an intent is not as simple as it looks.
fn fold(before: Value, intents: &[&IntentRecord], told: &[&Told]) -> Option<Value> {
    let turns =
        |record: &IntentRecord| matches!(&record.intent.change, Change::MergePatch(set) if set.get("shifts").is_some());
    let verbs = |record: &IntentRecord| matches!(record.intent.change, Change::Verb(_));
    if intents.iter().any(|record| turns(record)) && intents.iter().any(|record| verbs(record)) {
        // Which hours of a moved shift a list means that was made before is not for plain arithmetic.
        return None;
    }
    let mut value = before;
    for (record, told) in intents.iter().zip(told) {
        let kind = &record.resource.kind;
        match &record.intent.change {
            // What the other agent gives is not in this record.
            Change::Verb(verb) if verb.name == "swap" => return None,
            Change::Verb(verb) => value = perform(kind, verb, &value)?,
            Change::MergePatch(wanted) => {
                // Who sets what it believes to be there already may mean that nothing changes.
                let moved = patched(kind, &told.believed, wanted);
                let idle = |field: &String| moved.get(field) == told.believed.get(field);
                if wanted.as_object()?.keys().any(idle) {
                    return None;
                }
                value = patched(kind, &value, wanted);
            }
            // A whole document means the fields in which it differs from what its source believed. One that holds,
            // in another field, what the source was shown since it set that, takes the earlier word back or not.
            Change::Desired(wanted) if kind == "quality-score" => {
                for field in FIELDS {
                    if told.believed.get(field) != wanted.get(field) {
                        value[field] = wanted.get(field)?.clone();
                    } else if !alike(value.get(field), wanted.get(field)) {
                        return None;
                    }
                }
            }
            _ => return None,
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests;
