//! P5: one write at a time for each record, one run at a time for each schedule.

use super::Violation;
use crate::world::World;

pub(super) fn judge(world: &World, out: &mut Vec<Violation>) {
    let stats = world.sandbox.stats();
    // A write that was on the wire when the engine began anew has no owner: the one that resolves it may meet it.
    let meets = |orphan: &str, path: &str| {
        orphan.starts_with(path) || (orphan.contains("/schedules") && path.contains("/schedules/"))
    };
    let owned = |path: &String| !world.orphaned.iter().any(|orphan| meets(orphan, path));
    for (path, count) in stats.concurrent_writes.iter().filter(|(path, count)| **count > 0 && owned(path)) {
        out.push(Violation::new("P5", format!("{count} writes of {path} at once")));
    }
    for (path, count) in stats.concurrent_publishes.iter().filter(|(_, count)| **count > 0) {
        out.push(Violation::new("P5", format!("{count} publishes of {path} at once")));
    }
}
