//! Trades that sources make: named by their natural key, by the id of a foreign system or by an id that
//! the client gives; said once, again, or by both sources; and what is wished of them afterwards.

use super::{KIND, STATUSES, Stage};
use crate::rng::Rng;
use crate::scenario::i05::intent;
use crate::script::Op;
use crate::world::ORG;
use ifmatch_core::{Change, Intent, Name, OrgName, Origin, Resource, Verb, canonical_json};
use serde_json::{Value, json};

const SYSTEM: &str = "zendesk";

/// The names that one trade may go by.
struct Mark {
    mark: String,
    key: Name,
    external: Name,
    id: Name,
}

pub(super) fn plan(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, stage: &Stage, until: i64) {
    let mut pairs: Vec<(Value, Value)> = Vec::new();
    for first in &stage.sides {
        let others = stage.sides.iter().filter(|other| other["agent_id"] != first["agent_id"]);
        pairs.extend(others.map(|other| (first.clone(), other.clone())));
    }
    for number in 0..rng.between(0, 6) {
        let Some(pair) = (!pairs.is_empty()).then(|| rng.pick(&pairs).clone()) else { return };
        let mark = format!("ZD-{:04}", 4_000 + number);
        let mark = Mark {
            key: Name::Key(canonical_json(&json!({ "swap_request_id": mark }))),
            external: Name::External { system: SYSTEM.to_owned(), id: mark.clone() },
            id: Name::Id(format!("trade-{}", mark.to_lowercase())),
            mark,
        };
        let at = rng.between(0, until - 120_000);
        if rng.percent(50) { by_north(rng, ops, at, &mark, &pair) } else { by_east(rng, ops, at, &mark, &pair) }
    }
}

/// The trade as it shall be.
fn document(rng: &mut Rng, mark: &str, pair: &(Value, Value)) -> Value {
    json!({
        "swap_request_id": mark, "status": if rng.percent(60) { "matched" } else { "pending" },
        "initiating": pair.0, "receiving": pair.1, "time_zone": "Europe/Paris",
        "notes": format!("asked for as {mark}"), "expires_at": null,
    })
}

/// `north` makes it, perhaps more than once and under more than one name, and settles it later.
fn by_north(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, mark: &Mark, pair: &(Value, Value)) {
    let document = document(rng, &mark.mark, pair);
    let names = [&mark.key, &mark.external, &mark.id];
    let name = (*rng.pick(&names)).clone();
    let keyed = rng.percent(40).then(|| format!("make {}", mark.mark));
    let make = |name: &Name| {
        let mut made = intent(resource(name), Change::Create(document.clone()));
        made.idempotency_key.clone_from(&keyed);
        made
    };
    ops.push((at, Op::submit("north", make(&name))));
    if rng.percent(40) {
        ops.push((at + rng.between(0, 90_000), Op::submit("north", make(&name))));
    }
    let by_mark = !matches!(name, Name::Id(_));
    if by_mark && keyed.is_none() && rng.percent(25) {
        // Another name for the same request.
        let other = if name == mark.key { &mark.external } else { &mark.key };
        ops.push((at + rng.between(0, 90_000), Op::submit("north", make(other))));
    }
    for _ in 0..rng.between(0, 2) {
        let change = if rng.percent(40) {
            Change::Verb(Verb { name: "approve".to_owned(), args: json!({}) })
        } else {
            Change::MergePatch(json!({ "notes": format!("note {}", rng.below(1_000)) }))
        };
        ops.push((at + rng.between(0, 120_000), Op::submit("north", intent(resource(&name), change))));
    }
}

/// `east` says all of it with each change, numbered in its own system; bodies come twice and out of order.
fn by_east(rng: &mut Rng, ops: &mut Vec<(i64, Op)>, at: i64, mark: &Mark, pair: &(Value, Value)) {
    let mut document = document(rng, &mark.mark, pair);
    let mut before = json!({});
    let mut when = at;
    for sequence in 1..=rng.between(1, 4).unsigned_abs() {
        let said = submit_whole(mark, &document, sequence, &before);
        ops.push((when, said.clone()));
        if rng.percent(25) {
            ops.push((when + rng.between(0, 40_000), said));
        }
        before = document.clone();
        when += rng.between(200, 60_000);
        document["notes"] = json!(format!("note {}", rng.below(1_000)));
        if rng.percent(30) {
            document["status"] = json!(*rng.pick(&STATUSES));
        }
    }
}

fn submit_whole(mark: &Mark, document: &Value, sequence: u64, saw: &Value) -> Op {
    let origin = Origin { system: SYSTEM.to_owned(), record: Some(mark.mark.clone()), sequence: Some(sequence) };
    let said = intent(resource(&mark.external), Change::Desired(document.clone()));
    let said = Intent { origin: Some(origin), ..said };
    Op::Submit { source: "east".to_owned(), intent: Box::new(said), saw: saw.clone(), whole: true }
}

fn resource(name: &Name) -> Resource {
    Resource::new(&OrgName::from(ORG), KIND, name.clone())
}
