//! An element that was made again under another key: what an intent says of the old one may be written to the new one.
//!
//! Conceded only where the ledger shows it: somebody removed the one and made the other, with the same content but its
//! key. The word of the engine alone is not enough.

use crate::records::alike;
use crate::world::World;
use ifmatch_core::Share;
use ifmatch_sandbox::LedgerEntry;
use serde_json::Value;

/// The path that an intent says for a path that it wrote.
pub(super) fn meant(world: &World, entry: &LedgerEntry, share: &Share, path: &str) -> String {
    let went = share.followed.iter().find_map(|(from, to)| {
        let rest = path.strip_prefix(to.as_str())?;
        is_made_again(world, entry, from.as_str(), to.as_str()).then(|| format!("{from}{rest}"))
    });
    went.unwrap_or_else(|| path.to_owned())
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
