//! The sample files as plans: what the readers' own tests count, and what only rows together show.

use super::*;
use crate::migration::key_of;
use ifmatch_core::{Change, Dialect as _};
use ifmatch_dialects::GenesysCloud;
use serde_json::json;
use std::collections::BTreeSet;

const TRADES: &[u8] = include_bytes!("../../../../../samples/zendesk-shift-trades.csv");
const REVIEWS: &[u8] = include_bytes!("../../../../../samples/servicenow-quality-reviews.ndjson");
const WEEK: &[u8] = include_bytes!("../../../../../samples/scheduler-week-singapore.ndjson");
const CHANGES: &[u8] = include_bytes!("../../../../../samples/scheduler-changes-singapore.ndjson");

fn planned(kind: Kind, bytes: &[u8], with: impl Fn(&mut Reading<'_>)) -> Result<Plan, ReadError> {
    let org = OrgName::from("acme");
    let mut reading = Reading {
        file: "file",
        kind,
        org: &org,
        agents: None,
        history: false,
        local_times: LocalTimes::Review,
        week_starts: Weekday::Monday,
        time_zone: Some("Europe/Paris"),
        schedule: Some("sg-48"),
        management_unit: None,
        codes: None,
        echo_user: "wfm.integration",
    };
    with(&mut reading);
    read(&reading, bytes)
}

fn check(plan: &Plan, rows: usize, wanted: &[(Verdict, usize)]) {
    assert_eq!(plan.rows.len(), rows);
    assert_eq!(plan.totals.values().sum::<usize>(), rows, "totals are over all rows");
    for verdict in Verdict::ALL {
        let wanted = wanted.iter().find(|(known, _)| *known == verdict).map_or(0, |(_, count)| *count);
        assert_eq!(plan.total(verdict), wanted, "{verdict:?}");
    }
    assert!(plan.rows.iter().zip(1..).all(|(row, number)| row.row == number), "one entry per data row");
    assert!(plan.rows.iter().all(|row| row.intent.is_some() == row.verdict.is_applied()));
    assert!(plan.rows.iter().all(|row| row.verdict.is_applied() || row.code.is_some()));
    let keys: Vec<&str> = plan.applied().filter_map(|row| row.intent.as_ref()?.idempotency_key.as_deref()).collect();
    assert_eq!(
        keys.iter().collect::<BTreeSet<_>>().len(),
        keys.len(),
        "every row that is applied has a key of its own"
    );
    assert!(keys.iter().all(|key| key.len() <= 255));
}

#[test]
fn the_trades_offline() {
    use Verdict::{Create, Duplicate, Equal, Hold, Reject, Review};
    let plan = planned(Kind::ZendeskShiftTrades, TRADES, |_| ()).unwrap();
    check(&plan, 423, &[(Create, 366), (Equal, 34), (Duplicate, 2), (Hold, 14), (Review, 3), (Reject, 4)]);
    assert_eq!(plan.target, Checked::Unchecked);
    assert_eq!(plan.rows[10].candidates.len(), 2);
    let history = planned(Kind::ZendeskShiftTrades, TRADES, |reading| reading.history = true).unwrap();
    assert!(history.total(Create) > 390 && history.total(Equal) == 0);
    let earlier =
        planned(Kind::ZendeskShiftTrades, TRADES, |reading| reading.local_times = LocalTimes::Earlier).unwrap();
    assert_eq!((earlier.rows[10].verdict, earlier.total(Review)), (Create, 2));
}

#[test]
fn the_reviews_of_one_record_are_ordered_by_its_counter() {
    use Verdict::{Create, Duplicate, Equal, Review, Update};
    let plan = planned(Kind::ServicenowQualityReviews, REVIEWS, |_| ()).unwrap();
    assert_eq!((plan.total(Duplicate), plan.total(Verdict::Reject)), (25, 0), "207 calls, 182 of them different");
    assert_eq!(plan.total(Create), 58, "of 60 reviews two share agent, form and date with another one");
    let counts = [Create, Update, Equal, Duplicate, Review].map(|verdict| (verdict, plan.total(verdict)));
    check(&plan, 207, &counts);
    let records = |verdict: Verdict| {
        let rows = plan.rows.iter().filter(move |row| row.verdict == verdict);
        rows.map(|row| row.source_id.as_str()).collect::<BTreeSet<_>>()
    };
    assert_eq!(records(Review).len(), 2);
    assert!(
        plan.total(Equal) > 0 && plan.total(Equal) < 34,
        "echoes are dropped, a person's edits under that user are not"
    );
    let unsaid = planned(Kind::ServicenowQualityReviews, REVIEWS, |reading| reading.time_zone = None);
    assert!(matches!(unsaid, Err(ReadError::Unsaid { what: "time zone", .. })));
}

#[test]
fn the_week_and_its_changes() {
    let week = planned(Kind::SchedulerWeek, WEEK, |_| ()).unwrap();
    check(&week, 300, &[(Verdict::Update, 300)]);
    let changes = planned(Kind::SchedulerChanges, CHANGES, |_| ()).unwrap();
    check(&changes, 1200, &[(Verdict::Update, 1200)]);
    let unsaid = planned(Kind::SchedulerChanges, CHANGES, |reading| reading.schedule = None);
    assert!(matches!(unsaid, Err(ReadError::Unsaid { what: "schedule", .. })));
}

#[test]
fn a_key_is_about_the_row_and_not_about_its_place() {
    let plan = planned(Kind::ZendeskShiftTrades, TRADES, |_| ()).unwrap();
    let text = std::str::from_utf8(TRADES).unwrap();
    let (header, rows) = text.split_once("\r\n").unwrap();
    let mut turned: Vec<&str> = rows.lines().collect();
    turned.reverse();
    let turned = format!("{header}\n{}\n", turned.join("\n"));
    let org = OrgName::from("other");
    let again = read(&Reading { org: &org, file: "x", ..reading_of(&org) }, turned.as_bytes()).unwrap();
    let keys = |plan: &Plan| {
        let rows = plan.applied().filter_map(|row| row.intent.as_ref()?.idempotency_key.clone());
        rows.collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(&plan), keys(&again));
    let row = plan.applied().next().unwrap();
    let intent = row.intent.as_ref().unwrap();
    let key = key_of(plan.kind, &row.source_id, intent);
    assert_eq!(intent.idempotency_key.as_ref(), Some(&key));
    let mut other = intent.clone();
    other.base = Some(ifmatch_core::BaseHint { version: Some(7), value: None });
    assert_ne!(key_of(plan.kind, &row.source_id, &other), key);
}

fn reading_of(org: &OrgName) -> Reading<'_> {
    Reading {
        file: "file",
        kind: Kind::ZendeskShiftTrades,
        org,
        agents: None,
        history: false,
        local_times: LocalTimes::Review,
        week_starts: Weekday::Monday,
        time_zone: None,
        schedule: None,
        management_unit: None,
        codes: None,
        echo_user: "wfm.integration",
    }
}

#[test]
fn a_file_that_is_none_is_said() {
    let refused = |bytes: &[u8], wanted: &str| {
        let error = planned(Kind::ZendeskShiftTrades, bytes, |_| ()).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    };
    refused(b"id,status\r\n1,x\r\n", "the header lacks the columns");
    refused(b"\xff\xfe", "not UTF-8");
    let (header, _) = std::str::from_utf8(TRADES).unwrap().split_once("\r\n").unwrap();
    refused(header.as_bytes(), "no rows");
    let broken = planned(Kind::SchedulerWeek, b"{}\nno\n", |_| ()).unwrap();
    check(&broken, 2, &[(Verdict::Reject, 2)]);
    assert_eq!(
        "swaps".parse::<Kind>().unwrap_err().to_string(),
        "\"swaps\" is no kind of file; the kinds are \
        zendesk-shift-trades, servicenow-quality-reviews, scheduler-week, scheduler-changes, zendesk-time-off"
    );
}

#[test]
fn a_plan_is_read_as_it_was_written() {
    let plan = planned(Kind::ZendeskShiftTrades, TRADES, |_| ()).unwrap();
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&value["target"], &value["kind"]), (&"unchecked".into(), &"zendesk-shift-trades".into()));
    assert_eq!(value["sha256"].as_str().unwrap().len(), 64);
    assert!(value["rows"][0].get("code").is_some() && value["rows"][1]["code"].is_null());
}

const OFF: &str = "\
    time_off_request_id,agent_email,start,end,status,reason_id,note,time_zone\r\n\
    t1,Ada@x,2026-10-24 00:00,2026-10-27 00:00,approved,holiday,\"sea, not hills\",\r\n\
    t2,ben@x,2026-10-25 02:30,2026-10-25 06:00,pending,holiday,,\r\n\
    t3,ben@x,2026-10-25T02:30:00+01:00,2026-10-25 06:00,pending,doctor,,\r\n\
    t4,nobody@x,2026-10-26 08:00,2026-10-26 12:00,approved,holiday,,\r\n\
    t5,ada@x,2026-10-26 12:00,2026-10-26 08:00,approved,holiday,,\r\n\
    t6,ada@x,2026-10-26 08:00,2026-10-26 12:00,maybe,holiday,,\r\n\
    t7,ada@x,2026-10-26 08:00,2026-10-26 12:00,denied,holiday,,\r\n\
    t1,Ada@x,2026-10-24 00:00,2026-10-27 00:00,approved,holiday,\"sea, not hills\",\r\n\
    t2,ben@x,2026-10-25 03:30,2026-10-25 06:00,pending,holiday,,\r\n\
    t8,ada@x,2026-10-26 08:00,2026-10-26 12:00,approved,strike,,\r\n\
    t9,ada@x,soon,2026-10-26 12:00,approved,holiday,,\r\n\
    ,ada@x,2026-10-26 08:00,2026-10-26 12:00,approved,holiday,,\r\n\
    t10,ada@x,2026-10-26 08:00,2026-10-26 12:00,approved,holiday,,Paris time\r\n";

#[test]
fn time_off_is_whole_days_or_minutes_and_every_row_has_a_verdict() {
    let org = OrgName::from("acme");
    let agents = Agents([("ada@x", "a"), ("ben@x", "b")].map(|(email, id)| (email.into(), id.into())).into());
    let codes = [("holiday", "c1"), ("doctor", "c2")].map(|(reason, code)| (reason.into(), code.into())).into();
    let reading = Reading {
        kind: Kind::ZendeskTimeOff,
        agents: Some(&agents),
        time_zone: Some("Europe/Paris"),
        management_unit: Some("mu-1"),
        codes: Some(&codes),
        ..reading_of(&org)
    };
    let plan = read(&reading, OFF.as_bytes()).unwrap();
    let verdicts = plan.rows.iter().map(|row| {
        let (verdict, code) = (row.verdict.as_str(), row.code.as_deref().unwrap_or("-"));
        format!("{} {} {verdict} {code} {}", row.row, row.source_id, row.field.as_deref().unwrap_or("-"))
    });
    let expected = [
        "1 t1 create - -",
        "2 t2 review ambiguous_local_time start",
        "3 t3 create - -",
        "4 t4 reject unknown_agent agent_email",
        "5 t5 reject end_before_start end",
        "6 t6 reject unmapped_status status",
        "7 t7 equal history_not_wanted status",
        "8 t1 duplicate duplicate_row -",
        "9 t2 review contradicting_duplicate -",
        "10 t8 reject unmapped_value reason_id",
        "11 t9 reject invalid_time start",
        "12  reject missing_field time_off_request_id",
        "13 t10 reject unknown_time_zone time_zone",
    ];
    assert_eq!(verdicts.collect::<Vec<_>>(), expected);
    let says = |row: usize| {
        let intent = plan.rows[row - 1].intent.as_ref().unwrap();
        GenesysCloud::new().check(intent).unwrap();
        let Change::Desired(body) = &intent.change else { panic!("a whole record") };
        body.clone()
    };
    let expected = json!({
        "managementUnitId": "mu-1", "userId": "a", "activityCodeId": "c1", "status": "APPROVED", "notes": "sea, not hills",
        "fullDayManagementUnitDates": ["2026-10-24", "2026-10-25", "2026-10-26"], "dailyDurationMinutes": 480,
    });
    assert_eq!(says(1), expected);
    let part = says(3);
    assert_eq!(
        (&part["partialDayStartDateTimes"], &part["durationMinutes"]),
        (&json!(["2026-10-25T01:30:00Z"]), &json!([210]))
    );
    assert_eq!(plan.rows[1].candidates.len(), 2);
    let history = read(&Reading { history: true, ..reading }, OFF.as_bytes()).unwrap();
    let Change::Desired(denied) = &history.rows[6].intent.as_ref().unwrap().change else { panic!("a whole record") };
    assert_eq!(denied["status"], "DENIED");
    let lacking = read(&Reading { codes: None, ..reading }, OFF.as_bytes()).unwrap_err();
    assert_eq!(lacking, ReadError::Unsaid { kind: Kind::ZendeskTimeOff, what: "activity codes" });
}
