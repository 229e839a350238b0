//! Rules of the target that stand against what takes half a pair back.

use crate::checkers::evidence::Evidence;
use crate::checkers::shifts::shift_of;
use crate::hours::Line;
use crate::records::{path_of, schema};
use crate::world::World;
use ifmatch_core::merge::{Change, Pointer, apply_to};
use ifmatch_core::{Change as Wish, IntentRecord, Undo};
use serde_json::Value;

/// Whether the shifts that an undo brings back lie too near to another one of the agent, as the record stood at some moment
/// between the undo's acceptance and now. By the ledger: neither the engine's word nor the text of a refusal says so here.
pub(super) fn is_barred(world: &World, evidence: &Evidence, record: &IntentRecord) -> bool {
    let (Wish::Undo(undo), Some(path)) = (&record.intent.change, path_of(&record.resource)) else { return false };
    let since = world.then(record.accepted_at).as_millisecond();
    let mut stood = world.first().record(&path).unwrap_or_default();
    let mut barred = false;
    for (_, entry) in evidence.of_record(&path) {
        // What stood until this entry stood when the undo was accepted, or came after it.
        barred |= entry.at >= since && breaks_rest(world, &stood, undo);
        let changes = entry.changes.iter().filter_map(|change| Some(said(change.path.parse().ok()?, &change.after)));
        apply_to(schema("agent-schedule"), &mut stood, &changes.collect::<Vec<_>>());
    }
    barred || breaks_rest(world, &stood, undo)
}

/// Whether a record would have two shifts with less than the least rest between them, one of which an undo makes.
fn breaks_rest(world: &World, stood: &Value, undo: &Undo) -> bool {
    let rest_ms = world.setup.scenario.options.rest_minutes_min * 60_000;
    let mut back = stood.clone();
    let changes: Vec<Change> = undo.changes.iter().map(|change| said(change.path.clone(), &change.after)).collect();
    apply_to(schema("agent-schedule"), &mut back, &changes);
    let makes = |id: &str| undo.changes.iter().any(|change| shift_of(change.path.as_str()) == Some(id));
    let shifts = back["shifts"].as_array().into_iter().flatten();
    let lines: Vec<(bool, Line)> =
        shifts.filter_map(|shift| Some((makes(shift["id"].as_str()?), Line::of(shift)?))).collect();
    let near = |one: &Line, other: &Line| one.start.max(other.start) - one.end.min(other.end) < rest_ms;
    lines.iter().enumerate().any(|(at, (made, one))| {
        lines[at + 1..].iter().any(|(other_made, other)| (*made || *other_made) && near(one, other))
    })
}

fn said(path: Pointer, after: &Option<Value>) -> Change {
    Change { path, before: None, after: after.clone() }
}
