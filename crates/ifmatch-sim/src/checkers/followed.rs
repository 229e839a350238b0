//! An element that was made again under another key: what an intent says of the old one may be written to the new one, and
//! to no other.
//!
//! Conceded only where the ledger shows it: somebody removed the one and made the other, with the same content but its
//! key. The word of the engine alone is not enough.

use super::shifts::{shift_of, shifts_named};
use super::{Evidence, Violation};
use crate::records::alike;
use crate::world::World;
use ifmatch_core::{Change, Share};
use ifmatch_sandbox::LedgerEntry;
use serde_json::Value;
use std::collections::BTreeSet;

/// Who names a shift writes there, or where it went.
pub(super) fn judge(world: &World, evidence: &Evidence, out: &mut Vec<Violation>) {
    for (entry, shares) in evidence.ours() {
        for share in shares.iter().filter(|share| share.resource.kind == "agent-schedule") {
            let Some(named) = evidence.intents.get(&share.intent).and_then(|record| named(&record.intent.change))
            else {
                continue;
            };
            for shift in share.changes.iter().filter_map(|change| shift_of(change.path.as_str())) {
                let meant = named.iter().any(|from| from == shift || became(world, entry, from, shift));
                if !meant {
                    let what = format!("entry {} of {} has {}", entry.seq, entry.path, share.intent);
                    out.push(Violation::new("P2", format!("{what} at shift {shift}, and it names {named:?}")));
                }
            }
        }
    }
}

/// The shifts that a change names; none where it names none by their ids.
fn named(change: &Change) -> Option<Vec<String>> {
    let ids = |list: &Value| {
        let ids = list.as_array()?.iter().filter_map(|shift| shift["id"].as_str().map(str::to_owned));
        Some(ids.collect())
    };
    match change {
        Change::MergePatch(patch) => ids(&patch["shifts"]),
        Change::Verb(verb) => {
            let ids = ["shift_id", "with_shift_id"].into_iter().filter_map(|name| verb.args[name].as_str());
            let ids: Vec<String> = ids.map(str::to_owned).collect();
            (!ids.is_empty()).then_some(ids)
        }
        _ => None,
    }
}

/// Whether a shift goes by another id, directly or over others in between.
fn became(world: &World, entry: &LedgerEntry, from: &str, to: &str) -> bool {
    let made = |from: &str, to: &str| is_made_again(world, entry, &format!("/shifts/{from}"), &format!("/shifts/{to}"));
    let earlier = world.sandbox.ledger().iter().filter(|other| other.path == entry.path && other.seq < entry.seq);
    let changes = earlier.flat_map(|other| &other.changes).filter(|change| change.before.is_none());
    let new: BTreeSet<&str> = changes.filter_map(|change| shift_of(&change.path)).collect();
    made(from, to) || new.iter().any(|over| *over != to && made(from, over) && became(world, entry, over, to))
}

/// The id by which the intent of a share calls a shift. What waited for a person after it was followed has the new id in its
/// edits, and its share does not tell: there the ledger alone does.
pub(super) fn called<'a>(world: &'a World, entry: &LedgerEntry, share: &'a Share, shift: &'a str) -> &'a str {
    let went = share.followed.iter().find(|(_, to)| shift_of(to.as_str()) == Some(shift));
    let from = went.and_then(|(from, _)| shift_of(from.as_str()));
    let told = world.truth.told.get(&share.intent);
    let named = told.map(|told| shifts_named(&told.change)).unwrap_or_default();
    let named = if named.contains(&shift) { Vec::new() } else { named };
    from.into_iter().chain(named).find(|from| became(world, entry, from, shift)).unwrap_or(shift)
}

/// The path that an intent says for a path that it wrote.
pub(super) fn meant(world: &World, entry: &LedgerEntry, share: &Share, path: &str) -> String {
    let went = share.followed.iter().find_map(|(from, to)| {
        let rest = path.strip_prefix(to.as_str())?;
        is_made_again(world, entry, from.as_str(), to.as_str()).then(|| format!("{from}{rest}"))
    });
    let kept = || {
        let shift = shift_of(path)?;
        let from = called(world, entry, share, shift);
        let rest = path.strip_prefix("/shifts/")?.strip_prefix(shift)?;
        (from != shift).then(|| format!("/shifts/{from}{rest}"))
    };
    went.or_else(kept).unwrap_or_else(|| path.to_owned())
}

fn is_made_again(world: &World, entry: &LedgerEntry, from: &str, to: &str) -> bool {
    let earlier = world.sandbox.ledger().iter().filter(|other| other.path == entry.path && other.seq < entry.seq);
    let changes: Vec<_> = earlier.filter(|other| other.client_id.is_none()).flat_map(|other| &other.changes).collect();
    let removed = changes.iter().find(|change| change.path == from && change.after.is_none());
    let made = changes.iter().find(|change| change.path == to && change.before.is_none());
    match (removed.and_then(|change| change.before.as_ref()), made.and_then(|change| change.after.as_ref())) {
        (Some(old), Some(new)) => alike(Some(&unnamed(old)), Some(&unnamed(new))),
        _ => false,
    }
}

fn unnamed(element: &Value) -> Value {
    let mut element = element.clone();
    if let Some(members) = element.as_object_mut() {
        members.remove("id");
    }
    element
}

#[cfg(test)]
mod tests;
