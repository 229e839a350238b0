//! I02: a migration of 423 swap requests through the end of summer time, while a reconciliation
//! locks agents and reads lag behind.
//!
//! The reader judges each row; what it lets through becomes an intent, and for the rest its verdict
//! is the end. The naive script sends every row as it stands, with the winter's offset.

use super::Feed;
use super::world::ORG;
use crate::demo::incident::Incident;
use crate::demo::wish::{Door, Effect, End, Payload, Set, Subject, Truth, Way, Wish};
use anyhow::Context as _;
use ifmatch_core::{Change, OrgName};
use ifmatch_sandbox::Sandbox;
use ifmatch_sandbox::samples::{SHIFT_TRADES_CSV, agent_id};
use ifmatch_sources::readers::LocalTimes;
use ifmatch_sources::readers::zendesk::{Options, Row, Verdict, read};
use jiff::civil::Weekday;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// From one row to the next: all of them in half an hour, through both lock periods.
const GAP_MS: i64 = 4_000;

/// The script's workers.
const WORKERS: usize = 4;

pub(super) fn feed(seed: u64) -> anyhow::Result<Feed> {
    let (org, agents) = (OrgName::from(ORG), directory(seed));
    let options = Options {
        org: &org,
        agents: Some(&agents),
        history: false,
        local_times: LocalTimes::Review,
        week_starts: Weekday::Monday,
    };
    let rows = read(&options, SHIFT_TRADES_CSV)?;
    let text = SHIFT_TRADES_CSV.trim_start_matches('\u{feff}');
    let raw = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<BTreeMap<String, String>>();
    let raw: Vec<BTreeMap<String, String>> = raw.collect::<Result<_, _>>().context("the sample is a CSV file")?;
    let wishes = rows.iter().zip(&raw).map(|(row, raw)| wish(row, raw)).collect::<anyhow::Result<Vec<Wish>>>()?;
    Ok(Feed::new(wishes))
}

/// The agents of the world by address.
fn directory(seed: u64) -> BTreeMap<String, String> {
    let scenario = Incident::I02.scenario(seed);
    let start = scenario.start().unwrap_or_default();
    let world = Sandbox::new(scenario, seed, start).world();
    let agents = world["agents"].as_array().cloned().unwrap_or_default();
    let pair = |agent: Value| Some((agent["email"].as_str()?.to_owned(), agent["id"].as_str()?.to_owned()));
    agents.into_iter().filter_map(pair).collect()
}

fn wish(row: &Row, raw: &BTreeMap<String, String>) -> anyhow::Result<Wish> {
    let (way, sets) = match &row.intent {
        Some(intent) => {
            let Change::Create(doc) = &intent.change else { anyhow::bail!("a row creates a trade") };
            (Way::Submit { source: "zendesk".to_owned(), intent: serde_json::to_value(intent)? }, fields(doc))
        }
        None => (Way::Read(end(row.verdict)), Vec::new()),
    };
    let undecided = matches!(row.verdict, Verdict::Hold | Verdict::Review);
    let number = row.row as usize;
    Ok(Wish {
        name: format!("row {number}"),
        at_ms: GAP_MS * number as i64,
        worker: number % WORKERS,
        order: 0,
        way,
        door: Door::Csv(row.row),
        payload: Payload::Trade(as_it_stands(raw)),
        truth: Truth {
            subject: Subject::Mark { field: "/swap_request_id", value: row.source_id.clone() },
            effect: Effect::Sets(sets),
            needs_person: undecided.then_some("the row itself is undecided"),
            deadline_ms: None,
        },
    })
}

fn end(verdict: Verdict) -> End {
    match verdict {
        Verdict::Create => End::Pending,
        Verdict::Duplicate => End::Superseded,
        Verdict::Equal => End::Satisfied,
        Verdict::Hold | Verdict::Review => End::Review,
        Verdict::Reject => End::Rejected,
    }
}

/// A new record: its sender saw nothing there before.
fn fields(doc: &Value) -> Vec<Set> {
    let set = |(name, value): (&String, &Value)| Set {
        path: format!("/{name}"),
        base: None,
        after: Some(value.clone()),
        own: Vec::new(),
    };
    doc.as_object().into_iter().flatten().map(set).collect()
}

/// The row as a script sends it: local times with the offset of the winter.
fn as_it_stands(raw: &BTreeMap<String, String>) -> Value {
    let field = |name: &str| raw.get(name).map(String::as_str).unwrap_or_default();
    let instant = |name: &str| {
        let local = field(name).trim().replacen(' ', "T", 1);
        if local.len() > 16 { local } else { format!("{local}:00+01:00") }
    };
    let side = |which: &str| {
        json!({
            "agent_id": agent_id(field(&format!("{which}_agent_email"))), "shift_id": field(&format!("{which}_shift_id")),
            "start": instant(&format!("{which}_start")), "end": instant(&format!("{which}_end")),
        })
    };
    json!({
        "swap_request_id": field("swap_request_id"), "status": field("status"), "initiating": side("from"),
        "receiving": side("to"), "time_zone": field("time_zone"),
        "notes": format!("Zendesk ticket {}", field("ticket_id")),
    })
}
