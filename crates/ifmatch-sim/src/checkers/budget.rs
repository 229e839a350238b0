//! P4: no request before `Retry-After` ended.

use super::Violation;
use crate::world::World;

pub(super) fn judge(world: &World, out: &mut Vec<Violation>) {
    let stats = world.sandbox.stats();
    if stats.early > 0 {
        out.push(Violation::new("P4", format!("{} requests before Retry-After ended", stats.early)));
    }
}
