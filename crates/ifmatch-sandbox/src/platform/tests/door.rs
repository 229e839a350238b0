//! What the door does for the platform API: tokens, permissions, limits, bodies, the shape of refusals.

use serde_json::{Value, json};

use super::rig::{Cloud, W};
use crate::{
    Delivery, Request, ShiftTradingCounts,
    platform::options::MissingVersion,
    tests::rig::{Rig, ask_token},
};

#[test]
pub(super) fn refusals_have_the_vendors_shape() {
    let mut cloud = Cloud::calm();
    assert_eq!(cloud.get(&format!("{W}/nothing")).refusal(), (404, "not.found"));
    assert_eq!(cloud.put(&format!("{W}/managementunits"), &json!({})).refusal(), (405, "method.not.allowed"));
    let unknown = cloud.get(&format!("{W}/businessunits/none"));
    assert_eq!(unknown.refusal(), (404, "wfm.business.unit.not.found"));
    let missing = cloud.get(&cloud.mu("/workplans/none"));
    assert_eq!((missing.refusal(), &missing.body["entityId"]), ((404, "wfm.entity.not.found"), &json!("none")));
    let not = cloud.get(&cloud.bu("/workplanbids"));
    assert_eq!(not.refusal(), (501, "not.emulated"));
    assert_eq!(not.body["messageParams"]["operation"], "getWorkforcemanagementBusinessunitWorkplanbids");
    cloud.rig.use_token("none");
    assert_eq!(cloud.get(&format!("{W}/managementunits")).refusal(), (401, "authentication.required"));
}

#[test]
pub(super) fn every_answer_tells_the_window() {
    let mut cloud = Cloud::with(|options| options.rate_limit_per_minute = Some(3));
    let second = cloud.get(&format!("{W}/managementunits"));
    let header = |name: &str| second.header(name).unwrap().to_owned();
    assert_eq!((header("inin-ratelimit-count"), header("inin-ratelimit-allowed")), ("2".to_owned(), "3".to_owned()));
    assert_eq!(header("inin-ratelimit-reset"), "60");
    assert_eq!(cloud.get(&format!("{W}/businessunits")).status, 200);
    cloud.rig.now += 18_000;
    let full = cloud.get(&format!("{W}/businessunits"));
    assert_eq!(full.refusal(), (429, "too.many.requests.retry.after"));
    assert_eq!(full.header("Retry-After"), Some("42"));
    assert_eq!(full.body["message"], "Rate limit exceeded the maximum. Retry the request in [42] seconds");
    assert_eq!((&full.body["details"], &full.body["errors"]), (&json!([]), &json!([])));
    cloud.rig.now += 42_000;
    assert_eq!(cloud.get(&format!("{W}/businessunits")).status, 200);
}

#[test]
pub(super) fn the_window_stands_on_a_refused_login_and_both_apis_find_the_name_of_a_login() {
    let mut cloud = Cloud::calm();
    cloud.rig.use_token("none");
    let refused = cloud.get(&format!("{W}/managementunits"));
    assert_eq!((refused.status, refused.header("inin-ratelimit-allowed")), (401, Some("300")));
    assert_eq!(
        cloud.rig.get("/api/v2/wfm/schedules").header("X-Rate-Limit-Limit"),
        None,
        "the other API has none here"
    );
    let (now, credentials) = (cloud.rig.now, cloud.rig.sandbox.credentials());
    let form = "grant_type=client_credentials";
    let login = ask_token(&mut cloud.rig.sandbox, now, &credentials.client_id, &credentials.client_secret, form);
    assert!(login.header("ININ-Correlation-Id").is_some());
    assert_eq!(login.header("ININ-Correlation-Id"), login.header("X-Request-Id"));
    let mut cloud = Cloud::with(|options| options.rate_limit_per_minute = None);
    let free = cloud.get(&format!("{W}/managementunits"));
    assert_eq!((free.status, free.header("inin-ratelimit-allowed")), (200, None), "without a limit there is no window");
}

#[test]
pub(super) fn what_nobody_emulates_is_refused_in_the_shape_of_its_api() {
    let mut cloud = Cloud::calm();
    for path in ["/api/v2/authorization/roles", "/api/v2/conversations/c1", "/api/v2/nothing"] {
        let refused = cloud.get(path);
        assert_eq!(refused.refusal(), (404, "not.found"), "{path}");
        assert!(refused.body["contextId"].is_string());
    }
    let other = cloud.get("/api/v2/wfm/nothing");
    assert_eq!((other.refusal(), &other.body["contextId"]), ((404, "not_found"), &Value::Null));
}

#[test]
pub(super) fn shift_trading_jobs_have_a_narrower_limit_that_no_header_tells() {
    let mut cloud = Cloud::calm();
    let path = format!("{W}/shifttrading/trades/t/jobs");
    for _ in 0..5 {
        assert_ne!(cloud.post(&path, &json!({})).status, 429);
    }
    let full = cloud.post(&path, &json!({}));
    assert_eq!((full.status, full.header("inin-ratelimit-allowed")), (429, Some("300")));
    assert_eq!(cloud.get(&format!("{W}/managementunits")).status, 200);
}

#[test]
pub(super) fn clients_that_act_for_one_user_share_the_narrower_limit() {
    let mut cloud = Cloud::with(|options| options.platform.clients_user = Some("somebody".to_owned()));
    cloud.rig.sandbox.add_client("other", "s", "Other");
    let path = format!("{W}/shifttrading/trades/t/jobs");
    for _ in 0..5 {
        assert_ne!(cloud.post(&path, &json!({})).status, 429);
    }
    let token = cloud.rig.login("other", "s");
    cloud.rig.use_token(&token);
    assert_eq!(cloud.post(&path, &json!({})).status, 429);
    assert_eq!(cloud.get("/api/v2/users/me").body["id"], "somebody");
}

#[test]
pub(super) fn a_question_about_a_job_counts_or_not() {
    for (counts, asked) in [(ShiftTradingCounts::EveryRoute, 429), (ShiftTradingCounts::StartsOnly, 404)] {
        let mut cloud = Cloud::with(|options| options.platform.shift_trading_counts = counts);
        let path = format!("{W}/shifttrading/trades/mine/query/jobs");
        for _ in 0..5 {
            cloud.get(&format!("{path}/none"));
        }
        assert_eq!(cloud.get(&format!("{path}/none")).status, asked, "{counts:?}");
        let began = cloud.post(&path, &json!({"weekDates": ["2026-03-09"]})).status;
        assert_eq!(began == 429, asked == 429, "{counts:?}");
    }
}

#[test]
pub(super) fn permissions_are_those_of_the_table() {
    let mut rig = Rig::calm();
    rig.sandbox.add_client_with_permissions("viewer", "s", "Viewer", &["wfm:workPlan:view"]);
    let token = rig.login("viewer", "s");
    rig.use_token(&token);
    let mut cloud = Cloud::of(rig);
    assert_eq!(cloud.get(&cloud.mu("/workplans")).status, 200);
    let refused = cloud.post(&cloud.mu("/workplans"), &json!({"name": "x"}));
    assert_eq!(refused.refusal(), (403, "missing.any.permissions"));
    assert_eq!(refused.body["messageParams"]["permissions"], "wfm:workPlan:add");
    let refused = cloud.post(&cloud.bu("/planninggroups"), &json!({}));
    assert_eq!(refused.refusal(), (403, "missing.permissions"));
    assert_eq!(refused.body["messageParams"]["permissions"], "wfm:planningGroup:add, routing:queue:view");
}

#[test]
pub(super) fn a_client_has_the_permissions_of_its_roles() {
    let mut rig = Rig::calm();
    let asked = json!({"roles": ["supervisor"], "permissions": ["wfm:workPlan:*"]});
    let client = rig.send("POST", "/__sandbox/clients", &[], &asked).body;
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let token = rig.login(&text("client_id"), &text("client_secret"));
    let refused = rig.send("POST", "/__sandbox/clients", &[], &json!({"roles": ["king"]}));
    assert!(refused.body.to_string().contains("there are admin, planner, supervisor"), "{}", refused.body);
    rig.use_token(&token);
    let mut cloud = Cloud::of(rig);
    assert_eq!(cloud.get(&cloud.mu("/timeofflimits")).status, 200);
    assert_eq!(cloud.post(&cloud.mu("/workplans"), &json!({"name": "x", "enabled": true})).status, 200);
    let refused = cloud.post(&cloud.bu("/planninggroups"), &json!({}));
    assert_eq!(refused.refusal(), (403, "missing.permissions"));
}

#[test]
pub(super) fn client_credentials_act_as_a_user_or_not() {
    let mut cloud = Cloud::calm();
    assert_eq!(cloud.get("/api/v2/users/me").body["name"], "Integration");
    assert_eq!(cloud.get(&format!("{W}/managementunits/mine/workplans")).status, 200);
    let mut cloud = Cloud::with(|options| options.platform.client_acts_as_user = false);
    assert_eq!(cloud.get("/api/v2/users/me").refusal(), (400, "not.a.user"));
    assert_eq!(cloud.get(&format!("{W}/managementunits/mine/workplans")).refusal(), (400, "not.a.user"));
}

#[test]
pub(super) fn bodies_are_read_as_the_sdks_send_them() {
    let mut cloud = Cloud::calm();
    let path = cloud.mu("/workplans");
    let send = |cloud: &mut Cloud, method: &str, path: &str, body: &[u8]| {
        let credentials = cloud.rig.sandbox.credentials();
        let token = cloud.rig.login(&credentials.client_id, &credentials.client_secret);
        let header = |name: &str, value: String| (name.to_owned(), value);
        let headers = vec![
            header("Authorization", format!("Bearer {token}")),
            header("Content-Type", "application/json".to_owned()),
        ];
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers, body: body.to_vec() };
        match cloud.rig.sandbox.handle(cloud.rig.now, &request) {
            Delivery::Answer { response, .. } => (response.status, response.json().unwrap_or(Value::Null)),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(send(&mut cloud, "GET", &path, b"null").0, 200);
    assert_eq!(send(&mut cloud, "POST", &path, b"{not json").1["code"], "bad.request");
    assert_eq!(send(&mut cloud, "POST", &path, b"[]").1["code"], "bad.request");
    assert_eq!(send(&mut cloud, "POST", &path, b"null").1["code"], "wfm.validation.failure");
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(512_001));
    let (status, body) = send(&mut cloud, "POST", &path, large.as_bytes());
    assert_eq!((status, &body["code"]), (413, &json!("request.entity.too.large")));
    let form = cloud.rig.send("POST", &path, &[("Content-Type", "text/plain")], &json!({"name": "x"}));
    assert_eq!(form.refusal(), (415, "unsupported.media.type"));
    let one = format!("{}?expand=settings.timeZone%2Csettings.startDayOfWeek", cloud.bu(""));
    let settings = send(&mut cloud, "GET", &one, b"").1["settings"].clone();
    let names: Vec<&String> = settings.as_object().unwrap().keys().collect();
    assert_eq!(names, ["metadata", "startDayOfWeek", "timeZone"]);
}

#[test]
pub(super) fn faults_strike_here_too() {
    let mut cloud = Cloud::calm();
    let fault = json!({"fault": "server_error", "status": 503, "effect": true, "path_prefix": W, "times": 1});
    cloud.rig.post("/__sandbox/faults", &fault);
    let refused = cloud.post(&cloud.mu("/workplans"), &json!({"name": "x"}));
    assert_eq!(refused.refusal(), (503, "service.unavailable"));
    assert_eq!(cloud.rig.sandbox.ledger().len(), 1, "it was applied");
    let late = json!({"fault": "late_commit", "path_prefix": W, "times": 1, "delay_seconds": 5});
    cloud.rig.post("/__sandbox/faults", &late);
    let path = cloud.mu("/workplans");
    assert_eq!(cloud.rig.deliver("POST", &path, &[], &json!({"name": "y"})), Delivery::Lost { committed: false });
    cloud.rig.now += 5_000;
    cloud.rig.sandbox.advance(cloud.rig.now);
    assert_eq!(cloud.rig.sandbox.ledger().len(), 2);
}

#[test]
pub(super) fn a_missing_version_is_one_of_two_refusals() {
    let body = json!({"weeklyExactPaidMinutes": 2300});
    for (setting, code) in
        [(MissingVersion::Validation, "wfm.validation.failure"), (MissingVersion::BadRequest, "bad.request")]
    {
        let mut cloud = Cloud::with(|options| options.platform.missing_version = setting);
        let plan = cloud.get(&cloud.mu("/workplans")).body["entities"][0]["selfUri"].as_str().unwrap().to_owned();
        assert_eq!(cloud.patch(&plan, &body).refusal(), (400, code));
    }
}
