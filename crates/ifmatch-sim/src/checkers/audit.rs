//! P8: the log is whole, and replaying it gives the state that the store shows.

use super::Violation;
use crate::world::World;
use ifmatch_audit::{Leaf, Verifier};
use ifmatch_store::ListFilter;
use std::collections::BTreeMap;

/// Returns the leaves, as far as they can be read.
pub(super) fn judge(world: &mut World, out: &mut Vec<Violation>) -> Vec<Leaf> {
    let org = world.org();
    let records = world.store.borrow_mut().audit(&org, 0, usize::MAX).expect("the memory store can be read");
    let checkpoint = world.store.borrow_mut().checkpoint(&org).expect("the memory store can be read");
    let mut verifier = Verifier::new(&world.setup.org);
    let mut last: BTreeMap<String, String> = BTreeMap::new();
    let mut leaves = Vec::with_capacity(records.len());
    for record in &records {
        let leaf = match verifier.check(record) {
            Ok(leaf) => leaf,
            Err(fault) => {
                out.push(Violation::new("P8", fault.to_string()));
                return leaves;
            }
        };
        let body = &leaf.body;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let to = if text("to").is_empty() { "accepted".to_owned() } else { text("to") };
        last.insert(text("intent"), to);
        leaves.push(leaf);
    }
    if let Err(fault) = verifier.end(&checkpoint) {
        out.push(Violation::new("P8", fault.to_string()));
    }
    let filter = ListFilter { limit: usize::MAX, ..ListFilter::default() };
    for record in world.store.borrow_mut().list(&org, &filter).expect("the memory store can be read") {
        let id = record.id.to_string();
        let said = last.get(&id).map_or("nothing", String::as_str);
        if said != record.status.state.as_str() {
            out.push(Violation::new("P8", format!("{id} is {} and the log says {said}", record.status.state)));
        }
    }
    leaves
}
