//! Local times of wishes: whose clock, which instants, what is in doubt.

use super::*;
use serde_json::json;

fn found(wish: &Value, record: &Value) -> Localised {
    localise(wish, record).unwrap().expect("the wish holds a local time")
}

#[test]
fn a_local_time_gets_the_offset_of_its_date() {
    let check = |zone: &str, text: &str, wanted: &str| {
        let found = found(&json!({"reviewed_at": text}), &json!({"time_zone": zone}));
        assert_eq!((found.value["reviewed_at"].as_str(), found.doubts), (Some(wanted), Vec::new()), "{zone} {text}");
    };
    check("Europe/Paris", "2026-07-01T08:00:00", "2026-07-01T08:00:00+02:00");
    check("Europe/Paris", "2026-12-01T08:00", "2026-12-01T08:00:00+01:00");
    check("Europe/Paris", "2026-12-01 08:00:30.5", "2026-12-01T08:00:30.5+01:00");
    check("Asia/Singapore", "2026-07-01T08:00:00", "2026-07-01T08:00:00+08:00");
    check("America/Chicago", "2026-11-02T06:00", "2026-11-02T06:00:00-06:00");
    check("Australia/Lord_Howe", "2026-07-01T08:00", "2026-07-01T08:00:00+10:30");
    check("UTC", "2026-07-01T08:00", "2026-07-01T08:00:00+00:00");
}

#[test]
fn an_instant_is_taken_as_it_is() {
    let paris = json!({"time_zone": "Europe/Paris"});
    for text in ["2026-07-01T08:00:00+01:00", "2026-07-01T08:00:00Z", "2026-07-01T08:00:00+11:00"] {
        assert_eq!(localise(&json!({"reviewed_at": text}), &paris), Ok(None), "{text}");
    }
    // A name that is no time's is no time.
    assert_eq!(localise(&json!({"comments": "2026-07-01T08:00:00"}), &paris), Ok(None));
    let both = found(&json!({"reviewed_at": "2026-07-01T08:00:00+01:00[Europe/Paris]"}), &paris);
    assert_eq!(both.value["reviewed_at"], "2026-07-01T08:00:00+01:00");
}

#[test]
fn the_nearest_zone_holds() {
    let text = |wish: Value, record: Value| found(&wish, &record).value["reviewed_at"].clone();
    let (at, chicago) = ("2026-07-01T08:00", json!({"time_zone": "America/Chicago"}));
    assert_eq!(text(json!({"reviewed_at": at}), chicago.clone()), "2026-07-01T08:00:00-05:00");
    let beside = json!({"reviewed_at": at, "time_zone": "Europe/Paris"});
    assert_eq!(text(beside.clone(), chicago.clone()), "2026-07-01T08:00:00+02:00");
    let named = json!({"reviewed_at": format!("{at}[Asia/Tokyo]"), "time_zone": "Europe/Paris"});
    assert_eq!(text(named, chicago), "2026-07-01T08:00:00+09:00");
    let nobody = localise(&json!({"reviewed_at": at}), &json!({"time_zone": null})).unwrap_err();
    assert_eq!((nobody.code, nobody.field.as_str()), ("naive_time", "/reviewed_at"));
}

#[test]
fn a_repeated_or_missing_time_is_in_doubt() {
    let check = |text: &str, case: DoubtCase, wanted: [&str; 2]| {
        let wish = json!({"reviewed_at": text, "score": 3});
        let found = found(&wish, &json!({"time_zone": "Europe/Paris"}));
        assert_eq!(found.value, wish, "it stands as it was sent");
        let doubt = Doubt {
            path: "/reviewed_at".parse().unwrap(),
            text: text.to_owned(),
            case,
            candidates: wanted.map(str::to_owned),
        };
        assert_eq!(found.doubts, vec![doubt]);
    };
    let twice = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
    check("2026-10-25T02:30", DoubtCase::Repeated, twice);
    check("2026-10-25 02:30:00", DoubtCase::Repeated, twice);
    check("2026-03-29T02:30", DoubtCase::Missing, ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"]);
}

#[test]
fn times_are_found_at_every_depth_and_named_by_key() {
    let wish = json!({"shifts": [{"id": "x/1", "start": "2026-10-24T22:00", "length_minutes": 540, "activities": [
        {"start": "2026-10-24T22:00", "length_minutes": 240, "code": "WORK"},
        {"start": "2026-10-25T02:00", "length_minutes": 300, "code": "WORK"},
    ]}]});
    let found = found(&wish, &json!({"time_zone": "Europe/Paris"}));
    let shift = &found.value["shifts"][0];
    assert_eq!(shift["start"], "2026-10-24T22:00:00+02:00");
    assert_eq!(shift["length_minutes"], 540, "a length is elapsed minutes and stays");
    assert_eq!(shift["activities"][0]["start"], "2026-10-24T22:00:00+02:00");
    let paths: Vec<&str> = found.doubts.iter().map(|doubt| doubt.path.as_str()).collect();
    assert_eq!(paths, ["/shifts/x~11/activities/1/start"]);
}
