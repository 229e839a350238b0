//! Requests for time off: an export of Zendesk WFM (CSV), one request per row.
//!
//! A request from midnight to midnight of its zone is whole days, by dates and not by hours; anything else is a stretch of
//! minutes.

use super::{ReadError, Reading, contradicting, duplicate};
use crate::migration::plan::{PlanRow, Verdict};
use crate::readers::zendesk::times::{Shift, TimeFault, TimeFaultKind};
use ifmatch_core::{Change, Intent, Name, Origin, Resource};
use ifmatch_dialects::instants;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The system's name in resources and origins: that of whoever asks its API, so that both mean the same requests.
const SYSTEM: &str = "zendesk-wfm";

const COLUMNS: [&str; 6] = ["time_off_request_id", "agent_email", "start", "end", "status", "reason_id"];

/// What the source's statuses become; the last two changed nothing in a schedule.
const STATUSES: [(&str, &str); 4] =
    [("pending", "PENDING"), ("approved", "APPROVED"), ("denied", "DENIED"), ("cancelled", "CANCELED")];

/// Minutes that a whole day of time off counts for.
const DAY_MINUTES: i64 = 480;

/// A data row by the names of its columns.
type Record = BTreeMap<String, String>;

/// Why a row is not submitted.
struct Stop {
    verdict: Verdict,
    code: &'static str,
    field: &'static str,
    reason: String,
    candidates: Vec<jiff::Timestamp>,
}

impl Stop {
    fn reject(code: &'static str, field: &'static str, reason: String) -> Self {
        Self { verdict: Verdict::Reject, code, field, reason, candidates: Vec::new() }
    }
}

pub(super) fn rows(reading: &Reading<'_>, text: &str) -> Result<Vec<PlanRow>, ReadError> {
    let mut first: BTreeMap<String, (u64, Record)> = BTreeMap::new();
    let mut rows = Vec::new();
    for (record, row) in records(text)?.into_iter().zip(1..) {
        let id = field(&record, COLUMNS[0]).to_owned();
        rows.push(match first.get(&id) {
            Some((earlier, same)) if *same == record => duplicate(row, &id, *earlier),
            Some((earlier, _)) => {
                contradicting(row, &id, *earlier, &format!("row {earlier} says something else of this request"))
            }
            None => {
                let planned = planned(reading, row, &record)?;
                if !id.is_empty() {
                    first.insert(id, (row, record));
                }
                planned
            }
        });
    }
    Ok(rows)
}

fn records(text: &str) -> Result<Vec<Record>, ReadError> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let fault = |error: csv::Error| ReadError::File(format!("no CSV: {error}"));
    let header = reader.headers().map_err(fault)?.clone();
    let names: Vec<String> = header.iter().map(str::to_lowercase).collect();
    let lacks: Vec<&str> = COLUMNS.into_iter().filter(|column| !names.iter().any(|name| name == column)).collect();
    if !lacks.is_empty() {
        return Err(ReadError::File(format!("the header lacks the columns {}", lacks.join(", "))));
    }
    let record = |record: Result<csv::StringRecord, csv::Error>| {
        let fields = record.map_err(fault)?;
        Ok(names.iter().cloned().zip(fields.iter().map(str::to_owned)).collect())
    };
    reader.records().map(record).collect()
}

fn field<'r>(record: &'r Record, name: &str) -> &'r str {
    record.get(name).map(String::as_str).unwrap_or_default()
}

fn planned(reading: &Reading<'_>, row: u64, record: &Record) -> Result<PlanRow, ReadError> {
    let unsaid = |what| ReadError::Unsaid { kind: reading.kind, what };
    let unit = reading.management_unit.ok_or(unsaid("management unit"))?;
    let codes = reading.codes.ok_or(unsaid("activity codes"))?;
    let agents = reading.agents.ok_or(unsaid("agents"))?;
    if field(record, "time_zone").is_empty() && reading.time_zone.is_none() {
        return Err(unsaid("time zone"));
    }
    let id = field(record, COLUMNS[0]);
    let judged = judge(reading, record).and_then(|(status, hours)| {
        let known = |table: &BTreeMap<String, String>, column: &'static str, code, key: &str| {
            let none = || Stop::reject(code, column, format!("nobody said what {key:?} is"));
            table.get(key).cloned().ok_or_else(none)
        };
        let agent = known(&agents.0, "agent_email", "unknown_agent", &field(record, "agent_email").to_lowercase())?;
        let code = known(codes, "reason_id", "unmapped_value", field(record, "reason_id"))?;
        let mut body = Map::from_iter([
            ("managementUnitId".to_owned(), json!(unit)),
            ("userId".to_owned(), json!(agent)),
            ("activityCodeId".to_owned(), json!(code)),
            ("status".to_owned(), json!(status)),
            ("notes".to_owned(), json!(field(record, "note"))),
        ]);
        body.extend(hours);
        Ok((status, Value::Object(body)))
    });
    Ok(match judged {
        Ok((status, body)) => {
            let name = Name::External { system: SYSTEM.to_owned(), id: id.to_owned() };
            let origin = Origin { system: SYSTEM.to_owned(), record: Some(id.to_owned()), sequence: None };
            let resource = Resource::new(reading.org, "time-off-request", name);
            let intent = Intent { origin: Some(origin), ..Intent::new(resource, Change::Desired(body)) };
            PlanRow {
                reason: format!("a request for time off in status {status}"),
                ..PlanRow::applied(row, id, reading.kind, Verdict::Create, intent)
            }
        }
        Err(stop) => PlanRow {
            field: Some(stop.field.to_owned()),
            candidates: stop.candidates,
            ..PlanRow::stopped(row, id, stop.verdict, Some(stop.code), &stop.reason)
        },
    })
}

/// The status and the hours of a row.
fn judge(reading: &Reading<'_>, record: &Record) -> Result<(&'static str, Map<String, Value>), Stop> {
    if field(record, COLUMNS[0]).is_empty() {
        return Err(Stop::reject("missing_field", COLUMNS[0], "the request has no id".to_owned()));
    }
    let given = field(record, "status").to_lowercase();
    let status = STATUSES.into_iter().find(|(from, _)| *from == given || (*from == "cancelled" && given == "canceled"));
    let Some((from, status)) = status else {
        let reason = format!("{given:?} is none of {}", STATUSES.map(|(from, _)| from).join(", "));
        return Err(Stop::reject("unmapped_status", "status", reason));
    };
    let name = Some(field(record, "time_zone")).filter(|name| !name.is_empty()).or(reading.time_zone);
    let zone = name.and_then(instants::zone).ok_or_else(|| {
        Stop::reject("unknown_time_zone", "time_zone", format!("{:?} is no IANA zone", name.unwrap_or_default()))
    })?;
    let (start, end) = (("start", field(record, "start")), ("end", field(record, "end")));
    let off = Shift::read(&zone, reading.local_times, start, end).map_err(|fault| stop(reading, fault))?;
    if ["denied", "cancelled"].contains(&from) && !reading.history {
        let reason = format!("a request that was {from} changed nothing; --history lands it all the same");
        let verdict = Verdict::Equal;
        return Err(Stop { verdict, ..Stop::reject("history_not_wanted", "status", reason) });
    }
    Ok((status, hours(&zone, &off)))
}

fn stop(reading: &Reading<'_>, fault: TimeFault) -> Stop {
    let unclear = match reading.local_times {
        crate::readers::LocalTimes::Reject => Verdict::Reject,
        _ => Verdict::Review,
    };
    let (verdict, code, reason) = match fault.kind {
        TimeFaultKind::Malformed => (Verdict::Reject, "invalid_time", "must be a time such as 2026-10-24 08:00"),
        TimeFaultKind::Backwards => (Verdict::Reject, "end_before_start", "the end is not after the start"),
        TimeFaultKind::Ambiguous => (unclear, "ambiguous_local_time", "the clock shows this time twice"),
        TimeFaultKind::Missing => (unclear, "missing_local_time", "the clock never shows this time"),
    };
    let stop = Stop::reject(code, fault.field, reason.to_owned());
    Stop { verdict, candidates: fault.candidates, ..stop }
}

fn hours(zone: &TimeZone, off: &Shift) -> Map<String, Value> {
    let (start, end) = (off.start.to_zoned(zone.clone()), off.end.to_zoned(zone.clone()));
    if start.time() == Time::midnight() && end.time() == Time::midnight() {
        // By dates and not by hours: a day on which the clock changes is not 24 of them.
        let days = start.date().series(jiff::Span::new().days(1)).take_while(|day| *day < end.date());
        let days: Vec<String> = days.map(|day| day.to_string()).collect();
        return Map::from_iter([
            ("fullDayManagementUnitDates".to_owned(), json!(days)),
            ("dailyDurationMinutes".to_owned(), json!(DAY_MINUTES)),
        ]);
    }
    let minutes = off.minutes();
    Map::from_iter([
        ("partialDayStartDateTimes".to_owned(), json!([off.start.to_string()])),
        ("durationMinutes".to_owned(), json!([minutes])),
        ("dailyDurationMinutes".to_owned(), json!(minutes)),
    ])
}
