//! I04: fifteen sites send 1,200 small edits of one versioned week within seconds, while two
//! planners move shifts by hand.
//!
//! Each site has pulled the week once and goes on from its own copy; that copy is what the naive
//! loop sends. The edits themselves are verbs: what they do holds on whatever the shift is by then.

use super::Feed;
use super::world::{ORG, Pulled, agent_path};
use crate::demo::wish::{Deed, Door, Effect, Payload, Subject, Truth, Way, Wish};
use anyhow::Context as _;
use ifmatch_core::{Change, Dialect as _, OrgName, Verb};
use ifmatch_dialects::WfmV2;
use ifmatch_sandbox::samples::SCHEDULER_CHANGES_NDJSON;
use ifmatch_sources::readers::scheduler::{Reader, SmallChange};
use serde_json::Value;
use std::collections::BTreeMap;

/// When the first of them comes.
const ARRIVAL_MS: i64 = 2_000;

/// How long they keep coming: each site sends its file line by line, all sites side by side.
const SPREAD_MS: i64 = 2_500;

pub(super) fn feed(pulled: Pulled) -> anyhow::Result<Feed> {
    let reader = Reader::new(&OrgName::from(ORG), &pulled.schedule);
    let changes: Vec<SmallChange> = reader.changes(SCHEDULER_CHANGES_NDJSON).into_iter().collect::<Result<_, _>>()?;
    let lines = SCHEDULER_CHANGES_NDJSON.lines();
    let mut copies = pulled.agents.clone();
    let mut workers: BTreeMap<String, usize> = BTreeMap::new();
    let mut wishes = Vec::with_capacity(changes.len());
    let count = i64::try_from(changes.len()).context("the sample has a number of lines")?.max(1);
    for ((place, change), line) in (0_i64..).zip(&changes).zip(lines) {
        let known = workers.len();
        let worker = *workers.entry(change.site.clone()).or_insert(known);
        let at_ms = ARRIVAL_MS + SPREAD_MS * place / count;
        wishes.push(Wish { at_ms, ..wish(&pulled.schedule, &mut copies, worker, change, line)? });
    }
    Ok(Feed::new(wishes).with_start(pulled.records))
}

fn wish(
    schedule: &str,
    copies: &mut BTreeMap<String, Value>,
    worker: usize,
    change: &SmallChange,
    line: &str,
) -> anyhow::Result<Wish> {
    let Change::Verb(verb) = &change.intent.change else { anyhow::bail!("a change is a verb") };
    let id = change.intent.resource.id().context("a change names its record")?;
    let agent = id.split_once('/').map_or(id, |(_, agent)| agent);
    let copy = copies.get_mut(agent).context("every agent of the changes is in the week")?;
    // A site that finds its own edit impossible leaves its copy as it is, and sends it anyway.
    if let Ok(edited) = WfmV2::new().verb("agent-schedule", verb, copy) {
        *copy = edited;
    }
    Ok(Wish {
        name: change.intent.idempotency_key.clone().context("a change has a key")?,
        at_ms: ARRIVAL_MS,
        worker,
        order: 0,
        way: Way::Submit { source: change.site.to_lowercase(), intent: serde_json::to_value(&change.intent)? },
        door: Door::Ndjson(line.to_owned()),
        payload: Payload::Agent { schedule: schedule.to_owned(), entry: copy.clone() },
        truth: Truth {
            subject: Subject::Path(agent_path(schedule, agent)),
            effect: Effect::Shift {
                shift: verb.args["shift_id"].as_str().unwrap_or_default().to_owned(),
                deed: deed(verb).context("a known verb")?,
            },
            needs_person: None,
            deadline_ms: None,
        },
    })
}

/// What a verb does, for the judge.
pub(super) fn deed(verb: &Verb) -> Option<Deed> {
    let minutes = || verb.args["minutes"].as_i64();
    let activity = &verb.args["activity"];
    match verb.name.as_str() {
        "move-shift" => minutes().map(Deed::Move),
        "extend-shift" => minutes().map(Deed::Extend),
        "add-activity" => Some(Deed::Add {
            offset: activity["offset_minutes"].as_i64()?,
            length: activity["length_minutes"].as_i64()?,
            code: activity["code"].as_str()?.to_owned(),
        }),
        "remove-shift" => Some(Deed::Remove),
        _ => None,
    }
}
