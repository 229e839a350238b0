//! Verbs on one agent's week and on trades.

use super::check as check_verb;
use super::*;
use crate::wfm_v2::Rules;
use crate::wfm_v2::invariants::breaches;
use crate::wfm_v2::tests::agent_week;
use ifmatch_core::merge::Pointer;
use proptest::prelude::*;

fn verb(name: &str, args: Value) -> Verb {
    Verb { name: name.to_owned(), args }
}

fn on(name: &str, args: Value) -> Result<Value, VerbError> {
    run(AGENT, &verb(name, args), &agent_week())
}

/// The shift after a verb: its start and length, then each activity as offset, length and code.
fn table(value: &Value) -> (String, i64, Vec<String>) {
    let shift = &value["shifts"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let activities = shift["activities"].as_array().unwrap().iter();
    let line = |a: &Value| format!("{} {} {}", &text(&a["start"])[11..], a["length_minutes"], text(&a["code"]));
    (text(&shift["start"]), shift["length_minutes"].as_i64().unwrap(), activities.map(line).collect())
}

#[test]
fn each_verb_does_what_it_says() {
    let check = |name: &str, args: Value, start: &str, length: i64, activities: &[&str]| {
        let found = table(&on(name, args).unwrap());
        assert_eq!((found.0.as_str(), found.1), (start, length), "{name}");
        assert_eq!(found.2, activities, "{name}");
    };
    let at = "2026-11-23T08:00:00+08:00";
    check(
        "move-shift",
        json!({"shift_id": "x", "minutes": -30}),
        "2026-11-23T07:30:00+08:00",
        480,
        &["07:30:00+08:00 240 on-queue", "11:30:00+08:00 60 meal", "12:30:00+08:00 180 on-queue"],
    );
    check(
        "extend-shift",
        json!({"shift_id": "x", "minutes": 30}),
        at,
        510,
        &["08:00:00+08:00 240 on-queue", "12:00:00+08:00 60 meal", "13:00:00+08:00 210 on-queue"],
    );
    check(
        "extend-shift",
        json!({"shift_id": "x", "minutes": -200}),
        at,
        280,
        &["08:00:00+08:00 240 on-queue", "12:00:00+08:00 40 meal"],
    );
    let lay = |offset: i64, length: i64| json!({"shift_id": "x", "activity": {"offset_minutes": offset, "length_minutes": length, "code": "break"}});
    check(
        "add-activity",
        lay(90, 15),
        at,
        480,
        &[
            "08:00:00+08:00 90 on-queue",
            "09:30:00+08:00 15 break",
            "09:45:00+08:00 135 on-queue",
            "12:00:00+08:00 60 meal",
            "13:00:00+08:00 180 on-queue",
        ],
    );
    check(
        "add-activity",
        lay(0, 240),
        at,
        480,
        &["08:00:00+08:00 240 break", "12:00:00+08:00 60 meal", "13:00:00+08:00 180 on-queue"],
    );
    check(
        "add-activity",
        lay(230, 80),
        at,
        480,
        &["08:00:00+08:00 230 on-queue", "11:50:00+08:00 80 break", "13:10:00+08:00 170 on-queue"],
    );
    assert_eq!(on("remove-shift", json!({"shift_id": "x"})).unwrap()["shifts"], json!([]));
}

#[test]
fn minutes_that_pass_over_a_change_of_the_clocks() {
    let week = |start: &str| {
        let mut week = agent_week();
        (week["week"], week["time_zone"]) = (json!("2026-10-19"), json!("Europe/Paris"));
        week["shifts"] = json!([{"id": "x", "start": start, "length_minutes": 60, "activities":
            [{"start": start, "length_minutes": 60, "code": "on-queue"}]}]);
        week
    };
    let check = |start: &str, minutes: i64, wanted: &str| {
        let args = json!({"shift_id": "x", "minutes": minutes});
        let moved = run(AGENT, &verb("move-shift", args), &week(start)).unwrap();
        let shift = &moved["shifts"][0];
        assert_eq!((&shift["start"], &shift["activities"][0]["start"]), (&json!(wanted), &json!(wanted)));
        assert_eq!(shift["length_minutes"], 60);
    };
    check("2026-10-25T01:30:00+02:00", 60, "2026-10-25T02:30:00+02:00");
    check("2026-10-25T01:30:00+02:00", 120, "2026-10-25T02:30:00+01:00");
    check("2026-10-25T06:00:00+01:00", -480, "2026-10-24T23:00:00+02:00");
    // Written by another clock than the zone's: that one stays.
    check("2026-10-24T23:30:00Z", 120, "2026-10-25T01:30:00Z");
    check("2026-10-25T00:30:00+01:00", 120, "2026-10-25T02:30:00+01:00");
    let extended =
        run(AGENT, &verb("extend-shift", json!({"shift_id": "x", "minutes": 480})), &week("2026-10-24T22:00:00+02:00"));
    assert_eq!(extended.unwrap()["shifts"][0]["length_minutes"], 540, "until 06:00 by the clock");
}

#[test]
fn laying_an_activity_twice_changes_nothing() {
    let wanted = verb(
        "add-activity",
        json!({"shift_id": "x",
        "activity": {"offset_minutes": 90, "length_minutes": 15, "code": "break"}}),
    );
    let once = run(AGENT, &wanted, &agent_week()).unwrap();
    assert_eq!(run(AGENT, &wanted, &once).unwrap(), once);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let refused = |name: &str, args: Value| match on(name, args) {
        Err(VerbError::Misstep { path, wanted, .. }) if path.as_str() == "/shifts/x" => wanted,
        other => panic!("{other:?}"),
    };
    let wanted = refused("extend-shift", json!({"shift_id": "x", "minutes": -480}));
    assert_eq!((&wanted["length_minutes"], &wanted["activities"]), (&json!(0), &json!([])), "as it would be");
    let activity = json!({"offset_minutes": 470, "length_minutes": 15, "code": "break"});
    let wanted = refused("add-activity", json!({"shift_id": "x", "activity": activity}));
    let last = wanted["activities"].as_array().and_then(|all| all.last()).cloned().unwrap_or_default();
    assert_eq!((&last["code"], &last["length_minutes"]), (&json!("break"), &json!(15)), "{wanted}");
    for name in ["move-shift", "extend-shift"] {
        let missing = on(name, json!({"shift_id": "y/z", "minutes": 5}));
        assert_eq!(missing, Err(VerbError::Missing(Pointer::parse("/shifts/y~1z").unwrap())));
    }
    let missing = on("remove-shift", json!({"shift_id": "y"}));
    assert_eq!(missing, Err(VerbError::Missing(Pointer::parse("/shifts/y").unwrap())));
}

#[test]
fn arguments_are_checked() {
    let check = |kind: &str, name: &str, args: Value, code: &str, field: &str| {
        let error = check_verb(kind, &verb(name, args)).unwrap_err();
        assert_eq!((error.code, error.field.as_str()), (code, field), "{name}");
    };
    let minutes = "/change/verb/args/minutes";
    check(AGENT, "move-shift", json!({"shift_id": "x"}), "invalid_argument", minutes);
    check(AGENT, "move-shift", json!({"shift_id": "x", "minutes": 1.5}), "invalid_argument", minutes);
    check(AGENT, "move-shift", json!({"shift_id": "x", "minutes": 0}), "invalid_argument", minutes);
    check(
        AGENT,
        "move-shift",
        json!({"shift_id": "x", "minutes": 5, "hours": 1}),
        "unknown_field",
        "/change/verb/args/hours",
    );
    check(AGENT, "remove-shift", json!(null), "invalid_argument", "/change/verb/args/shift_id");
    let bad = json!({"shift_id": "x", "activity": {"offset_minutes": -1, "length_minutes": 15, "code": "b"}});
    check(AGENT, "add-activity", bad, "invalid_argument", "/change/verb/args/activity");
    check(AGENT, "fly", json!({}), "unknown_verb", "/change/verb/name");
    check("quality-score", "approve", json!({}), "unknown_verb", "/change/verb/name");
    let inside = json!({"shift_id": "x", "with_agent_id": "b", "with_shift_id": "y", "taken": null});
    check(AGENT, "swap", inside, "unknown_field", "/change/verb/args/taken");
    check_verb(TRADE, &verb("approve", json!(null))).unwrap();
}

fn swap(with_agent: &str, with_shift: &str) -> Verb {
    verb("swap", json!({"shift_id": "x", "with_agent_id": with_agent, "with_shift_id": with_shift}))
}

#[test]
fn a_swap_names_another_agent_and_another_shift() {
    let own = Resource::by_id(&"acme".into(), AGENT, "s/a");
    let field = |with_agent: &str, with_shift: &str| {
        let error = check_swap(&own, &swap(with_agent, with_shift)).unwrap_err();
        (error.code, error.field)
    };
    let at = |name: &str| ("invalid_argument", format!("/change/verb/args/{name}"));
    assert_eq!(field("a", "y"), at("with_agent_id"));
    assert_eq!(field("t/b", "y"), at("with_agent_id"));
    assert_eq!(field("b", "x"), at("with_shift_id"));
    let (partner, other) = exchange(&own, &swap("b", "y")).unwrap();
    assert_eq!(partner, Resource::by_id(&"acme".into(), AGENT, "s/b"));
    assert_eq!(other.args, json!({"shift_id": "y", "with_agent_id": "a", "with_shift_id": "x"}));
    assert_eq!(exchange(&partner, &other), Some((own, swap("b", "y"))));
}

#[test]
fn half_a_swap_gives_one_shift_and_gets_the_other() {
    let half = |more: Value| {
        let mut verb = swap("b", "y");
        verb.args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run(AGENT, &verb, &agent_week()).map(|week| week["shifts"].clone())
    };
    let mine = agent_week()["shifts"][0].clone();
    let other = json!({"id": "y", "start": "2026-11-24T08:00:00+08:00", "length_minutes": 60, "activities": []});
    assert_eq!(half(json!({})), Ok(json!([])));
    assert_eq!(half(json!({"taken": other})), Ok(json!([other])));
    let mut as_given = mine.clone();
    as_given["id"] = json!("under another id");
    assert_eq!(half(json!({"taken": other, "given": as_given})), Ok(json!([other])));
    let mut changed = mine;
    changed["length_minutes"] = json!(30);
    assert!(matches!(half(json!({"taken": other, "given": changed})), Err(VerbError::Refused(_))));
    assert!(matches!(half(json!({"taken": null})), Err(VerbError::Refused(_))));
}

#[test]
fn trades_settle_once() {
    let check = |name: &str, status: &str, wanted: Option<&str>| {
        let found = run(TRADE, &verb(name, json!({})), &json!({"status": status, "notes": "n"}));
        match (found, wanted) {
            (Ok(value), Some(wanted)) => assert_eq!(value, json!({"status": wanted, "notes": "n"})),
            (Err(VerbError::Misstep { path, wanted, .. }), None) => {
                assert_eq!(
                    (path.as_str(), &wanted),
                    ("/status", &json!(if name == "deny" { "denied" } else { "approved" }))
                );
            }
            (other, _) => panic!("{name} {status}: {other:?}"),
        }
    };
    check("approve", "matched", Some("approved"));
    check("approve", "approved", Some("approved"));
    check("approve", "pending", None);
    check("approve", "denied", None);
    check("deny", "matched", Some("denied"));
    check("deny", "denied", Some("denied"));
    check("deny", "expired", None);
}

proptest! {
    #[test]
    fn there_and_back_is_where_it_was(minutes in 1..10_000_i64) {
        let there = on("move-shift", json!({"shift_id": "x", "minutes": minutes})).unwrap();
        let back = run(AGENT, &verb("move-shift", json!({"shift_id": "x", "minutes": -minutes})), &there).unwrap();
        prop_assert_eq!(back, agent_week());
    }

    #[test]
    fn activities_stay_sorted_inside_and_apart(steps in proptest::collection::vec((0..480_i64, 1..120_i64, -60..60_i64), 1..8)) {
        let mut week = agent_week();
        for (offset, length, minutes) in steps {
            let activity = json!({"offset_minutes": offset, "length_minutes": length, "code": "break"});
            for verb in [
                verb("add-activity", json!({"shift_id": "x", "activity": activity})),
                verb("extend-shift", json!({"shift_id": "x", "minutes": if minutes == 0 { 1 } else { minutes }})),
            ] {
                if let Ok(next) = run(AGENT, &verb, &week) {
                    week = next;
                }
            }
            prop_assert_eq!(breaches(&Rules::default(), AGENT, &week), Vec::new());
            let list = week["shifts"][0]["activities"].as_array().unwrap();
            let ends = |a: &Value| crate::instants::shifted(a["start"].as_str().unwrap(), a["length_minutes"].as_i64().unwrap(), None);
            for pair in list.windows(2) {
                prop_assert!(ends(&pair[0]).unwrap().as_str() <= pair[1]["start"].as_str().unwrap());
            }
        }
    }
}
