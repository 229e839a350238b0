//! Business units and management units.

use serde_json::json;

use super::rig::{Cloud, W};
use crate::{Scenario, tests::rig::Rig};

#[test]
pub(super) fn the_default_world_has_one_of_each() {
    let mut cloud = Cloud::calm();
    let list = cloud.get(&format!("{W}/managementunits?pageSize=25&pageNumber=1")).body;
    assert_eq!((&list["total"], &list["pageCount"], &list["pageNumber"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(list["entities"][0]["businessUnit"]["id"], cloud.business_unit);
    let schedule = cloud.rig.sandbox.world()["schedules"][0]["business_unit_id"].clone();
    assert_eq!(schedule, cloud.business_unit, "the unit is the one that the schedules carry");
    let units = cloud.get(&format!("{W}/businessunits")).body;
    assert_eq!(units["entities"][0]["id"], cloud.business_unit);
    assert_eq!(cloud.get(&cloud.bu("/managementunits")).body["entities"][0]["id"], cloud.management_unit);
    assert!(cloud.get(&cloud.bu("")).body.get("settings").is_none(), "settings are shown where asked for");
}

#[test]
pub(super) fn settings_are_guarded_and_a_name_alone_is_not() {
    let mut cloud = Cloud::calm();
    for path in [cloud.bu(""), cloud.mu("")] {
        let read = cloud.get(&format!("{path}?expand=settings")).body;
        assert_eq!(read["settings"]["metadata"]["version"], 1);
        let change =
            json!({"settings": {"shortTermForecasting": {"defaultHistoryWeeks": 4}, "metadata": {"version": 1}}});
        let changed = cloud.patch(&path, &change);
        assert_eq!((changed.status, &changed.body["settings"]["metadata"]["version"]), (200, &json!(2)));
        assert_eq!(changed.body["settings"]["shortTermForecasting"]["defaultHistoryWeeks"], 4);
        assert_eq!(changed.body["settings"]["scheduling"], read["settings"]["scheduling"], "the rest is left alone");
        assert_eq!(cloud.patch(&path, &change).refusal(), (409, "wfm.transaction.conflict"));
        let unversioned = json!({"settings": {"shortTermForecasting": {"defaultHistoryWeeks": 5}}});
        assert_eq!(cloud.patch(&path, &unversioned).refusal(), (400, "wfm.validation.failure"));
        let renamed = cloud.patch(&path, &json!({"name": "Renamed"}));
        assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Renamed")));
    }
}

#[test]
pub(super) fn a_write_that_changes_nothing_leaves_the_version() {
    let mut cloud = Cloud::calm();
    for path in [cloud.bu(""), cloud.mu("")] {
        for body in [json!({}), json!({"settings": {"metadata": {"version": 1}}})] {
            let answer = cloud.patch(&path, &body);
            assert_eq!((answer.status, &answer.body["settings"]["metadata"]["version"]), (200, &json!(1)), "{path}");
        }
    }
    assert!(cloud.rig.sandbox.ledger().is_empty());
}

#[test]
pub(super) fn agents_of_one_schedule_are_in_several_units() {
    let mut scenario = Scenario::named("calm", 0).unwrap();
    (scenario.world.agents, scenario.world.management_units) = (5, 2);
    let mut cloud = Cloud::of(Rig::of(scenario, 0));
    let listed = cloud.get(&cloud.bu("/managementunits")).body["entities"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let list = cloud.get(&cloud.bu("/weeks/recent/schedules")).body["entities"][0].clone();
    let path = list["selfUri"].as_str().unwrap().to_owned();
    let shown = cloud.get(&format!("{path}?expand=managementUnits.agents")).body;
    let units = shown["managementUnits"].as_array().unwrap();
    assert_eq!(units.iter().map(|unit| unit["agentCount"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 2]);
    for unit in units {
        // A query of one unit shows its own agents and nobody else's.
        let body = json!({"managementUnitId": unit["managementUnit"]["id"]});
        let found = cloud.post(&format!("{path}/agentschedules/query"), &body).body["result"]["agentSchedules"].clone();
        let ids = |list: &serde_json::Value, at: &str| {
            let all = list.as_array().unwrap().iter().map(|one| one.pointer(at).unwrap().clone());
            all.collect::<Vec<_>>()
        };
        assert_eq!(ids(&found, "/user/id"), ids(&unit["agents"], "/id"));
    }
}

#[test]
pub(super) fn units_are_added() {
    let mut cloud = Cloud::calm();
    let unit = json!({"name": "Second", "businessUnitId": cloud.business_unit});
    let made = cloud.post(&format!("{W}/managementunits"), &unit);
    assert_eq!((made.status, &made.body["businessUnit"]["id"]), (201, &json!(cloud.business_unit)));
    let list = cloud.get(&format!("{W}/managementunits?pageSize=1&pageNumber=2")).body;
    assert_eq!((&list["total"], list["entities"].as_array().unwrap().len()), (&json!(2), 1));
    let unit = json!({"name": "South", "settings": {"startDayOfWeek": "Sunday", "timeZone": "Europe/Madrid"}});
    let made = cloud.post(&format!("{W}/businessunits"), &unit);
    let settings = &made.body["settings"];
    assert_eq!(
        (made.status, &settings["timeZone"], &settings["startDayOfWeek"]),
        (201, &json!("Europe/Madrid"), &json!("Sunday"))
    );
    assert_eq!(settings["shortTermForecasting"]["defaultHistoryWeeks"], 8, "what nobody gave is as usual");
    for (kind, count) in [("businessunits", 2), ("managementunits", 2)] {
        let views = cloud.get(&format!("{W}/{kind}/divisionviews")).body;
        assert_eq!(views["entities"].as_array().unwrap().len(), count, "{kind}");
    }
    let unknown = json!({"name": "Third", "businessUnitId": "none"});
    assert_eq!(cloud.post(&format!("{W}/managementunits"), &unknown).refusal(), (400, "wfm.entity.not.found"));
}

#[test]
pub(super) fn a_unit_has_a_zone_that_exists_and_its_weeks_begin_on_its_first_day() {
    let mut cloud = Cloud::calm();
    let nowhere = json!({"name": "Far", "settings": {"startDayOfWeek": "Sunday", "timeZone": "Mars/X"}});
    assert_eq!(cloud.post(&format!("{W}/businessunits"), &nowhere).refusal(), (400, "wfm.validation.failure"));
    let change = json!({"settings": {"timeZone": "Mars/X", "metadata": {"version": 1}}});
    assert_eq!(cloud.patch(&cloud.bu(""), &change).refusal(), (400, "wfm.validation.failure"));
    let unit = json!({"name": "Far", "businessUnitId": cloud.business_unit, "timeZone": "Mars/X"});
    assert_eq!(cloud.post(&format!("{W}/managementunits"), &unit).refusal(), (400, "wfm.validation.failure"));
    let sunday = json!({"name": "South", "settings": {"startDayOfWeek": "Sunday", "timeZone": "Europe/Madrid"}});
    let sunday = cloud.post(&format!("{W}/businessunits"), &sunday).body["selfUri"].as_str().unwrap().to_owned();
    let own = cloud.bu("");
    let blank = json!({"description": "Blank", "weekCount": 1});
    let mut made = |unit: &str, week: &str| {
        let answer = cloud.post(&format!("{unit}/weeks/{week}/schedules"), &blank);
        if answer.status == 400 {
            assert_eq!(answer.body["message"], "Invalid week date ID in path parameter");
        }
        answer.status
    };
    assert_eq!((made(&own, "2026-11-18"), made(&own, "2026-11-16")), (400, 201));
    assert_eq!((made(&sunday, "2026-11-16"), made(&sunday, "2026-11-15")), (400, 201));
    for rest in ["schedules/import/uploadurl", "schedules/generate"] {
        let body = json!({
            "contentLengthBytes": 10, "description": "x", "weekCount": 1,
            "shortTermForecast": {"id": "f", "weekDate": "2026-11-16"},
        });
        let refused = cloud.post(&format!("{own}/weeks/2026-11-18/{rest}"), &body);
        assert_eq!(refused.refusal(), (400, "wfm.validation.failure"), "{rest}");
    }
}

#[test]
pub(super) fn a_search_of_a_further_unit_is_in_its_zone_and_shows_its_agents() {
    let mut scenario = Scenario::named("calm", 0).unwrap();
    (scenario.world.agents, scenario.world.management_units) = (5, 2);
    let mut cloud = Cloud::of(Rig::of(scenario, 0));
    let units = cloud.get(&cloud.bu("/managementunits")).body["entities"].clone();
    let (schedule, document, _) = cloud.rig.schedule();
    let publish = format!("/api/v2/wfm/scheduling/schedules/{schedule}/publish");
    assert!(cloud.rig.post(&publish, &json!({"version": document["version"]})).status < 300);
    cloud.rig.now += 600_000;
    let body = json!({"startDate": "2026-03-09T00:00:00Z", "endDate": "2026-03-16T00:00:00Z"});
    let mut counts = Vec::new();
    for unit in units.as_array().unwrap() {
        let path = format!("{}/agentschedules/search", unit["selfUri"].as_str().unwrap());
        let result = cloud.post(&path, &body).body["result"].clone();
        assert_eq!(result["businessUnitTimeZone"], "Europe/Paris");
        counts.push(result["agentSchedules"].as_array().unwrap().len());
    }
    counts.sort_unstable();
    assert_eq!(counts, [2, 3]);
}

#[test]
pub(super) fn a_served_world_holds_the_week_that_everybody_can_name() {
    for name in ["calm", "calm-unlimited"] {
        let cloud = Cloud::of(Rig::of(Scenario::served(name, 0).unwrap(), 0));
        let world = cloud.rig.sandbox.world();
        let weeks = world["schedules"].as_array().unwrap().iter().filter(|schedule| schedule["week"] == "2026-11-16");
        assert_eq!(weeks.map(|schedule| schedule["agents"].clone()).collect::<Vec<_>>(), [json!(60)]);
        let trade = cloud.rig.sandbox.record(world["shift_trades"][0]["path"].as_str().unwrap()).unwrap();
        let start = trade["initiating"]["start"].as_str().unwrap();
        assert!(("2026-11-16".."2026-11-23").contains(&start), "{start}");
    }
}
