//! Verbs in the spelling of this API.

use super::*;
use ifmatch_core::Verb;

fn verb(name: &str, args: Value) -> Verb {
    Verb { name: name.to_owned(), args }
}

fn week() -> Value {
    let activity = |start: &str, minutes: i64, code: &str| json!({"startDate": start, "lengthMinutes": minutes, "activityCodeId": code, "paid": true});
    let activities =
        [activity("2026-11-16T08:00:00Z", 240, "on-queue"), activity("2026-11-16T12:00:00Z", 240, "on-queue")];
    let shift = json!({"id": "x", "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "activities": activities});
    json!({"businessUnitTimeZone": "Europe/Paris", "shifts": [shift]})
}

#[test]
fn a_shift_moves_with_its_activities() {
    let moved = run(AGENT, &verb("move-shift", json!({"shift_id": "x", "minutes": -30})), &week()).unwrap();
    let shift = &moved["shifts"][0];
    assert_eq!(shift["startDate"], "2026-11-16T07:30:00Z");
    assert_eq!(shift["activities"][1]["startDate"], "2026-11-16T11:30:00Z");
}

#[test]
fn an_activity_is_laid_over_a_shift() {
    let activity = json!({"offset_minutes": 60, "length_minutes": 30, "code": "meeting"});
    let laid = run(AGENT, &verb("add-activity", json!({"shift_id": "x", "activity": activity})), &week()).unwrap();
    let codes: Vec<(i64, &str)> = laid["shifts"][0]["activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["lengthMinutes"].as_i64().unwrap(), one["activityCodeId"].as_str().unwrap()))
        .collect();
    assert_eq!(codes, [(60, "on-queue"), (30, "meeting"), (150, "on-queue"), (240, "on-queue")]);
}

#[test]
fn a_trade_settles_once_both_sides_agreed() {
    let settled = |state: &str, name: &str| run(TRADE, &verb(name, json!({})), &json!({"state": state}));
    assert_eq!(settled("Matched", "approve").unwrap(), json!({"state": "Approved"}));
    assert_eq!(settled("Denied", "deny").unwrap(), json!({"state": "Denied"}));
    let Err(VerbError::Misstep { path, wanted, .. }) = settled("Unmatched", "approve") else {
        panic!("it is unmatched")
    };
    assert_eq!((path.as_str(), wanted), ("/state", json!("Approved")));
}
