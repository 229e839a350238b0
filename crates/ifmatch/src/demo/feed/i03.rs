//! I03: the publish job pulls 500 agents twelve minutes before the Monday's first shifts, prepares
//! one change for each, and pushes two minutes later. Fifty agents have a script session open that
//! locks them for up to a quarter of an hour, and supervisors swap shifts between pull and push.
//!
//! Three changes of four lay a coaching over the first shift, as a verb. Every fourth moves the
//! meal of a later shift, as an edit with the value that was pulled.

use super::Feed;
use super::i04::deed;
use super::world::{ORG, Pulled, agent_path};
use crate::demo::wish::{Door, Effect, Payload, Set, Subject, Truth, Way, Wish};
use anyhow::Context as _;
use ifmatch_core::{Dialect as _, Verb};
use ifmatch_dialects::WfmV2;
use serde_json::{Value, json};

/// When the job pushes.
const PUSH_MS: i64 = 120_000;

/// The deadline of all: 06:00 in Chicago, twelve minutes after the start.
const DEADLINE: &str = "2026-03-02T12:00:00Z";

/// The same, from the start.
const DEADLINE_MS: i64 = 720_000;

/// The job's workers in the naive loop.
const WORKERS: usize = 10;

pub(super) fn feed(pulled: Pulled) -> anyhow::Result<Feed> {
    let wishes: anyhow::Result<Vec<Wish>> = pulled
        .agents
        .iter()
        .enumerate()
        .map(|(place, (agent, entry))| {
            let prepared = if place % 4 == 3 { meal(entry) } else { coaching(entry) };
            wish(&pulled.schedule, agent, place, prepared.context("every agent has shifts with a meal")?)
        })
        .collect();
    Ok(Feed::new(wishes?).with_start(pulled.records))
}

/// A change that the job prepared: as an intent's parts, as the agent's whole entry, as its truth.
struct Prepared {
    change: Value,
    base: Option<Value>,
    entry: Value,
    effect: Effect,
}

fn coaching(entry: &Value) -> Option<Prepared> {
    let shift = entry["shifts"][0]["id"].as_str()?.to_owned();
    let activity = json!({"offset_minutes": 60, "length_minutes": 30, "code": "coaching"});
    let verb = Verb { name: "add-activity".to_owned(), args: json!({"shift_id": shift, "activity": activity}) };
    Some(Prepared {
        change: json!({"verb": verb}),
        base: None,
        entry: WfmV2::new().verb("agent-schedule", &verb, entry).ok()?,
        effect: Effect::Shift { shift, deed: deed(&verb)? },
    })
}

/// The meal of the second shift half an hour later: its neighbours give and take.
fn meal(entry: &Value) -> Option<Prepared> {
    let shift = entry["shifts"].get(1)?;
    let id = shift["id"].as_str()?;
    let pulled = shift["activities"].clone();
    let mut moved = pulled.clone();
    let list = moved.as_array_mut().filter(|list| list.len() == 3)?;
    for (place, minutes) in [(0, 30), (2, -30)] {
        let length = list[place]["length_minutes"].as_i64()?;
        list[place]["length_minutes"] = json!(length + minutes);
    }
    for place in [1, 2] {
        let start: jiff::Timestamp = list[place]["start"].as_str()?.parse().ok()?;
        list[place]["start"] = json!((start + jiff::SignedDuration::from_mins(30)).to_string());
    }
    let mut whole = entry.clone();
    whole["shifts"][1]["activities"] = moved.clone();
    let set = Set {
        path: format!("/shifts/{id}/activities"),
        base: Some(pulled),
        after: Some(moved.clone()),
        own: Vec::new(),
    };
    Some(Prepared {
        change: json!({"merge_patch": {"shifts": [{"id": id, "activities": moved}]}}),
        base: Some(json!({"value": {"shifts": entry["shifts"]}})),
        entry: whole,
        effect: Effect::Sets(vec![set]),
    })
}

fn wish(schedule: &str, agent: &str, place: usize, prepared: Prepared) -> anyhow::Result<Wish> {
    let name = format!("publish-job-{agent}");
    let mut intent = json!({
        "idempotency_key": name,
        "resource": {"org": ORG, "kind": "agent-schedule", "id": format!("{schedule}/{agent}")},
        "change": prepared.change,
        "deadline": DEADLINE,
        "origin": {"system": "scheduler"},
    });
    if let Some(base) = prepared.base {
        intent["base"] = base;
    }
    Ok(Wish {
        name,
        at_ms: PUSH_MS,
        worker: place % WORKERS,
        order: 0,
        way: Way::Submit { source: "scheduler".to_owned(), intent },
        door: Door::Proxy,
        payload: Payload::Agent { schedule: schedule.to_owned(), entry: prepared.entry },
        truth: Truth {
            subject: Subject::Path(agent_path(schedule, agent)),
            effect: prepared.effect,
            needs_person: None,
            deadline_ms: Some(DEADLINE_MS),
        },
    })
}
