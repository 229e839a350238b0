//! P4: no request before `Retry-After` ended, and none over a limit that the target had told.
//!
//! The target tells with each answer what is left of its window. Who counts what it sends meets no
//! refusal of that window from the first such answer on. Not counted is what left before it, a write
//! whose read left before it, since the two are admitted at once, and what a process sends that knows
//! nothing, since it began anew. Limits that no header tells are not judged here.

use super::Violation;
use crate::world::World;

pub(super) fn judge(world: &World, out: &mut Vec<Violation>) {
    let stats = world.sandbox.stats();
    if stats.early > 0 {
        out.push(Violation::new("P4", format!("{} requests before Retry-After ended", stats.early)));
    }
    if stats.over > 0 {
        out.push(Violation::new("P4", format!("{} requests over a limit that had been told", stats.over)));
    }
}
