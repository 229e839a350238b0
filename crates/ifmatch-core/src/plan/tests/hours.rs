//! One shift, of which several change different hours: whose minutes stand, and what a person is asked.

use super::scene::{Scene, at};
use crate::ids::{IntentId, SourceName};
use crate::plan::{MemberFate, Plan};
use crate::record::Decided;
use crate::shadow::Word;
use crate::states::State;
use serde_json::{Value, json};

/// A shift from eight on, hour by hour: `oottm` is on, on, training, training, meeting; a dot is nothing.
fn shift(hours: &str) -> Value {
    let mut parts: Vec<(usize, usize, char)> = Vec::new();
    for (hour, code) in hours.chars().enumerate().filter(|(_, code)| *code != '.') {
        match parts.last_mut() {
            Some(last) if last.0 + last.1 == hour && last.2 == code => last.1 += 1,
            _ => parts.push((hour, 1, code)),
        }
    }
    let part = |(hour, length, code): (usize, usize, char)| json!({"start": format!("2026-03-05T{:02}:00:00Z", 8 + hour), "minutes": length * 60, "code": code.to_string()});
    let parts: Vec<Value> = parts.into_iter().map(part).collect();
    json!({"id": "s", "start": "2026-03-05T08:00:00Z", "minutes": hours.len() * 60, "parts": parts})
}

/// Version 2 has this shift.
fn scene(hours: &str) -> Scene {
    Scene::new().with_shifts().writes("eve", json!({"shifts": [shift(hours)]}))
}

fn by_eve(scene: Scene, hours: &str) -> Scene {
    scene.writes("eve", json!({"shifts": [shift(hours)]}))
}

/// The parts of a shift, as a patch made from a version.
fn wish(hours: &str, version: u64) -> Value {
    let parts = &shift(hours)["parts"];
    json!({"change": {"merge_patch": {"shifts": [{"id": "s", "parts": parts}]}}, "base": {"version": version}})
}

fn becomes(plan: &Plan, hours: &str) {
    assert_eq!(plan.to["shifts"][0], shift(hours));
}

fn is_carried(plan: &Plan) -> bool {
    plan.fates.iter().all(|(_, fate)| matches!(fate, MemberFate::Carried { .. }))
}

#[test]
fn different_hours_land_together() {
    let plan = by_eve(scene("oooooooo"), "oooooomo").sends("a", wish("ottooooo", 2)).plan();
    assert!(is_carried(&plan), "{:?}", plan.fates);
    becomes(&plan, "ottooomo");
    let paths: Vec<&str> = plan.shares[0].changes.iter().map(|change| change.path.as_str()).collect();
    assert_eq!(paths, ["/shifts/s"]);
}

#[test]
fn two_sources_may_want_different_hours() {
    let plan = scene("oooooooo").sends("a", wish("ottooooo", 2)).sends("b", wish("oooooomo", 2)).plan();
    assert!(is_carried(&plan), "{:?}", plan.fates);
    becomes(&plan, "ottooomo");
    scene("oooooooo")
        .sends("a", wish("ottooooo", 2))
        .sends("b", wish("oommoooo", 2))
        .becomes(&format!("carried, review /shifts/s; /shifts/s={}", shift("ottooooo")));
}

#[test]
fn a_patch_of_one_member_means_the_shift_that_its_source_knew() {
    // Eve moved the start to nine; the source makes the shift an hour longer at its end.
    let mut later = shift(".ooooooo");
    later["start"] = json!("2026-03-05T09:00:00Z");
    later["minutes"] = json!(7 * 60);
    let longer =
        json!({"change": {"merge_patch": {"shifts": [{"id": "s", "minutes": 9 * 60}]}}, "base": {"version": 2}});
    let plan = scene("oooooooo").writes("eve", json!({"shifts": [later]})).sends("a", longer).plan();
    assert!(is_carried(&plan), "{:?}", plan.fates);
    let found = &plan.to["shifts"][0];
    assert_eq!((&found["start"], &found["minutes"]), (&json!("2026-03-05T09:00:00Z"), &json!(8 * 60)));
}

#[test]
fn one_hour_wanted_twice_is_asked_about_and_shows_the_stretch() {
    let scene = by_eve(scene("oooooooo"), "oommoobo").sends("a", wish("ottooooo", 2));
    let plan = scene.plan();
    let MemberFate::Review { conflict, edits, .. } = &plan.fates[0].1 else { panic!("{:?}", plan.fates) };
    assert_eq!(conflict[0].path.as_str(), "/shifts/s");
    let stretch = &conflict[0].stretches[0];
    assert_eq!((stretch.from.as_str(), stretch.until.as_str()), ("2026-03-05T10:00:00Z", "2026-03-05T11:00:00Z"));
    let sides = [&conflict[0].base, &conflict[0].local, &conflict[0].remote].map(|side| side.clone().unwrap());
    assert_eq!(sides, [shift("oooooooo"), shift("ottooooo"), shift("oommoobo")]);
    assert_eq!(edits[0].path.as_str(), "/shifts/s");
}

/// The question of the test before, decided for a value.
fn decided(value: Value) -> Scene {
    let mut scene = by_eve(scene("oooooooo"), "oommoobo").sends("a", wish("ottooooo", 2)).held();
    let status = &mut scene.members[0].status;
    status.state = State::Queued;
    status.decided.insert(at("/shifts/s"), Decided { value: Some(value), remote: Some(shift("oommoobo")) });
    scene
}

#[test]
fn a_decision_for_the_local_side_keeps_the_hours_that_nobody_asked_about() {
    becomes(&decided(shift("ottooooo")).plan(), "ottmoobo");
}

#[test]
fn a_decision_for_the_remote_side_or_a_value_is_written_as_it_is() {
    assert!(!decided(shift("oommoobo")).plan().writes());
    becomes(&decided(shift("xxxxxxxx")).plan(), "xxxxxxxx");
}

#[test]
fn an_hour_that_goes_back_is_asked_about_whatever_else_changes() {
    let scene = by_eve(scene("oooooooo"), "oooooomo");
    scene.sends("a", wish("ottooooo", 3)).becomes("review /shifts/s; nothing");
    // Nobody changed that hour since: there is nothing that it could go back over.
    let plan = by_eve(self::scene("oooooooo"), "oooooomo").sends("a", wish("ottooomo", 3)).plan();
    becomes(&plan, "ottooomo");
}

#[test]
fn a_source_that_shows_the_shift_may_set_an_hour_back() {
    let mut shown = wish("oooooooo", 3);
    shown["base"]["value"] = json!({"shifts": [shift("oooooomo")]});
    let plan = by_eve(scene("oooooooo"), "oooooomo").sends("a", shown).plan();
    becomes(&plan, "oooooooo");
}

#[test]
fn a_newer_word_of_its_source_takes_its_own_hour_back_and_nobody_elses() {
    let scene = by_eve(scene("oooooooo"), "oooooomo");
    let plan = scene.sends("a", wish("ottooooo", 2)).sends("a", wish("ooobbooo", 2)).plan();
    becomes(&plan, "ooobbomo");
    assert!(matches!(plan.fates[0].1, MemberFate::Superseded { .. }), "{:?}", plan.fates);
}

#[test]
fn a_whole_document_changes_the_hours_in_which_it_differs() {
    let scene = scene("oooooooo").shows("a");
    let document = scene.document(2, &json!({"shifts": [shift("ottooooo")]}));
    let plan = by_eve(scene, "oooooomo").sends("a", json!({"change": {"desired": document}})).plan();
    assert!(is_carried(&plan), "{:?}", plan.fates);
    becomes(&plan, "ottooomo");
}

#[test]
fn hours_that_nobody_knows_the_base_of_are_asked_about() {
    let mut scene = scene("oooooooo");
    scene.row.history.clear();
    by_eve(scene, "oooooomo").sends("a", wish("ottooooo", 2)).becomes("review /shifts/s/parts; nothing");
}

/// A wish that shows the shift that it was made from.
fn seeing(wanted: &str, shown: &str) -> Value {
    let mut wish = wish(wanted, 3);
    wish["base"] = json!({"value": {"shifts": [shift(shown)]}});
    wish
}

/// Source a waits for a person with an hour that eve changed too; then eve makes the shift an hour longer.
fn waiting(hours: &str) -> Scene {
    let scene = by_eve(scene("oooooooo"), "oommoooo").sends("a", wish(hours, 2)).held();
    by_eve(scene, "oommooooo")
}

#[test]
fn a_wish_that_shows_what_it_was_made_from_sets_nothing_back_that_waits_in_an_older_one() {
    let plan = waiting("ottooooo").sends("a", seeing("otmmooooo", "oommooooo")).plan();
    becomes(&plan, "otmmooooo");
    assert!(matches!(plan.fates[0].1, MemberFate::Superseded { .. }), "{:?}", plan.fates);
}

#[test]
fn what_waits_and_is_not_named_goes_on_waiting() {
    // In review is a longer shift; what follows names its parts only.
    let longer =
        json!({"change": {"merge_patch": {"shifts": [{"id": "s", "minutes": 10 * 60}]}}, "base": {"version": 2}});
    let shorter = |scene: Scene| by_eve(scene, "ooooooo");
    let scene = shorter(scene("oooooooo")).sends("a", longer).held();
    let plan = scene.sends("a", seeing("otooooo", "ooooooo")).plan();
    assert!(!plan.writes(), "{:?} {}", plan.fates, plan.to);
    assert!(matches!(plan.fates[1].1, MemberFate::Review { .. }), "{:?}", plan.fates);
}

#[test]
fn members_of_a_shift_that_was_taken_away_do_not_bring_it_back() {
    let scene = scene("oooooooo").writes("eve", json!({"shifts": []}));
    let blind = json!({"change": {"merge_patch": {"shifts": [{"id": "s", "parts": shift("ottooooo")["parts"]}]}}});
    let plan = scene.sends("a", blind).plan();
    assert!(!plan.writes(), "{:?} {}", plan.fates, plan.to);
    assert!(matches!(plan.fates[0].1, MemberFate::Review { .. }), "{:?}", plan.fates);
}

#[test]
fn a_wish_that_goes_on_from_one_that_waits_to_be_written_keeps_what_that_one_says() {
    let scene = scene("oooooooo").sends("a", wish("ottooooo", 2)).sends("a", seeing("ottoobbo", "ottooooo"));
    let plan = scene.plan();
    becomes(&plan, "ottoobbo");
    // The write was refused, and the older one has ended: what it said is in the newer one, on its own base.
    let MemberFate::Carried { goes_on, .. } = plan.fates[1].1.clone() else { panic!("{:?}", plan.fates) };
    let mut scene = scene;
    scene.members.remove(0);
    scene.members[0].status.edits = goes_on;
    becomes(&scene.plan(), "ottoobbo");
    becomes(&by_eve(scene, "ooooooom").plan(), "ottoobbm");
}

#[test]
fn who_takes_its_hour_back_has_not_seen_the_hours_of_others() {
    let knew = json!({"shifts": [shift("oooooomo")]});
    let scene = scene("oottoomo").said("a", knew);
    let back = json!([{"path": "/shifts/s", "before": shift("oottoomo"), "after": shift("oottoooo")}]);
    let intent = IntentId(7);
    let undo = json!({"change": {"undo": {"intent": intent, "changes": back}}, "base": {"version": 2}});
    let mut scene = scene.sends("a", undo);
    let plan = scene.plan();
    becomes(&plan, "oottoooo");
    scene.lands(&plan);
    assert_eq!(scene.row.sources[&SourceName::from("a")].value["shifts"][0], shift("oooooooo"));
}

#[test]
fn who_takes_a_deed_back_by_a_decision_has_not_seen_the_hours_of_others() {
    let mut scene = scene("oottoooo").said("a", json!({"shifts": [shift("mooooooo")]}));
    let deed = Word { order: 0, intent: IntentId(1), version: Some(2), deed: true };
    scene.row.sources.get_mut(&SourceName::from("a")).unwrap().settled.insert(at("/shifts/s"), deed);
    let back = json!([{"path": "/shifts/s", "before": shift("oottoooo"), "after": shift("oooooooo")}]);
    let undo = json!({"change": {"undo": {"intent": IntentId(1), "changes": back}}, "base": {"version": 2}});
    let mut scene = by_eve(scene, "oobboooo").sends("a", undo).held();
    let status = &mut scene.members[0].status;
    status.state = State::Queued;
    let (value, remote) = (Some(shift("oooooooo")), Some(shift("oobboooo")));
    status.decided.insert(at("/shifts/s"), Decided { value, remote });
    let plan = scene.plan();
    scene.lands(&plan);
    assert_eq!(scene.row.sources[&SourceName::from("a")].value["shifts"][0], shift("mooooooo"));
}

#[test]
fn who_takes_a_deed_back_is_where_it_was_before_it() {
    let mut scene = scene("oottoooo").said("a", json!({"shifts": [shift("oooooooo")]}));
    let deed = Word { order: 0, intent: IntentId(1), version: Some(2), deed: true };
    scene.row.sources.get_mut(&SourceName::from("a")).unwrap().settled.insert(at("/shifts/s"), deed);
    let back = json!([{"path": "/shifts/s", "before": shift("oottoooo"), "after": shift("ottooooo")}]);
    let intent = IntentId(1);
    let undo = json!({"change": {"undo": {"intent": intent, "changes": back}}, "base": {"version": 2}});
    let mut scene = scene.sends("a", undo);
    let plan = scene.plan();
    scene.lands(&plan);
    assert_eq!(scene.row.sources[&SourceName::from("a")].value["shifts"][0], shift("oooooooo"));
}
