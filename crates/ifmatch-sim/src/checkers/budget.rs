//! P4: no request before `Retry-After` ended, and none over a limit that the target had told.
//!
//! The target tells with each answer what is left of its window. Who counts what it sends meets no
//! refusal of that window from the first such answer on; what left before it, or whose process ended
//! since and knows nothing, is not counted. Limits that no header tells are not judged here.

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
