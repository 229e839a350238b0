//! Requests of SDKs and what they mean.

use super::*;
use crate::genesys_cloud::tests::org;
use serde_json::json;

fn routed(method: Method, path: &str, body: &Value) -> Routed {
    let path = if path.starts_with("/api") { path.to_owned() } else { format!("{W}{path}") };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    route(&Kinds::new(), &org(), &Request { method, path, headers: Vec::new(), body, signed: false })
}

fn write(method: Method, path: &str, body: Value) -> (String, Value, Option<u64>) {
    match routed(method, path, &body) {
        Ok(Route::Write { resource, change: Change::MergePatch(value) | Change::Desired(value), base, .. }) => {
            (resource.key(), value, base.and_then(|base| base.version))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_patch_is_a_wish_from_its_version() {
    let body = json!({"weeklyExactPaidMinutes": 2340, "metadata": {"version": 1}});
    let (key, value, version) = write(Method::Patch, "/managementunits/mu/workplans/p1", body.clone());
    assert_eq!((key.as_str(), value, version), ("work-plan/id/mu/p1", body, Some(1)));
    let body = json!({"planningGroupIds": {"values": null}, "metadata": {"version": 5}});
    let (key, value, _) = write(Method::Patch, "/businessunits/bu/activitycodes/c", body);
    assert_eq!(key, "activity-code/id/bu/c");
    assert_eq!(value, json!({"planningGroupIds": null, "metadata": {"version": 5}}));
    let body = json!({"settings": {"timeZone": "Europe/Paris", "metadata": {"version": 5}}});
    let (key, value, _) = write(Method::Patch, "/businessunits/bu", body);
    assert_eq!((key.as_str(), &value["timeZone"]), ("business-unit-settings/id/bu", &json!("Europe/Paris")));
}

#[test]
fn what_is_not_understood_passes() {
    let unknown = |method: Method, path: &str, body: Value| {
        let routed = routed(method, path, &body);
        assert!(matches!(routed, Ok(Route::Unknown)), "{path}: {routed:?}");
    };
    let version = json!({"version": 1});
    // A new shift has no id yet, a new name no version, a write without a version is the target's to refuse.
    unknown(Method::Patch, "/managementunits/mu/workplans/p", json!({"shifts": [{"name": "n"}], "metadata": version}));
    unknown(Method::Patch, "/businessunits/bu", json!({"name": "n"}));
    unknown(Method::Patch, "/managementunits/mu/workplans/p", json!({"name": "n"}));
    unknown(Method::Patch, "/managementunits/mine/workplans/p", json!({"name": "n", "metadata": version}));
    unknown(Method::Patch, "/managementunits/mu/workplans/p?validationMode=Ignore", json!({"metadata": version}));
    unknown(Method::Get, "/managementunits", Value::Null);
    unknown(Method::Post, "/managementunits/mu/workplans", json!({"name": "n"}));
    unknown(Method::Post, "/businessunits/bu/weeks/2026-11-16/schedules/s/update", json!({"uploadKey": "k"}));
    unknown(Method::Post, "/api/v2/notifications/channels", Value::Null);
}

#[test]
fn reads_of_one_record_are_known() {
    let read = |path: &str| match routed(Method::Get, path, &Value::Null) {
        Ok(Route::Read(resource)) => resource.key(),
        other => panic!("{other:?}"),
    };
    assert_eq!(read("/managementunits/mu/workplans/p"), "work-plan/id/mu/p");
    assert_eq!(read("/managementunits/mu?expand=settings"), "management-unit-settings/id/mu");
    assert_eq!(read("/api/v2/quality/conversations/c/evaluations/e"), "evaluation/id/c/e");
}

#[test]
fn a_bulk_is_one_change_each() {
    let entity = |id: &str, state: &str| json!({"id": id, "state": state, "metadata": {"version": 3}});
    let path = "/managementunits/mu/weeks/2026-11-16/shifttrades/state/bulk";
    let body = json!({"entities": [entity("t1", "Approved"), entity("t2", "Denied")]});
    let Ok(Route::Batch(routes)) = routed(Method::Post, path, &body) else { panic!("no batch") };
    assert!(matches!(&routes[1], Route::Write { resource, .. } if resource.key() == "shift-trade/id/mu/2026-11-16/t2"));
    let body = json!({"entities": [entity("t1", "Canceled")]});
    assert!(matches!(routed(Method::Post, path, &body), Ok(Route::Unknown)));
    let body = json!({"entities": [{"id": "c1", "name": "n", "metadata": {"version": 3}}]});
    let routed = routed(Method::Patch, "/businessunits/bu/activitycodes/bulk", &body);
    assert!(matches!(&routed, Ok(Route::Batch(routes)) if routes.len() == 1), "{routed:?}");
}

#[test]
fn values_of_a_limit_are_days() {
    let body =
        json!({"values": [{"startDate": "2026-11-30", "limitMinutesPerDay": [1, 2]}], "metadata": {"version": 3}});
    let (key, value, version) = write(Method::Put, "/businessunits/bu/timeofflimits/l/values", body);
    let day = |date: &str, minutes: i64| json!({"startDate": date, "limitMinutes": [minutes]});
    assert_eq!((key.as_str(), version), ("time-off-limit/id/bu/l", Some(3)));
    assert_eq!(value, json!({"values": [day("2026-11-30", 1), day("2026-12-01", 2)]}));
}

#[test]
fn a_body_at_fault_is_named() {
    let field = |body: Value| match routed(Method::Patch, "/managementunits/mu/workplans/p", &body) {
        Err(RouteError(error)) => error.field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(json!({"metadata": {"version": "x"}})), "/metadata/version");
    assert_eq!(field(json!([1])), "");
}

#[test]
fn the_job_of_supervisors_is_one_change_each() {
    let entity = |id: &str| json!({"id": id, "state": "Approved", "metadata": {"version": 3}});
    let path = "/businessunits/bu/shifttrading/trades/state/bulk/jobs?forceAsync=true";
    let body = |units: Value, weeks: Value| json!({"managementUnitIds": units, "weekDates": weeks, "entities": [entity("t1"), entity("t2")]});
    let one = body(json!(["mu"]), json!(["2026-11-16"]));
    let Ok(Route::Batch(routes)) = routed(Method::Post, path, &one) else { panic!("no batch") };
    assert!(matches!(&routes[1], Route::Write { resource, .. } if resource.key() == "shift-trade/id/mu/2026-11-16/t2"));
    let field = |body: Value| match routed(Method::Post, path, &body) {
        Err(RouteError(error)) => (error.code, error.field),
        other => panic!("{other:?}"),
    };
    let several = body(json!(["mu", "other"]), json!(["2026-11-16"]));
    assert_eq!(field(several), ("invalid_field", "/managementUnitIds".to_owned()));
    assert_eq!(field(body(json!(["mu"]), json!([]))), ("invalid_field", "/weekDates".to_owned()));
}
