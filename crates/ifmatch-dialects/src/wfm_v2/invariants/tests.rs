//! Rules of records, also at week edges and clock changes.

use super::*;
use crate::wfm_v2::tests::agent_week;
use serde_json::json;

fn check(kind: &str, value: &Value, wanted: &[&str]) {
    check_under(&Rules::default(), kind, value, wanted);
}

fn check_under(rules: &Rules, kind: &str, value: &Value, wanted: &[&str]) {
    let found = breaches(rules, kind, value);
    let same = found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, part)| found.reason.contains(part));
    assert!(same, "{found:?}, wanted {wanted:?}");
}

fn two_days(second: &str, meal: i64) -> Value {
    let activities = json!([{"start": "2026-11-23T12:00:00+01:00", "length_minutes": meal, "code": "Meal"}]);
    json!({"week": "2026-11-23", "time_zone": "Europe/Madrid", "shifts": [
        {"id": "x", "start": "2026-11-23T08:00:00+01:00", "length_minutes": 600, "activities": activities},
        {"id": "y", "start": second, "length_minutes": 480, "activities": []},
    ]})
}

#[test]
fn shifts_follow_each_other_after_the_rest_that_is_due() {
    let rules = Rules { rest_minutes_min: 660, ..Rules::default() };
    check_under(&rules, AGENT, &two_days("2026-11-24T05:00:00+01:00", 30), &[]);
    let late = two_days("2026-11-24T04:59:00+01:00", 30);
    check_under(&rules, AGENT, &late, &["between shifts x and y are 659 minutes of rest, and 660 are due"]);
    check(AGENT, &late, &[]);
    let found = breaches(&rules, AGENT, &late);
    let elements: Vec<&str> = found[0].elements.iter().map(|path| path.as_str()).collect();
    assert_eq!(elements, ["/shifts/x", "/shifts/y"]);
    let over = two_days("2026-11-23T17:00:00+01:00", 30);
    check_under(&rules, AGENT, &over, &["overlap"]);
}

#[test]
fn a_week_has_no_more_paid_minutes_than_allowed() {
    let rules = |most| Rules { paid_minutes_max: Some(most), unpaid: ["Meal".to_owned()].into(), ..Rules::default() };
    let week = two_days("2026-11-24T08:00:00+01:00", 30);
    check_under(&rules(1050), AGENT, &week, &[]);
    check_under(&rules(1049), AGENT, &week, &["1050 paid minutes, and 1049 are allowed"]);
    let all_paid = Rules { unpaid: Default::default(), ..rules(1050) };
    check_under(&all_paid, AGENT, &week, &["1080 paid minutes"]);
}

#[test]
fn scores_lie_between_0_and_100() {
    for (score, wanted) in [
        (json!(0), true),
        (json!(100), true),
        (json!(99.5), true),
        (json!(null), true),
        (json!(-1), false),
        (json!(100.5), false),
        (json!("85"), false),
    ] {
        let breaches: &[&str] = if wanted { &[] } else { &["between 0 and 100"] };
        check(SCORE, &json!({"score": score}), breaches);
    }
}

#[test]
fn trades_go_from_pending_over_matched_to_an_end() {
    let kinds = Kinds::new();
    let trade = |status: &str, notes: &str| json!({"trade_id": "t1", "status": status, "notes": notes});
    let fails = |from: &str, to: &str| missteps(&kinds, TRADE, &trade(from, "a"), &trade(to, "b")).len() == 1;
    for (from, to, wrong) in [
        ("pending", "matched", false),
        ("pending", "pending", false),
        ("matched", "approved", false),
        ("matched", "expired", false),
        ("pending", "approved", true),
        ("matched", "pending", true),
        ("approved", "approved", true),
        ("cancelled", "pending", true),
        ("on hold", "approved", false),
    ] {
        assert_eq!(fails(from, to), wrong, "{from} to {to}");
    }
    let settled = trade("approved", "a");
    assert!(missteps(&kinds, TRADE, &settled, &settled).is_empty(), "what changes nothing is no step");
    assert!(missteps(&kinds, SCORE, &trade("pending", "a"), &trade("approved", "a")).is_empty());
}

#[test]
fn trades_have_two_agents_and_ends_after_starts() {
    let side = |agent: &str, end: &str| json!({"agent_id": agent, "start": "2026-10-25T02:30:00+02:00", "end": end});
    let trade = |one: Value, other: Value| json!({"initiating": one, "receiving": other});
    let late = "2026-10-25T10:00:00+01:00";
    check(TRADE, &trade(side("a", late), side("b", late)), &[]);
    check(TRADE, &trade(side("a", late), Value::Null), &[]);
    check(TRADE, &trade(side("a", late), side("a", late)), &["with itself"]);
    check(TRADE, &trade(side("a", "2026-10-25T02:30:00+01:00"), Value::Null), &[]);
    check(TRADE, &trade(side("a", "2026-10-25T01:30:00+01:00"), Value::Null), &["initiating shift ends"]);
}

#[test]
fn shifts_do_not_overlap() {
    let mut week = agent_week();
    check(AGENT, &week, &[]);
    let shift = |id: &str, start: &str, minutes: i64| json!({"id": id, "start": start, "length_minutes": minutes, "activities": []});
    let shifts = week["shifts"].as_array_mut().unwrap();
    shifts.push(shift("y", "2026-11-23T16:00:00+08:00", 60));
    check(AGENT, &week, &[]);
    week["shifts"][1]["start"] = json!("2026-11-23T07:59:00Z");
    check(AGENT, &week, &["shifts x and y overlap"]);
    let shifts = week["shifts"].as_array_mut().unwrap();
    shifts.push(shift("z", "2026-11-23T15:00:00+08:00", 30));
    check(AGENT, &week, &["shifts x and z overlap", "shifts x and y overlap"]);
}

#[test]
fn activities_lie_inside() {
    let mut week = agent_week();
    week["shifts"][0]["length_minutes"] = json!(470);
    check(AGENT, &week, &["\"on-queue\" lies outside shift x"]);
    week["shifts"][0]["length_minutes"] = json!("long");
    check(AGENT, &week, &["no start or length"]);
}

#[test]
fn shifts_start_inside_the_week_of_their_zone() {
    let at = |zone: &str, week: &str, start: &str, wanted: &[&str]| {
        let shift = json!({"id": "x", "start": start, "length_minutes": 60, "activities": []});
        check(AGENT, &json!({"week": week, "time_zone": zone, "shifts": [shift]}), wanted);
    };
    let out: &[&str] = &["outside the week"];
    at("Europe/Paris", "2026-10-19", "2026-10-18T22:00:00Z", &[]);
    at("Europe/Paris", "2026-10-19", "2026-10-18T21:59:00Z", out);
    at("Europe/Paris", "2026-10-19", "2026-10-25T22:59:00Z", &[]);
    at("Europe/Paris", "2026-10-19", "2026-10-25T23:00:00Z", out);
    at("Europe/Paris", "2026-03-23", "2026-03-29T21:59:00Z", &[]);
    at("Europe/Paris", "2026-03-23", "2026-03-29T22:00:00Z", out);
    at("Asia/Singapore", "2026-11-23", "2026-11-22T16:00:00Z", &[]);
    at("Somewhere", "2026-11-23", "2020-01-01T00:00:00Z", &[]);
    // Weeks that begin on a Sunday, east of the date line, and on a Saturday, west of it.
    at("Pacific/Kiritimati", "2026-10-25", "2026-10-24T10:00:00Z", &[]);
    at("Pacific/Kiritimati", "2026-10-25", "2026-10-24T09:59:00Z", out);
    at("Pacific/Kiritimati", "2026-10-25", "2026-10-31T10:00:00Z", out);
    at("Pacific/Pago_Pago", "2026-10-24", "2026-10-24T11:00:00Z", &[]);
    at("Pacific/Pago_Pago", "2026-10-24", "2026-10-24T10:59:00Z", out);
    at("Pacific/Pago_Pago", "2026-10-24", "2026-10-31T10:59:00Z", &[]);
    // Half an hour before the week ends; that the shift ends after it does not matter.
    at("Pacific/Auckland", "2026-09-27", "2026-10-03T10:30:00Z", &[]);
    at("Pacific/Auckland", "2026-09-27", "2026-10-03T11:00:00Z", out);
}

#[test]
fn a_night_has_as_many_minutes_as_pass() {
    let night = |minutes: i64, second: &str| {
        let shift = |id: &str, start: &str, minutes: i64| json!({"id": id, "start": start, "length_minutes": minutes, "activities": []});
        let shifts = [shift("n", "2026-10-24T22:00:00+02:00", minutes), shift("m", second, 60)];
        json!({"week": "2026-10-19", "time_zone": "Europe/Paris", "shifts": shifts})
    };
    check(AGENT, &night(540, "2026-10-25T06:00:00+01:00"), &[]);
    check(AGENT, &night(541, "2026-10-25T06:00:00+01:00"), &["shifts n and m overlap"]);
    // The same local time twice in one night: two shifts, told apart by their instants.
    check(AGENT, &night(270, "2026-10-25T02:30:00+02:00"), &[]);
    check(AGENT, &night(330, "2026-10-25T02:30:00+01:00"), &[]);
    check(AGENT, &night(330, "2026-10-25T02:30:00+02:00"), &["shifts n and m overlap"]);
}

#[test]
fn availability_ends_after_it_starts() {
    let available = |from: &str, until: &str| json!({"availability": {"from": from, "until": until}, "shifts": []});
    check(AGENT, &available("2026-10-25T02:30:00+02:00", "2026-10-25T02:15:00+01:00"), &[]);
    check(AGENT, &available("2026-10-25T02:30:00+01:00", "2026-10-25T02:45:00+02:00"), &["availability ends"]);
    check(AGENT, &json!({"availability": {"from": "2026-10-25T02:30:00Z", "until": null}, "shifts": []}), &[]);
}
