//! The verdict on one row: its relation to other rows, then its status, agents and times.

use super::times::{Shift, TimeFault, TimeFaultKind};
use super::together::Relation;
use super::{Options, Record, Row, SYSTEM, Verdict};
use crate::readers::LocalTimes;
use ifmatch_core::{Change, Intent, Name, Origin, Resource, Urgency};
use ifmatch_dialects::instants;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What stops a row from being a creation.
struct Stop {
    verdict: Verdict,
    code: &'static str,
    reason: String,
    field: Option<&'static str>,
    candidates: Vec<jiff::Timestamp>,
    winner_row: Option<u64>,
}

fn stop(verdict: Verdict, code: &'static str, field: &'static str, reason: impl Into<String>) -> Stop {
    Stop { verdict, code, reason: reason.into(), field: Some(field), candidates: Vec::new(), winner_row: None }
}

/// Judges a row.
pub(super) fn judge(options: &Options<'_>, record: &Record, relation: Relation) -> Row {
    let mut row = Row {
        row: record.row,
        source_id: record.get("swap_request_id").to_owned(),
        verdict: Verdict::Create,
        code: None,
        reason: String::new(),
        intent: None,
        candidates: Vec::new(),
        winner_row: None,
        field: None,
        weeks: Vec::new(),
        lengths: None,
    };
    if let Err(stop) = create(options, record, relation, &mut row) {
        row.verdict = stop.verdict;
        row.code = Some(stop.code);
        row.reason = stop.reason;
        row.field = stop.field;
        row.candidates = stop.candidates;
        row.winner_row = stop.winner_row;
    }
    row
}

fn create(options: &Options<'_>, record: &Record, relation: Relation, row: &mut Row) -> Result<(), Stop> {
    whole(record)?;
    related(relation)?;
    let status = status(options, record)?;
    let zone = zone(record)?;
    let from = agent(options, record, "from_agent_email")?;
    let to = agent(options, record, "to_agent_email")?;
    if record.get("from_agent_email").eq_ignore_ascii_case(record.get("to_agent_email")) {
        return Err(stop(Verdict::Reject, "same_agent", "to_agent_email", "an agent cannot trade with itself"));
    }
    let policy = options.local_times;
    let shift = |start, end| Shift::read(&zone, policy, (start, record.get(start)), (end, record.get(end)));
    let untimely = |fault| untimely(policy, fault);
    let given = shift("from_start", "from_end").map_err(untimely)?;
    let taken = shift("to_start", "to_end").map_err(untimely)?;
    let weeks = |shift: &Shift| shift.weeks(&zone, options.week_starts);
    let weeks: BTreeSet<_> = weeks(&given).into_iter().chain(weeks(&taken)).collect();
    row.weeks = weeks.into_iter().collect();
    row.lengths = Some([given.minutes(), taken.minutes()]);
    let body = json!({
        "swap_request_id": record.get("swap_request_id"),
        "status": status,
        "initiating": side(&zone, from, shift_id(record, "from_shift_id")?, &given),
        "receiving": side(&zone, to, shift_id(record, "to_shift_id")?, &taken),
        "time_zone": record.get("time_zone"),
        "notes": format!("Zendesk ticket {}", record.get("ticket_id")),
    });
    row.reason = format!("a trade in status {status}");
    row.intent = Some(intent(options, record, body));
    Ok(())
}

fn whole(record: &Record) -> Result<(), Stop> {
    if !record.whole {
        let reason = "the row has more or fewer fields than the header";
        return Err(stop(Verdict::Reject, "malformed_row", "swap_request_id", reason));
    }
    if record.get("swap_request_id").is_empty() {
        return Err(stop(Verdict::Reject, "missing_field", "swap_request_id", "a request needs its id"));
    }
    Ok(())
}

fn related(relation: Relation) -> Result<(), Stop> {
    let (verdict, code, other, reason) = match relation {
        Relation::Alone => return Ok(()),
        Relation::CopyOf(row) => (Verdict::Duplicate, "duplicate_row", row, format!("row {row} says the same")),
        Relation::Contradicts(row) => {
            (Verdict::Review, "contradicting_duplicate", row, format!("row {row} tells the same request differently"))
        }
        Relation::IdTwiceWith(row) => {
            (Verdict::Review, "id_used_twice", row, format!("row {row} uses the id for another ticket"))
        }
    };
    Err(Stop { winner_row: Some(other), ..stop(verdict, code, "swap_request_id", reason) })
}

/// The source's statuses and the target's are the same words where they mean the same.
fn status<'r>(options: &Options<'_>, record: &'r Record) -> Result<&'r str, Stop> {
    let status = record.get("status");
    match status {
        "approved" | "pending" => Ok(status),
        "denied" if options.history => Ok(status),
        "denied" => {
            let reason = "a denied request changed nothing: there is nothing to land unless history is asked for";
            Err(stop(Verdict::Equal, "history_not_wanted", "status", reason))
        }
        "processing" => {
            let reason = "the source has not settled it: hold until the source or a person does";
            Err(stop(Verdict::Hold, "source_unsettled", "status", reason))
        }
        other => {
            let reason = format!(
                "{other:?} is none of approved, pending, denied, processing; an export in another language needs its \
                 words mapped to these"
            );
            Err(stop(Verdict::Reject, "unmapped_status", "status", reason))
        }
    }
}

fn zone(record: &Record) -> Result<TimeZone, Stop> {
    let name = record.get("time_zone");
    instants::zone(name).ok_or_else(|| {
        let reason =
            format!("{name:?} is no IANA zone such as Europe/Paris; an abbreviation does not say when clocks change");
        stop(Verdict::Reject, "unknown_time_zone", "time_zone", reason)
    })
}

/// The agent as a member of a side: by id where a directory is at hand, else by address.
fn agent(options: &Options<'_>, record: &Record, column: &'static str) -> Result<(&'static str, String), Stop> {
    let email = record.get(column).to_lowercase();
    if email.is_empty() {
        return Err(stop(Verdict::Reject, "missing_field", column, "an address is needed here"));
    }
    let Some(agents) = options.agents else {
        return Ok(("agent_email", email));
    };
    match agents.get(&email) {
        Some(id) => Ok(("agent_id", id.clone())),
        None => Err(stop(Verdict::Reject, "unknown_agent", column, format!("no agent has the address {email}"))),
    }
}

fn shift_id<'r>(record: &'r Record, column: &'static str) -> Result<&'r str, Stop> {
    let id = record.get(column);
    if id.is_empty() {
        return Err(stop(Verdict::Reject, "missing_field", column, "a shift needs its id"));
    }
    Ok(id)
}

fn untimely(policy: LocalTimes, fault: TimeFault) -> Stop {
    let undecided = if policy == LocalTimes::Reject { Verdict::Reject } else { Verdict::Review };
    let (verdict, code, reason) = match fault.kind {
        TimeFaultKind::Malformed => {
            (Verdict::Reject, "invalid_time", "must be a local time such as 2026-10-25 02:30, or one with an offset")
        }
        TimeFaultKind::Ambiguous => {
            (undecided, "ambiguous_local_time", "the clock shows this time twice, and the row has no offset")
        }
        TimeFaultKind::Missing => {
            (undecided, "missing_local_time", "the clock never shows this time, and the row has no offset")
        }
        TimeFaultKind::Backwards => (Verdict::Reject, "end_before_start", "the shift ends before it starts"),
    };
    Stop { candidates: fault.candidates, ..stop(verdict, code, fault.field, reason) }
}

fn side(zone: &TimeZone, (name, agent): (&'static str, String), shift_id: &str, shift: &Shift) -> Value {
    let mut side = Map::new();
    side.insert(name.to_owned(), json!(agent));
    side.insert("shift_id".to_owned(), json!(shift_id));
    side.insert("start".to_owned(), json!(instants::in_zone(zone, shift.start)));
    side.insert("end".to_owned(), json!(instants::in_zone(zone, shift.end)));
    Value::Object(side)
}

fn intent(options: &Options<'_>, record: &Record, body: Value) -> Intent {
    let id = record.get("swap_request_id").to_owned();
    let name = Name::External { system: SYSTEM.to_owned(), id: id.clone() };
    Intent {
        idempotency_key: Some(format!("{SYSTEM}:{id}:{}", record.get("status"))),
        class: Urgency::Bulk,
        origin: Some(Origin { system: SYSTEM.to_owned(), record: Some(id), sequence: None }),
        ..Intent::new(Resource::new(options.org, "shift-trade", name), Change::Create(body))
    }
}
