//! Refusals that the control API asks for, and clients with chosen permissions.

use serde_json::{Value, json};

use super::{
    rig::{Cloud, W},
    trades::Market,
};
use crate::{
    platform::{
        codes, dispatch,
        operations::{self, Operation},
    },
    tests::rig::{Answer, ask_token},
};

fn ask(cloud: &mut Cloud, fault: &Value) -> Answer {
    cloud.rig.post("/__sandbox/faults", fault)
}

fn path_of(cloud: &Cloud, operation: &Operation) -> String {
    let part = |part: &str| match part {
        "{businessUnitId}" => cloud.business_unit.clone(),
        "{managementUnitId}" => cloud.management_unit.clone(),
        part if part.starts_with('{') => "none".to_owned(),
        part => part.to_owned(),
    };
    operation.path.split('/').map(part).collect::<Vec<String>>().join("/")
}

#[test]
fn every_documented_refusal_of_every_live_operation_can_be_seen() {
    let mut cloud = Cloud::with(|options| {
        options.rate_limit_per_minute = None;
        options.platform.shift_trading_per_minute = None;
    });
    let mut seen = 0;
    for operation in operations::all().filter(|operation| dispatch::is_live(&operation.operation_id)) {
        let path = path_of(&cloud, operation);
        for (status, codes) in codes::of(operation) {
            for code in codes {
                let id = &operation.operation_id;
                let fault = json!({"fault": "refusal", "operation": id, "status": status, "code": code});
                assert_eq!(ask(&mut cloud, &fault).status, 200, "{fault}");
                let answer = cloud.send(&operation.method, &path, &Value::Null);
                assert_eq!(answer.refusal(), (status, code), "{id}");
                assert_eq!(answer.body["status"], status);
                assert!(answer.body["message"].as_str().is_some_and(|text| !text.is_empty()), "{id} {code}");
                assert!(answer.body["contextId"].is_string());
                assert_eq!(answer.body["contextId"].as_str(), answer.header("ININ-Correlation-Id"));
                assert_eq!(answer.header("Retry-After").is_some(), status == 429);
                seen += 1;
            }
        }
    }
    assert!(seen > 3_000, "{seen}");
    assert_eq!(ask(&mut cloud, &json!({})).body["injected"], json!([]), "each was for one request");
}

#[test]
fn a_refusal_strikes_as_often_as_asked_and_only_what_documents_it() {
    let mut cloud = Cloud::calm();
    let stale = json!({"fault": "refusal", "status": 409, "code": "wfm.transaction.conflict", "times": 2});
    assert_eq!(
        ask(&mut cloud, &stale).body["injected"],
        json!([{
            "fault": "refusal", "operation": null, "status": 409, "code": "wfm.transaction.conflict", "times": 2,
        }])
    );
    let path = cloud.bu("");
    assert_eq!(cloud.get(&path).status, 200, "a read of a unit has no version to conflict with");
    for _ in 0..2 {
        let refused = cloud.patch(&path, &json!({"name": "New"}));
        assert_eq!(refused.refusal(), (409, "wfm.transaction.conflict"));
        assert_eq!(refused.body["message"], "Entity was modified by another request");
    }
    assert_eq!(cloud.patch(&path, &json!({"name": "New"})).status, 200);
    let operation = "patchWorkforcemanagementBusinessunit";
    let wrong = [
        (
            json!({"fault": "refusal", "operation": operation, "status": 412, "code": "bad.request"}),
            "does not document",
        ),
        (json!({"fault": "refusal", "operation": operation, "status": 400, "code": "nope"}), "wfm.validation.failure"),
        (
            json!({"fault": "refusal", "operation": "patchNothing", "status": 400, "code": "bad.request"}),
            "patchNothing",
        ),
        (json!({"fault": "refusal", "status": 418, "code": "teapot"}), "no operation documents"),
        (json!({"fault": "refusal", "status": 400}), "code"),
    ];
    for (fault, text) in wrong {
        let refused = ask(&mut cloud, &fault);
        assert_eq!(refused.status, 400, "{fault}");
        assert!(refused.body["message"].as_str().unwrap().contains(text), "{}", refused.body);
    }
    let listed = cloud.rig.get("/__sandbox/operations").body;
    let own = listed.as_array().unwrap().iter().find(|one| one["id"] == operation).unwrap().clone();
    assert_eq!(own["refusals"]["409"], json!(["request.conflict", "wfm.transaction.conflict"]));
}

#[test]
fn an_injected_status_has_its_documented_code() {
    let mut cloud = Cloud::calm();
    for (status, code) in [
        (400, "bad.request"),
        (401, "authentication.required"),
        (403, "not.authorized"),
        (404, "not.found"),
        (408, "client.timeout"),
        (409, "request.conflict"),
        (413, "request.entity.too.large"),
        (415, "unsupported.media.type"),
        (429, "too.many.requests.retry.after"),
        (500, "internal.server.error"),
        (503, "service.unavailable"),
        (504, "request.timeout"),
    ] {
        ask(&mut cloud, &json!({"fault": "server_error", "status": status, "effect": false, "path_prefix": W}));
        assert_eq!(cloud.get(&format!("{W}/managementunits")).refusal(), (status, code));
    }
}

#[test]
fn a_further_client_has_the_permissions_that_were_chosen() {
    let mut market = Market::calm();
    let made = |market: &mut Market, body: &Value| {
        let made = market.cloud.rig.post("/__sandbox/clients", body);
        assert_eq!(made.status, 200, "{}", made.body);
        let text = |name: &str| made.body[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    };
    let (viewer, free) = (
        made(&mut market, &json!({"permissions": ["wfm:workPlan:view", "wfm:agentShiftTradeRequest:participate"]})),
        made(&mut market, &json!({})),
    );
    assert_ne!(viewer.0, free.0);
    let trade = market.one_in("Unmatched");
    let path = format!("{W}/shifttrading/trades/{}/jobs?forceAsync=true", trade["id"].as_str().unwrap());
    let body = json!({"weekDate": market.week, "metadata": {"version": trade["metadata"]["version"]}});
    let job = market.cloud.post(&path, &body).body["selfUri"].as_str().unwrap().to_owned();
    assert_eq!(market.cloud.get(&job).status, 200);
    let rig = &mut market.cloud.rig;
    let login = ask_token(&mut rig.sandbox, rig.now, &viewer.0, &viewer.1, "grant_type=client_credentials");
    let login = login.json().unwrap();
    assert_eq!(login.get("scope"), None, "scopes are the other API's");
    rig.use_token(login["access_token"].as_str().unwrap());
    assert_eq!(market.cloud.get(&job).refusal(), (404, "job.not.found"), "it is its starter's alone");
    assert_eq!(market.cloud.get(&market.cloud.mu("/workplans")).status, 200);
    let refused = market.cloud.post(&market.cloud.mu("/workplans"), &json!({"name": "x"}));
    assert_eq!(refused.refusal(), (403, "missing.any.permissions"));
    assert_eq!(market.cloud.rig.get("/api/v2/wfm/schedules").status, 403);
    let token = market.cloud.rig.login(&free.0, &free.1);
    market.cloud.rig.use_token(&token);
    assert!(market.cloud.post(&market.cloud.mu("/workplans"), &json!({"name": "x"})).status < 300);
    for wrong in [json!({"permissions": ["wfm:nothing:view"]}), json!({"permissions": "all"}), json!({"scopes": []})] {
        assert_eq!(market.cloud.rig.post("/__sandbox/clients", &wrong).status, 400, "{wrong}");
    }
}
