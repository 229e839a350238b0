//! Two sides of one shift, example by example.

use serde_json::{Value, json};

use crate::merge::merge;
use crate::outcome::Merged;
use crate::policy::{Policies, Policy};
use crate::schema::{Schema, Strategy};
use crate::sides::Sides;
use crate::timeline::IntervalNames;

fn names() -> IntervalNames {
    IntervalNames { start: "start".into(), length: "minutes".into(), parts: "parts".into() }
}

fn schema() -> Schema {
    let keyed = Strategy::KeyedList { keys: vec!["id".to_owned()] };
    Schema::new().rule("/shifts", keyed).rule("/shifts/*", Strategy::IntervalSet(names()))
}

/// A shift in shorthand: `8-17: on 8-12, meal 12-13, on 13-17`, hours in UTC.
fn shift(text: &str) -> Value {
    let (span, parts) = text.split_once(':').unwrap();
    let hours = |span: &str| {
        let (from, until) = span.trim().split_once('-').unwrap();
        let (from, until): (f64, f64) = (from.parse().unwrap(), until.parse().unwrap());
        let at = format!("2026-03-02T{:02}:{:02}:00Z", from as i64, (from.fract() * 60.0) as i64);
        (at, ((until - from) * 60.0) as i64)
    };
    let part = |part: &str| {
        let (code, span) = part.trim().split_once(' ').unwrap();
        let (start, minutes) = hours(span);
        json!({"start": start, "minutes": minutes, "code": code})
    };
    let (start, minutes) = hours(span);
    let parts: Vec<Value> = parts.split(',').filter(|part| !part.trim().is_empty()).map(part).collect();
    json!({"id": "a", "start": start, "minutes": minutes, "parts": parts})
}

fn merged(policies: &Policies, base: &Value, local: &Value, remote: &Value) -> Merged {
    let document = |shift: &Value| json!({"shifts": [shift]});
    let (base, local, remote) = (document(base), document(local), document(remote));
    let sides = Sides { base: &base, local: &local, remote: &remote };
    merge(&schema(), policies, "north", &|_| Some("Ada".to_owned()), sides)
}

/// The sides merge without a conflict, whichever is which.
fn becomes(base: &str, local: &str, remote: &str, expected: &str) {
    for (local, remote) in [(local, remote), (remote, local)] {
        let merged = merged(&Policies::new(), &shift(base), &shift(local), &shift(remote));
        assert_eq!(merged.conflicts, []);
        assert_eq!(merged.value["shifts"][0], shift(expected));
        assert!(merged.applied.iter().all(|change| change.path.as_str() == "/shifts/a"));
    }
}

/// Both changed these stretches differently, whichever is which; the rest merges, with the remote's word there.
fn contests(base: &str, local: &str, remote: &str, stretches: &[&str], value: &str) {
    for (local, remote) in [(local, remote), (remote, local)] {
        let merged = merged(&Policies::new(), &shift(base), &shift(local), &shift(remote));
        let [conflict] = merged.conflicts.as_slice() else { panic!("{:?}", merged.conflicts) };
        assert_eq!(conflict.path.as_str(), "/shifts/a");
        let sides = (conflict.base.as_ref(), conflict.local.as_ref(), conflict.remote.as_ref());
        assert_eq!(sides, (Some(&shift(base)), Some(&shift(local)), Some(&shift(remote))));
        let hour = |text: &str| text[11..16].to_owned();
        let found: Vec<String> =
            conflict.stretches.iter().map(|at| format!("{}-{}", hour(&at.from), hour(&at.until))).collect();
        assert_eq!(found, stretches);
    }
    let merged = merged(&Policies::new(), &shift(base), &shift(local), &shift(remote));
    assert_eq!(merged.value["shifts"][0], shift(value));
}

const DAY: &str = "8-17: on 8-12, meal 12-13, on 13-17";

#[test]
fn different_hours_merge() {
    becomes(
        DAY,
        "8-17: on 8-9, training 9-10, on 10-12, meal 12-13, on 13-17",
        "8-17: on 8-12, meal 12-13, on 13-14, meeting 14-15, on 15-17",
        "8-17: on 8-9, training 9-10, on 10-12, meal 12-13, on 13-14, meeting 14-15, on 15-17",
    );
    // Two halves of one hour, changed alike and not.
    becomes(
        DAY,
        "8-17: on 8-9, training 9-10, on 10-12, meal 12-13, on 13-17",
        "8-17: on 8-9, training 9-11, on 11-12, meal 12-13, on 13-17",
        "8-17: on 8-9, training 9-11, on 11-12, meal 12-13, on 13-17",
    );
    // A gap is a change as well.
    becomes(DAY, "8-17: on 8-12, on 13-17", "8-17: on 8-12, meal 12-13, on 13-16", "8-17: on 8-12, on 13-16");
}

#[test]
fn different_ends_merge() {
    becomes(
        DAY,
        "9-17: on 9-12, meal 12-13, on 13-17",
        "8-18: on 8-12, meal 12-13, on 13-18",
        "9-18: on 9-12, meal 12-13, on 13-18",
    );
    becomes(
        DAY,
        "8-16: on 8-12, meal 12-13, on 13-16",
        "8-17: on 8-9, training 9-10, on 10-12, meal 12-13, on 13-17",
        "8-16: on 8-9, training 9-10, on 10-12, meal 12-13, on 13-16",
    );
    // One moves all of it, the other one turns an hour that is in both.
    becomes(
        "8-12: on 8-12",
        "8.5-12.5: on 8.5-12.5",
        "8-12: on 8-9, training 9-10, on 10-12",
        "8.5-12.5: on 8.5-9, training 9-10, on 10-12.5",
    );
}

#[test]
fn one_stretch_changed_twice_is_contested() {
    contests(
        DAY,
        "8-17: on 8-9, training 9-11, on 11-12, meal 12-13, on 13-17",
        "8-17: on 8-10, meeting 10-12, meal 12-13, on 13-15, break 15-17",
        &["10:00-11:00"],
        "8-17: on 8-9, training 9-10, meeting 10-12, meal 12-13, on 13-15, break 15-17",
    );
    // Cut off by one, filled by the other one.
    contests(
        "8-17: on 8-12",
        "8-16: on 8-12",
        "8-17: on 8-12, training 15-17",
        &["16:00-17:00"],
        "8-17: on 8-12, training 15-17",
    );
    contests(
        "8-17: on 8-12",
        "8-17: on 8-12, training 15-17",
        "8-16: on 8-12",
        &["16:00-17:00"],
        "8-16: on 8-12, training 15-16",
    );
    // One end, moved by both.
    contests("8-17: on 8-12", "8-18: on 8-12", "8-19: on 8-12", &["18:00-19:00"], "8-19: on 8-12");
    // All that the one leaves, the other one cuts off.
    contests("8-17: on 10-12", "14-17:", "8-13: on 10-12", &["08:00-17:00"], "8-13:");
    // Emptied by one, cut off by the other one: both want nothing there.
    becomes("8-17: on 8-12, on 16-17", "8-17: on 8-12", "8-16: on 8-12", "8-16: on 8-12");
}

#[test]
fn a_policy_settles_the_contested_stretch_only() {
    let (base, local, remote) = (
        shift(DAY),
        shift("8-17: on 8-9, training 9-11, on 11-12, meal 12-13, on 13-17"),
        shift("8-17: on 8-10, meeting 10-12, meal 12-13, on 13-15, break 15-17"),
    );
    let check = |policy: Policy, expected: &str| {
        let merged = merged(&Policies::all(policy), &base, &local, &remote);
        assert_eq!(merged.value["shifts"][0], shift(expected));
        assert_eq!((merged.conflicts.len(), merged.resolved.len()), (0, 1));
        assert_eq!(merged.resolved[0].path.as_str(), "/shifts/a");
    };
    check(Policy::LocalWins, "8-17: on 8-9, training 9-11, meeting 11-12, meal 12-13, on 13-15, break 15-17");
    check(Policy::RemoteWins, "8-17: on 8-9, training 9-10, meeting 10-12, meal 12-13, on 13-15, break 15-17");
    let first = |name: &str| Policy::Priority(vec![name.to_owned()]);
    check(first("north"), "8-17: on 8-9, training 9-11, meeting 11-12, meal 12-13, on 13-15, break 15-17");
    check(first("Ada"), "8-17: on 8-9, training 9-10, meeting 10-12, meal 12-13, on 13-15, break 15-17");
    // There is no larger one of two shifts.
    assert_eq!(merged(&Policies::all(Policy::Max), &base, &local, &remote).conflicts.len(), 1);
}

#[test]
fn lines_between_equal_parts_survive() {
    becomes(
        "8-12: on 8-12",
        "8-12: on 8-10, on 10-12",
        "8-12: on 8-11, break 11-12",
        "8-12: on 8-10, on 10-11, break 11-12",
    );
    becomes(
        "8-12: on 8-10, on 10-12",
        "8-12: on 8-12",
        "8-12: on 8-10, on 10-11, break 11-12",
        "8-12: on 8-11, break 11-12",
    );
}

#[test]
fn instants_are_compared_as_such_and_kept_as_written() {
    let base = shift("8-12: on 8-12");
    let mut local = shift("8-12: on 8-9, training 9-10, on 10-12");
    for at in [0, 1, 2] {
        let text = format!("2026-03-02T{:02}:00:00+01:00", [9, 10, 11][at]);
        local["parts"][at]["start"] = json!(text);
    }
    local["start"] = json!("2026-03-02T09:00:00+01:00");
    let remote = shift("8-12: on 8-11, break 11-12");
    let both = merged(&Policies::new(), &base, &local, &remote);
    assert_eq!(both.conflicts, []);
    let shift = &both.value["shifts"][0];
    let starts: Vec<&str> =
        shift["parts"].as_array().unwrap().iter().map(|part| part["start"].as_str().unwrap()).collect();
    assert_eq!(shift["start"], "2026-03-02T08:00:00Z");
    assert_eq!(
        starts,
        ["2026-03-02T08:00:00Z", "2026-03-02T10:00:00+01:00", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"]
    );
    // A respelling alone is nobody's edit.
    let mut respelled = base.clone();
    respelled["start"] = json!("2026-03-02T09:00:00+01:00");
    assert_eq!(merged(&Policies::new(), &base, &respelled, &remote).value["shifts"][0], remote);
}

#[test]
fn other_members_merge_by_themselves() {
    let noted = |text: &str, note: &str| {
        let mut shift = shift(text);
        shift["note"] = json!(note);
        shift
    };
    let (base, remote) = (noted("8-12: on 8-12", ""), noted("8-12: on 8-11, break 11-12", ""));
    let local = noted("8-13: on 8-12", "late bus");
    let both = merged(&Policies::new(), &base, &local, &remote);
    assert_eq!(both.value["shifts"][0], noted("8-13: on 8-11, break 11-12", "late bus"));
    let clash = merged(&Policies::new(), &base, &local, &noted("8-12: on 8-11, break 11-12", "early bus"));
    let paths: Vec<&str> = clash.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
    assert_eq!(paths, ["/shifts/a/note"]);
}

#[test]
fn what_is_no_interval_set_merges_member_by_member() {
    let naive = |text: &str| {
        let mut shift = shift(text);
        shift["start"] = json!("2026-03-02T08:00:00");
        shift
    };
    let (base, local) = (naive("8-12: on 8-12"), naive("8-12: on 8-9, training 9-10, on 10-12"));
    let conflict = merged(&Policies::new(), &base, &local, &naive("8-12: on 8-11, break 11-12"));
    let paths: Vec<&str> = conflict.conflicts.iter().map(|conflict| conflict.path.as_str()).collect();
    assert_eq!(paths, ["/shifts/a/parts"]);
    let longer = merged(&Policies::new(), &base, &local, &naive("8-13: on 8-12"));
    assert_eq!(longer.value["shifts"][0], naive("8-13: on 8-9, training 9-10, on 10-12"));
    assert_eq!(longer.applied[0].path.as_str(), "/shifts/a");
    // Cut in the middle of a minute: no number of minutes says what is left.
    let mut seconds = shift("8-12:");
    seconds["parts"] = json!([{"start": "2026-03-02T08:00:30Z", "minutes": 120, "code": "training"}]);
    let conflict = merged(&Policies::new(), &shift("8-12: on 8-12"), &seconds, &shift("8-12: on 8-9, on 11-12"));
    assert_eq!(conflict.conflicts[0].path.as_str(), "/shifts/a/parts");
}

#[test]
fn an_edit_against_a_removal_is_a_conflict() {
    let base = json!({"shifts": [shift(DAY)]});
    let (local, remote) = (json!({"shifts": [shift("8-16: on 8-12")]}), json!({"shifts": []}));
    for (local, remote) in [(&local, &remote), (&remote, &local)] {
        let sides = Sides { base: &base, local, remote };
        let merged = merge(&schema(), &Policies::new(), "north", &|_| None, sides);
        assert_eq!(merged.conflicts[0].path.as_str(), "/shifts/a");
        assert_eq!(&merged.value, remote);
    }
}

#[test]
fn two_shifts_of_one_name_agree_where_they_are_alike() {
    let document = |text: &str| json!({"shifts": [shift(text)]});
    let (base, local, remote) = (json!({"shifts": []}), document("8-12: on 8-12"), document("8-12: on 8-11"));
    let sides = Sides { base: &base, local: &local, remote: &remote };
    let merged = merge(&schema(), &Policies::new(), "north", &|_| None, sides);
    let stretches = &merged.conflicts[0].stretches;
    assert_eq!((stretches.len(), stretches[0].from.as_str()), (1, "2026-03-02T11:00:00Z"));
}
