//! Instants: offsets kept, ambiguity reported, weeks bounded.

use super::*;

#[test]
fn a_text_is_an_instant_only_with_an_offset() {
    let check = |text: &str, wanted: Result<&str, NoInstant>| {
        assert_eq!(instant(text), wanted.map(|text| text.parse().unwrap()), "{text}");
    };
    check("2026-10-25T02:30:00+01:00", Ok("2026-10-25T01:30:00Z"));
    check("2026-10-25 02:30+01:00", Ok("2026-10-25T01:30:00Z"));
    check("2026-10-25T02:30:00Z", Ok("2026-10-25T02:30:00Z"));
    check("2026-10-25T02:30:00", Err(NoInstant::Naive));
    check("2026-10-25 02:30", Err(NoInstant::Naive));
    check("2026-10-25", Err(NoInstant::Malformed));
    check("yesterday", Err(NoInstant::Malformed));
}

#[test]
fn moving_keeps_the_offset() {
    let check = |text: &str, minutes: i64, wanted: Option<&str>| {
        assert_eq!(shifted(text, minutes, None).as_deref(), wanted);
    };
    check("2026-11-23T08:00:00+08:00", -30, Some("2026-11-23T07:30:00+08:00"));
    check("2026-11-23T00:00:00Z", -1, Some("2026-11-22T23:59:00Z"));
    check("2026-11-23T00:00:00", 1, None);
    check("2026-11-23T00:00:00Z", i64::MAX, None);
}

#[test]
fn abbreviations_are_no_zones() {
    let check = |name: &str, known: bool| assert_eq!(zone(name).is_some(), known, "{name}");
    check("Europe/Paris", true);
    check("UTC", true);
    check("CET", false);
    check("EST", false);
    check("Europe/Nowhere", false);
    check("", false);
}

#[test]
fn repeated_and_missing_hours_have_two_candidates() {
    let paris = zone("Europe/Paris").unwrap();
    let at = |text: &str| local(&paris, text.parse().unwrap()).unwrap();
    let ts = |text: &str| text.parse::<Timestamp>().unwrap();
    let (first, second) = (ts("2026-10-25T00:30:00Z"), ts("2026-10-25T01:30:00Z"));
    assert_eq!(at("2026-10-25T02:30:00"), Local::Twice(first, second));
    assert_eq!(at("2026-10-25T03:00:00"), Local::One(ts("2026-10-25T02:00:00Z")));
    let (before, after) = (ts("2026-03-29T01:30:00Z"), ts("2026-03-29T00:30:00Z"));
    assert_eq!(at("2026-03-29T02:30:00"), Local::Never(before, after));
}

#[test]
fn a_week_with_a_clock_change_has_one_hour_more_or_less() {
    let check = |name: &str, week: &str, hours: i64| {
        let (start, end) = week_bounds(&zone(name).unwrap(), week.parse().unwrap()).unwrap();
        assert_eq!(minutes_between(start, end), hours * 60, "{name} {week}");
    };
    check("Europe/Paris", "2026-10-19", 169);
    check("Europe/Paris", "2026-03-23", 167);
    check("Asia/Singapore", "2026-10-19", 168);
    check("Australia/Sydney", "2026-09-28", 167);
}

#[test]
fn a_week_begins_on_the_day_that_is_asked_for() {
    let check = |date: &str, first: Weekday, wanted: &str| {
        assert_eq!(week_of(date.parse().unwrap(), first), Some(wanted.parse().unwrap()), "{date} {first:?}");
    };
    check("2026-10-25", Weekday::Monday, "2026-10-19");
    check("2026-10-26", Weekday::Monday, "2026-10-26");
    check("2026-10-25", Weekday::Sunday, "2026-10-25");
    check("2026-10-24", Weekday::Sunday, "2026-10-18");
    check("2026-10-25", Weekday::Saturday, "2026-10-24");
    check("2026-10-23", Weekday::Saturday, "2026-10-17");
}

#[test]
fn http_dates_are_read() {
    let wanted = "1994-11-06T08:49:37Z".parse().unwrap();
    assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(wanted));
    assert_eq!(http_date("soon"), None);
}

#[test]
fn what_is_read_by_its_places_is_read_as_by_the_general_way() {
    let texts = [
        "2026-10-25T02:30:00Z",
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:30:00-04:30",
        "2026-10-25T02:30:00-00:00",
        "2026-10-25T02:30:00+25:59",
        "2026-10-25T02:30:00+26:00",
        "2026-10-25T02:30:00+02:60",
        "2026-10-25T02:30:60Z",
        "2026-10-25T24:00:00Z",
        "2026-02-29T00:00:00Z",
        "2024-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-10-25T+2:30:00Z",
        "2026-10-25T02:3x:00Z",
        "2026-10-25T02:30:00.5Z",
        "2026-10-25t02:30:00z",
    ];
    for text in texts {
        assert_eq!(instant(text).ok(), text.parse().ok(), "{text}");
    }
}
