//! What says the same.

use super::*;
use serde_json::json;

#[test]
fn a_list_of_instants_is_one_however_it_is_spelt() {
    let (said, shown) = (json!(["2026-10-24T07:00:00.000Z"]), json!(["2026-10-24T09:00:00+02:00"]));
    assert!(alike(&said, &shown));
    assert!(alike(&json!({"partialDayStartDateTimes": said}), &json!({"partialDayStartDateTimes": shown})));
    assert!(!alike(&json!({"notes": said}), &json!({"notes": shown})));
    assert!(!alike(&said, &json!(["2026-10-24T07:00:00+02:00"])));
}

#[test]
fn instants_and_what_the_target_fills_in() {
    let at = |start: &str| json!({"startDate": start});
    assert!(alike(&at("2026-11-16T08:00:00Z"), &at("2026-11-16T09:00:00.000+01:00")));
    assert!(!alike(&at("2026-11-16T08:00:00Z"), &at("2026-11-16T08:00:00+01:00")));
    let said = json!({"activityCodeId": "meal", "lengthMinutes": 30});
    let mut shown = said.clone();
    shown["paid"] = json!(false);
    let shift = |activity: &Value| json!({"id": "s", "activities": [activity]});
    assert!(alike(&shift(&said), &shift(&shown)));
    let mut other = said.clone();
    other["paid"] = json!(true);
    assert!(!alike(&shift(&other), &shift(&shown)));
    shown["lengthMinutes"] = json!(45);
    assert!(!alike(&shift(&said), &shift(&shown)));
}
