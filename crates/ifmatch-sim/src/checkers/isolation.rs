//! P7: what one org's sources sent, and what they were told, is that org's alone.
//!
//! Both orgs of a run have records of the same ids and number their intents alike, so that whatever
//! crosses over meets something of its own name. What one of ours wrote into a record is looked at, too:
//! it is what the intent says that it was written for, where no policy and no person had a part in it. And
//! what the store handed out during the run was the org's own.

use super::{Evidence, Violation, followed, local_time, shifts};
use crate::records::{alike, value_at};
use crate::truth::Told;
use crate::world::World;
use ifmatch_core::{Change, IntentId, IntentRecord, Share};
use serde_json::Value;

pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    out.extend(world.broken.iter().filter(|violation| violation.promise == "P7").cloned());
    out.extend(written(world, evidence));
    out.extend(evidence.intents.values().filter_map(|record| stranger(world, record)));
    for (id, status) in &world.told {
        if !world.truth.told.contains_key(id) {
            let what = format!("{} was told of {id} ({}), which it did not send", world.setup.org, status.state);
            out.push(Violation::new("P7", what));
        }
    }
}

/// What is wrong with an intent in an org's part of the store, if anything is.
fn stranger(world: &World, record: &IntentRecord) -> Option<Violation> {
    let org = &world.setup.org;
    let what = match world.truth.told.get(&record.id) {
        _ if record.intent.resource.org.as_str() != org => format!("{} names {}", record.id, record.intent.resource),
        None => format!("{} is there, and none of its sources sent it", record.id),
        Some(told) if told.change != record.intent.change => format!("{} is not what its source sent", record.id),
        Some(told) if told.source != record.source.as_str() => format!("{} has another source", record.id),
        Some(_) => return None,
    };
    Some(Violation::new("P7", format!("in the store of {org}, {what}")))
}

/// Values in the target that no intent of the org says.
fn written(world: &World, evidence: &Evidence) -> Vec<Violation> {
    let mut found = Vec::new();
    for (entry, shares) in evidence.ours() {
        let all: Vec<Option<Vec<&Told>>> = shares.iter().map(|share| said(world, evidence, share.intent)).collect();
        let together: Vec<(&Told, &Share)> = shares
            .iter()
            .zip(&all)
            .flat_map(|(share, told)| told.iter().flatten().map(move |told| (*told, share)))
            .collect();
        for (share, told) in shares.iter().zip(&all) {
            let Some(told) = told else { continue };
            for change in &share.changes {
                let path = &followed::meant(world, entry, share, change.path.as_str());
                // Others that the same write carries may have had a part in a shift.
                let shift = shifts::shift_of(change.path.as_str()).unwrap_or_default();
                let together = together.iter();
                let together: Vec<(&Told, &str)> =
                    together.map(|&(told, share)| (told, followed::called(world, entry, share, shift))).collect();
                if shifts::says(&together, change) == Some(true) {
                    continue;
                }
                let said =
                    |told: &&Told| says(world, &entry.path, told, &share.resource.kind, path, change.after.as_ref());
                if !told.iter().any(said) {
                    let what = format!("entry {} of {} has {} at {path}", entry.seq, entry.path, share.intent);
                    let what = format!("in the target of {}, {what}, which it does not say", world.setup.org);
                    found.push(Violation::new("P7", what));
                }
            }
        }
    }
    found
}

/// What was told of an intent and of those that it superseded; none where a person or a policy had a part in it.
fn said<'w>(world: &'w World, evidence: &Evidence, intent: IntentId) -> Option<Vec<&'w Told>> {
    let policies = |source: &str| {
        world.setup.sources.iter().any(|spec| spec.name == source && spec.on_conflict != Default::default())
    };
    let records = evidence.replaced(intent).into_iter().chain(evidence.intents.get(&intent));
    let told = records.map(|record| {
        let told = world.truth.told.get(&record.id).filter(|told| !told.policy && !policies(&told.source));
        told.filter(|_| !evidence.is_decided(record))
    });
    told.collect()
}

/// Whether an intent says a value of the record at `of`; one that is no document says it by what it does.
fn says(world: &World, of: &str, told: &Told, kind: &str, path: &str, after: Option<&Value>) -> bool {
    let means = |said: &Value| local_time::meanings(world, of, said).iter().any(|said| alike(Some(said), after));
    match &told.change {
        // A null in a patch removes (RFC 7396).
        Change::MergePatch(wanted) => {
            let said = value_at(kind, wanted, path).filter(|said| !said.is_null());
            said.map_or(after.is_none_or(Value::is_null), means)
        }
        Change::Desired(wanted) => alike(value_at(kind, wanted, path), after),
        // The name of a record that is made may say a field as well.
        Change::Create(wanted) => {
            value_at(kind, wanted, path).is_none_or(|said| alike(Some(&local_time::made(said, wanted)), after))
        }
        _ => true,
    }
}
