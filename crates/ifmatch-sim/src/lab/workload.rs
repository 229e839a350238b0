//! Draws from a scenario and a seed what happens, the same for every strategy.
//!
//! People's edits and sources' wishes are values worked out from the world as it starts, never
//! from what a strategy made of it, so that one strategy's run cannot change another one's load.

mod values;

use super::scenario::{Editor, Field, Locker, Scenario, ScenarioError, Source, Variant};
use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec, Spoken, Wish};
use crate::world::ORG;
use ifmatch_core::{Change, Intent, Operation, OrgName, Resource, Timestamp};
use ifmatch_sandbox::Sandbox;
use serde_json::Value;
use values::Records;

/// One thing that a source wants, in the order in which all are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// When it is sent, in milliseconds since the start.
    pub at_ms: i64,
    /// The source.
    pub source: String,
    /// How many of the source's items a loop has under way at once; 0 for no bound.
    pub workers: usize,
    /// The resource's kind.
    pub kind: String,
    /// The resource's id; for a new record the mark that its source gives it.
    pub id: String,
    /// The record's path in the ledger; empty for a new record.
    pub path: String,
    /// What it sets, as a patch with keyed lists; the whole record for a new one, null for a publish.
    pub set: Value,
}

impl Item {
    /// Whether it asks for a publish.
    #[must_use]
    pub fn is_publish(&self) -> bool {
        self.kind == "schedule"
    }

    /// Whether it makes a record.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.path.is_empty()
    }
}

/// What happens in one world, whatever the strategy.
#[derive(Debug, Clone)]
pub struct Workload {
    /// The target and everything that people, locks and sources do, for [`crate::World`] and for the loops alike.
    pub setup: Setup,
    /// What the sources want; the nth wish or submission of the setup is the nth item.
    pub items: Vec<Item>,
    /// How many edits people make.
    pub edits: usize,
}

/// Something that happens, before everything is put in order.
enum Happens {
    Op(Op),
    Item(Item, i64),
}

impl Workload {
    /// Draws a world of a scenario.
    ///
    /// # Errors
    /// The sandbox refuses the scenario's target.
    pub fn draw(scenario: &Scenario, variant: Option<&Variant>, seed: u64) -> Result<Self, ScenarioError> {
        let start = variant.map_or(&scenario.start, |variant| &variant.start);
        let instant: Timestamp =
            start.parse().map_err(|_| ScenarioError::Range(format!("start {start:?} is no instant")))?;
        let target = scenario.target(variant)?;
        let sandbox = Sandbox::new(target.clone(), seed, instant.as_millisecond());
        let records = Records::of(&sandbox);
        let until = scenario.minutes * 60_000;
        let mut happens: Vec<(i64, Happens)> = Vec::new();
        for (place, editor) in scenario.editors.iter().enumerate() {
            edit(&mut Rng::named(seed, &format!("editor {place}")), editor, &records, until, &mut happens);
        }
        for (place, locker) in scenario.lockers.iter().enumerate() {
            lock(&mut Rng::named(seed, &format!("locker {place}")), locker, &records, until, &mut happens);
        }
        for (place, source) in scenario.sources.iter().enumerate() {
            for copy in 0..source.copies {
                let mut rng = Rng::named(seed, &format!("source {place} {copy}"));
                speak(&mut rng, source, copy, &records, until, &mut happens);
            }
        }
        happens.sort_by_key(|(at, _)| *at);
        let edits = happens.iter().filter(|(_, what)| matches!(what, Happens::Op(Op::Edit { .. }))).count();
        let mut ops = Vec::new();
        let mut items = Vec::new();
        for (at, what) in happens {
            match what {
                Happens::Op(op) => ops.push((at, op)),
                Happens::Item(item, looked_at) => {
                    if !item.is_new() && !item.is_publish() {
                        ops.push((looked_at, Op::Look { source: item.source.clone(), path: item.path.clone() }));
                    }
                    ops.push((at, spoken(&item)));
                    items.push(item);
                }
            }
        }
        ops.sort_by_key(|(at, _)| *at);
        let names = ops.iter().filter_map(|(_, op)| speaker(op));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort();
        names.dedup();
        let setup = Setup {
            sources: names.into_iter().map(SourceSpec::edits).collect(),
            ops,
            calm_at: until,
            end_at: until + scenario.drain_minutes * 60_000,
            ..Setup::new(scenario.name.clone(), seed, start.clone(), target)
        };
        Ok(Self { setup, items, edits })
    }
}

fn speaker(op: &Op) -> Option<&str> {
    match op {
        Op::Wish(wish) => Some(&wish.source),
        Op::Submit { source, .. } => Some(source),
        _ => None,
    }
}

/// An item as an op of the simulator: an edit with the values that its source saw, or an intent as it is.
pub(super) fn spoken(item: &Item) -> Op {
    let org = OrgName::from(ORG);
    let submit = |resource: Resource, change: Change| Op::Submit {
        source: item.source.clone(),
        intent: Box::new(Intent::new(resource, change)),
        saw: Value::Null,
        whole: false,
    };
    if item.is_publish() {
        let operation = Operation { name: "publish".to_owned(), revision: None };
        return submit(Resource::by_id(&org, &item.kind, &item.id), Change::Operation(operation));
    }
    if item.is_new() {
        let name = ifmatch_core::Name::External { system: item.source.clone(), id: item.id.clone() };
        return submit(Resource::new(&org, &item.kind, name), Change::Create(item.set.clone()));
    }
    Op::Wish(Wish {
        source: item.source.clone(),
        kind: item.kind.clone(),
        id: item.id.clone(),
        path: item.path.clone(),
        set: item.set.clone(),
        spoken: Spoken::Valued,
        on_conflict: None,
        pair: None,
    })
}

fn edit(rng: &mut Rng, editor: &Editor, records: &Records, until: i64, happens: &mut Vec<(i64, Happens)>) {
    let end = editor.until_ms.unwrap_or(until).min(until);
    let mut at = editor.from_ms + rng.wait_ms(editor.mean_ms);
    while at < end {
        if let Some(record) = records.pick(rng, editor.edits, editor.among, None) {
            let patch = record.change(rng, editor.edits, &editor.name);
            let edit = Op::Edit { path: record.path.clone(), patch, by: editor.name.clone() };
            happens.push((at, Happens::Op(edit)));
        }
        at += rng.wait_ms(editor.mean_ms);
    }
}

fn lock(rng: &mut Rng, locker: &Locker, records: &Records, until: i64, happens: &mut Vec<(i64, Happens)>) {
    let end = locker.until_ms.unwrap_or(until).min(until);
    let mut hold = |rng: &mut Rng, at: i64, path: &str| {
        let seconds = rng.between(locker.hold_seconds_min, locker.hold_seconds_max).unsigned_abs();
        happens.push((at, Happens::Op(Op::Lock { path: path.to_owned(), seconds })));
    };
    let mut free = records.paths(locker.locks);
    for _ in 0..locker.count.min(free.len()) {
        let place = usize::try_from(rng.below(free.len() as u64)).unwrap_or(0);
        let path = free.swap_remove(place);
        hold(rng, locker.from_ms, &path);
    }
    let Some(mean_ms) = locker.mean_ms else { return };
    let mut at = locker.from_ms + rng.wait_ms(mean_ms);
    while at < end {
        if let Some(record) = records.pick(rng, locker.locks, None, None) {
            hold(rng, at, &record.path);
        }
        at += rng.wait_ms(mean_ms);
    }
}

fn speak(
    rng: &mut Rng,
    source: &Source,
    copy: usize,
    records: &Records,
    until: i64,
    happens: &mut Vec<(i64, Happens)>,
) {
    let name = if source.copies == 1 { source.name.clone() } else { format!("{}-{:02}", source.name, copy + 1) };
    let share = (!source.shared && source.copies > 1).then_some((copy, source.copies));
    let end = source.until_ms.unwrap_or(until).min(until);
    for (number, at_ms) in times(rng, source, end).into_iter().enumerate() {
        // Within the first second ifmatch is still starting.
        let at_ms = at_ms.max(1_000);
        let looked = at_ms - rng.between(source.looked_ms_min, source.looked_ms_max);
        let record = match source.burst {
            // A push of a whole file names each record once.
            Some(_) => records.nth(source.changes, source.among, share, number),
            None => records.pick(rng, source.changes, source.among, share),
        };
        let Some(record) = record else { continue };
        let (id, path, set) = match source.changes {
            Field::Trade => {
                let mark = format!("{name}-{number:04}");
                let set = record.change(rng, source.changes, &mark);
                (mark, String::new(), set)
            }
            _ => (record.id.clone(), record.path.clone(), record.change(rng, source.changes, &name)),
        };
        let kind = record.kind_of(source.changes).to_owned();
        let item = Item { at_ms, source: name.clone(), workers: source.workers, kind, id, path, set };
        happens.push((at_ms, Happens::Item(item, looked.max(0))));
    }
}

/// When a source speaks.
fn times(rng: &mut Rng, source: &Source, end: i64) -> Vec<i64> {
    if let Some(burst) = source.burst {
        return vec![source.from_ms; burst];
    }
    let wait = |rng: &mut Rng| match (source.mean_ms, source.every_ms) {
        (Some(mean_ms), _) => rng.wait_ms(mean_ms),
        (None, every_ms) => every_ms.unwrap_or(i64::MAX / 2),
    };
    let first = if source.mean_ms.is_some() { wait(rng) } else { 0 };
    let mut at = source.from_ms + first;
    let mut times = Vec::new();
    while at < end {
        times.push(at);
        at += wait(rng);
    }
    times
}
