//! Creations, and looking for what one may have made.

use super::*;
use crate::genesys_cloud::tests::{W, answer, facts, org, request};
use ifmatch_core::{Call, Resource};

fn plan() -> Creation {
    let key = json!({"managementUnitId": "mu", "name": "Night"});
    let resource = Resource::new(&org(), WORK_PLAN, Name::Key(ifmatch_core::canonical_json(&key)));
    Creation { resource, value: json!({"weeklyExactPaidMinutes": 2400, "optionalDays": ["Sunday"]}) }
}

#[test]
fn a_plan_is_created_in_its_unit() {
    let (line, body) = request(&Call::Create(plan()));
    assert_eq!(line, format!("POST {W}/managementunits/mu/workplans"));
    let wanted = json!({"name": "Night", "weeklyExactPaidMinutes": 2400, "optionalDays": {"values": ["Sunday"]}});
    assert_eq!(body, wanted);
    let made = json!({"id": "p7", "name": "Night", "metadata": {"version": 1}});
    let told = facts(&Call::Create(plan()), &answer(200, &made));
    assert!(matches!(&told[0], Fact::Written(written) if written.id.as_deref() == Some("mu/p7")), "{told:?}");
}

#[test]
fn a_plan_is_found_by_its_name() {
    assert_eq!(request(&Call::Lookup(plan())).0, format!("GET {W}/managementunits/mu/workplans"));
    let entity = |id: &str, name: &str| json!({"id": id, "name": name, "metadata": {"version": 1}});
    let list = json!({"entities": [entity("p1", "Day"), entity("p7", "Night")]});
    let told = facts(&Call::Lookup(plan()), &answer(200, &list));
    let Fact::Found(found) = &told[0] else { panic!("{told:?}") };
    assert_eq!(found.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["mu/p7"]);
    assert!(!is_same(&Kinds::new(), &plan(), &found[0].1.value));
}

#[test]
fn lists_of_a_creation_are_bare() {
    let resource = Resource::new(&org(), TIME_OFF, Name::External { system: "s".to_owned(), id: "1".to_owned() });
    let value = json!({
        "managementUnitId": "mu", "userId": "u", "status": "PENDING", "activityCodeId": "time-off",
        "fullDayManagementUnitDates": ["2026-11-17"], "fullDayEarliestStartOffsetMinutes": [60],
    });
    let (line, body) = request(&Call::Create(Creation { resource, value }));
    assert_eq!(line, format!("POST {W}/managementunits/mu/timeoffrequests"));
    assert_eq!((&body["users"], &body["fullDayEarliestStartOffsetMinutes"]), (&json!([{"id": "u"}]), &json!([60])));
}
