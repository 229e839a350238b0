//! The export of 423 requests: every trap, and the totals by verdict.

use super::*;
use ifmatch_core::{Change, Dialect};
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../../../samples/zendesk-shift-trades.csv");
const HEADER: &str = "swap_request_id,ticket_id,status,requested_at,from_agent_email,to_agent_email,\
    from_shift_id,from_start,from_end,to_shift_id,to_start,to_end,time_zone\r\n";

/// Every address of the sample except the one that the world does not have.
fn directory() -> BTreeMap<String, String> {
    let records = record::records(SAMPLE).unwrap();
    let emails = records.iter().flat_map(|r| [r.get("from_agent_email"), r.get("to_agent_email")]);
    let known = emails.filter(|email| *email != "unknown.person@example.com");
    known.map(|email| (email.to_owned(), format!("id-of-{email}"))).collect()
}

fn rows(history: bool) -> Vec<Row> {
    let (org, agents) = (OrgName::from("acme"), directory());
    read(
        &Options {
            org: &org,
            agents: Some(&agents),
            history,
            local_times: LocalTimes::Review,
            week_starts: Weekday::Monday,
        },
        SAMPLE,
    )
    .unwrap()
}

fn body(row: &Row) -> Value {
    match &row.intent.as_ref().unwrap().change {
        Change::Create(body) => body.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_totals_by_verdict_are_those_counted_by_hand() {
    let rows = rows(false);
    let mut totals: BTreeMap<Verdict, usize> = BTreeMap::new();
    for row in &rows {
        *totals.entry(row.verdict).or_default() += 1;
    }
    let wanted = [
        (Verdict::Create, 365),
        (Verdict::Duplicate, 2),
        (Verdict::Equal, 34),
        (Verdict::Hold, 14),
        (Verdict::Review, 3),
        (Verdict::Reject, 5),
    ];
    assert_eq!(totals, BTreeMap::from(wanted));
    assert_eq!(rows.len(), 423);
    assert!(rows.iter().zip(1..).all(|(row, number)| row.row == number));
    assert!(rows.iter().all(|row| row.intent.is_some() == (row.verdict == Verdict::Create)));
    let status = |wanted: &str| rows.iter().filter(|r| r.intent.is_some() && body(r)["status"] == wanted).count();
    assert_eq!((status("approved"), status("pending")), (293, 72));
    let nights = rows.iter().filter_map(|row| row.lengths).flatten().filter(|minutes| *minutes == 540).count();
    assert_eq!(nights, 20);
    assert_eq!(rows.iter().filter(|row| row.weeks.len() == 2).count(), 52);
}

#[test]
fn every_trap_has_its_answer() {
    let rows = rows(false);
    let check = |number: usize, verdict: Verdict, code: &str, field: &str, other: Option<u64>| {
        let row = &rows[number - 1];
        assert_eq!((row.verdict, row.code), (verdict, Some(code)), "row {number}");
        assert_eq!((row.field, row.winner_row), (Some(field), other), "row {number}");
        assert!(!row.reason.is_empty() && row.intent.is_none());
    };
    check(11, Verdict::Review, "ambiguous_local_time", "from_start", None);
    check(13, Verdict::Equal, "history_not_wanted", "status", None);
    check(15, Verdict::Reject, "unknown_agent", "to_agent_email", None);
    check(16, Verdict::Reject, "end_before_start", "from_end", None);
    check(17, Verdict::Reject, "same_agent", "to_agent_email", None);
    check(18, Verdict::Reject, "unmapped_status", "status", None);
    check(19, Verdict::Reject, "unknown_time_zone", "time_zone", None);
    check(25, Verdict::Hold, "source_unsettled", "status", None);
    check(32, Verdict::Equal, "history_not_wanted", "status", None);
    check(33, Verdict::Review, "id_used_twice", "swap_request_id", Some(301));
    check(201, Verdict::Duplicate, "duplicate_row", "swap_request_id", Some(31));
    check(261, Verdict::Duplicate, "duplicate_row", "swap_request_id", Some(32));
    check(301, Verdict::Review, "id_used_twice", "swap_request_id", Some(33));
    let candidates = ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"].map(|text| text.parse().unwrap());
    assert_eq!(rows[10].candidates, candidates);
    assert!(rows[17].reason.contains("mapped"));
}

#[test]
fn an_offset_tells_the_repeated_hour() {
    let row = &rows(true)[12];
    assert_eq!(row.verdict, Verdict::Create);
    assert_eq!(body(row)["initiating"]["start"], "2026-10-25T02:30:00+01:00");
    assert_eq!(row.lengths, Some([480, 480]));
}

#[test]
fn a_night_across_the_change_has_nine_hours_and_a_week_edge_two_weeks() {
    let rows = rows(false);
    assert_eq!(rows[11].lengths, Some([540, 480]));
    assert_eq!(
        body(&rows[11])["initiating"],
        json!({"agent_id": "id-of-paul.leroy@example.com", "shift_id": "439ecc33-88a0-4455-a6b1-527c0204aa5f",
            "start": "2026-10-24T22:00:00+02:00", "end": "2026-10-25T06:00:00+01:00"})
    );
    let weeks: Vec<Date> = ["2026-10-19", "2026-10-26"].map(|text| text.parse().unwrap()).into();
    assert_eq!(rows[13].weeks, weeks);
}

#[test]
fn the_dialect_takes_every_trade_of_a_resolved_file() {
    let dialect = ifmatch_dialects::WfmV2::new();
    for row in rows(true).iter().filter_map(|row| row.intent.as_ref()) {
        row.check().unwrap();
        dialect.check(row).unwrap();
        assert_eq!(dialect.breaches("shift-trade", &json!({})), Vec::new());
    }
}

#[test]
fn without_a_directory_addresses_stay() {
    let org = OrgName::from("acme");
    let rows = read(
        &Options {
            org: &org,
            agents: None,
            history: false,
            local_times: LocalTimes::Review,
            week_starts: Weekday::Monday,
        },
        SAMPLE,
    )
    .unwrap();
    assert_eq!(rows[14].verdict, Verdict::Create);
    assert_eq!(body(&rows[14])["receiving"]["agent_email"], "unknown.person@example.com");
}

fn small(lines: &[&str]) -> Vec<Row> {
    let org = OrgName::from("acme");
    let text = format!("{HEADER}{}\r\n", lines.join("\r\n"));
    read(
        &Options {
            org: &org,
            agents: None,
            history: false,
            local_times: LocalTimes::Review,
            week_starts: Weekday::Monday,
        },
        &text,
    )
    .unwrap()
}

#[test]
fn rows_that_the_sample_lacks() {
    let line = |id: &str, ticket: &str, start: &str, end: &str| {
        format!("{id},{ticket},approved,x,a@x,b@x,s1,{start},{end},s2,2026-04-01 08:00,2026-04-01 16:00,Europe/Paris")
    };
    let check = |lines: &[String], wanted: &[(Verdict, Option<&str>, Option<u64>)]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let found = small(&lines);
        let found: Vec<_> = found.iter().map(|row| (row.verdict, row.code, row.winner_row)).collect();
        assert_eq!(found, wanted);
    };
    let day = |id: &str, ticket: &str| line(id, ticket, "2026-03-30 08:00", "2026-03-30 16:00");
    let other = line("A", "1", "2026-03-30 09:00", "2026-03-30 16:00");
    check(
        &[day("A", "1"), other.clone(), day("A", "1")],
        &[
            (Verdict::Review, Some("contradicting_duplicate"), Some(2)),
            (Verdict::Review, Some("contradicting_duplicate"), Some(1)),
            (Verdict::Duplicate, Some("duplicate_row"), Some(1)),
        ],
    );
    let missing = line("A", "1", "2026-03-29 02:30", "2026-03-29 10:00");
    check(std::slice::from_ref(&missing), &[(Verdict::Review, Some("missing_local_time"), None)]);
    let found = small(&[missing.as_str()]);
    let candidates = ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"].map(|text| text.parse().unwrap());
    assert_eq!(found[0].candidates, candidates);
    let short = line("A", "1", "2026-03-28 22:00", "2026-03-29 06:00");
    assert_eq!(small(&[short.as_str()])[0].lengths, Some([420, 480]));
    check(&[day("", "1")], &[(Verdict::Reject, Some("missing_field"), None)]);
    check(&["A,1,approved".to_owned()], &[(Verdict::Reject, Some("malformed_row"), None)]);
    check(&[line("A", "1", "tomorrow", "x")], &[(Verdict::Reject, Some("invalid_time"), None)]);
}

#[test]
fn the_same_local_times_in_another_zone_are_another_story() {
    let line = |zone: &str| {
        format!(
            "A,1,approved,x,a@x,b@x,s1,2026-03-30 08:00,2026-03-30 16:00,s2,2026-04-01 08:00,2026-04-01 16:00,{zone}"
        )
    };
    let (paris, tokyo) = (line("Europe/Paris"), line("Asia/Tokyo"));
    let codes = |lines: &[&str]| small(lines).iter().map(|row| row.code).collect::<Vec<_>>();
    assert_eq!(codes(&[&paris, &paris]), [None, Some("duplicate_row")]);
    assert_eq!(codes(&[&paris, &tokyo]), [Some("contradicting_duplicate"); 2]);
}

#[test]
fn weeks_begin_on_the_day_that_the_target_says() {
    let line = "A,1,approved,x,a@x,b@x,s1,2026-10-24 22:00,2026-10-25 06:00,s2,2026-10-24 00:00,2026-10-25 00:00,";
    let check = |zone: &str, week_starts: Weekday, wanted: &[&str]| {
        let (org, text) = (OrgName::from("acme"), format!("{HEADER}{line}{zone}\r\n"));
        let rows = read(
            &Options { org: &org, agents: None, history: false, local_times: LocalTimes::Review, week_starts },
            &text,
        )
        .unwrap();
        let weeks: Vec<String> = rows[0].weeks.iter().map(ToString::to_string).collect();
        assert_eq!(weeks, wanted, "{zone} {week_starts:?}");
    };
    for zone in ["Europe/Paris", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        check(zone, Weekday::Monday, &["2026-10-19"]);
        check(zone, Weekday::Sunday, &["2026-10-18", "2026-10-25"]);
        check(zone, Weekday::Saturday, &["2026-10-24"]);
    }
}

#[test]
fn a_file_without_the_columns_is_refused() {
    let org = OrgName::from("acme");
    let found = read(
        &Options {
            org: &org,
            agents: None,
            history: false,
            local_times: LocalTimes::Review,
            week_starts: Weekday::Monday,
        },
        "id,status\r\n1,approved\r\n",
    );
    assert!(matches!(found, Err(FileError::Columns(names)) if names.contains("swap_request_id")));
}

#[test]
fn a_policy_reads_the_hours_that_a_change_repeats_or_leaves_out() {
    let org = OrgName::from("acme");
    let check = |start: &str, local_times: LocalTimes, wanted: Option<&str>| {
        let text = format!(
            "{HEADER}A,1,approved,x,a@x,b@x,s1,{start},2026-11-01 10:00,s2,2026-04-01 08:00,2026-04-01 16:00,Europe/Paris\r\n"
        );
        let options = Options { org: &org, agents: None, history: false, local_times, week_starts: Weekday::Monday };
        let row = read(&options, &text).unwrap().remove(0);
        match wanted {
            Some(wanted) => assert_eq!(body(&row)["initiating"]["start"], wanted, "{start} {local_times:?}"),
            None => assert_eq!((row.verdict, row.candidates.len()), (Verdict::Reject, 2)),
        }
    };
    let (fold, gap) = ("2026-10-25 02:30", "2026-03-29 02:30");
    check(fold, LocalTimes::Earlier, Some("2026-10-25T02:30:00+02:00"));
    check(fold, LocalTimes::Compatible, Some("2026-10-25T02:30:00+02:00"));
    check(fold, LocalTimes::Later, Some("2026-10-25T02:30:00+01:00"));
    check(gap, LocalTimes::Earlier, Some("2026-03-29T01:30:00+01:00"));
    check(gap, LocalTimes::Compatible, Some("2026-03-29T03:30:00+02:00"));
    check(gap, LocalTimes::Later, Some("2026-03-29T03:30:00+02:00"));
    check(fold, LocalTimes::Reject, None);
}
