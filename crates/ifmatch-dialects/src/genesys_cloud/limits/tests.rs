//! A year of values, and what is set of it.

use super::*;
use crate::genesys_cloud::GenesysCloud;
use crate::genesys_cloud::tests::{W, answer, facts, item, request, resource};
use ifmatch_core::{Call, Dialect};

fn read() -> Call {
    Call::Read(vec![resource("time-off-limit", "bu/l1")])
}

#[test]
fn the_target_is_asked_what_day_it_is() {
    let (dialect, mut notes) = (GenesysCloud::new(), Notes::default());
    let errand = dialect.errand(&read(), &notes).unwrap();
    assert_eq!(errand.path, format!("{W}/businessunits/bu/timeofflimits/l1"));
    dialect.note(&read(), &mut notes, &answer(200, &json!({"id": "l1"}))).unwrap();
    assert_eq!(dialect.errand(&read(), &notes), None);
    let asked = dialect.request(&read(), &notes);
    assert_eq!(asked.path, format!("{W}/businessunits/bu/timeofflimits/l1/values/query"));
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body, json!({"dateRanges": [{"startDate": "2026-11-13", "endDate": "2027-11-13"}]}));
}

#[test]
fn ranges_become_days() {
    let body = json!({
        "timeOffLimit": {"id": "l1"}, "granularity": "Daily", "metadata": {"version": 3},
        "limitValues": [{"startDate": "2026-11-20", "valuesPerDay": {"limitMinutes": [480, 960]}}],
    });
    let Some(Fact::Observed(shown)) = facts(&read(), &answer(200, &body)).pop() else { panic!("no record") };
    assert_eq!(shown.version, Some(3));
    let days = json!([
        {"startDate": "2026-11-20", "limitMinutes": [480]}, {"startDate": "2026-11-21", "limitMinutes": [960]},
    ]);
    assert_eq!(shown.value["values"], days);
    assert_eq!(shown.value["window"], json!({"startDate": "2026-11-14", "endDate": "2027-11-11"}));
}

#[test]
fn only_the_dates_that_differ_are_set() {
    let day = |date: &str, minutes: i64| json!({"startDate": date, "limitMinutes": [minutes]});
    let record = |values: Value| json!({"granularity": "Daily", "values": values});
    let from = record(json!([day("2026-11-20", 480), day("2026-11-21", 0)]));
    let to = record(json!([day("2026-11-20", 480), day("2026-11-21", 60)]));
    let (line, body) = request(&Call::Write(vec![item("time-off-limit", "bu/l1", 3, from, to)]));
    assert_eq!(line, format!("PUT {W}/businessunits/bu/timeofflimits/l1/values"));
    let set = json!([{"startDate": "2026-11-21", "limitMinutesPerDay": [60]}]);
    assert_eq!(body, json!({"values": set, "metadata": {"version": 3}}));
}

#[test]
fn dates_that_cannot_be_read_are_not_written() {
    let window = json!({"startDate": "2026-11-14", "endDate": "2027-11-11"});
    let record = |dates: &[&str]| {
        let values: Vec<Value> = dates.iter().map(|date| json!({"startDate": date, "limitMinutes": [1]})).collect();
        json!({"granularity": "Daily", "window": window, "values": values})
    };
    let count = |from: &[&str], to: &[&str]| missteps(&record(from), &record(to)).len();
    assert_eq!(count(&[], &["2026-12-01"]), 0);
    assert_eq!(count(&[], &["2028-12-01"]), 1);
    assert_eq!(count(&["2026-12-01"], &[]), 1);
    assert_eq!(
        breaches(&json!({"granularity": "FifteenMinutes", "values": [{"startDate": "d", "limitMinutes": [1]}]})).len(),
        1
    );
}
