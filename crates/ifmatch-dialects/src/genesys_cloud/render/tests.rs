//! Records in the target's models, and its refusal.

use super::*;
use crate::genesys_cloud::snapshot;
use crate::genesys_cloud::tests::{now, resource};

fn rendered(kind: &str, id: &str, record: Value) -> Value {
    let kinds = Kinds::new();
    let snapshot = snapshot::of(kinds.get(kind).unwrap(), record, now());
    answer(&kinds, Method::Patch, &resource(kind, id), &snapshot, false).json().unwrap()
}

#[test]
fn a_record_is_shown_as_the_target_shows_it() {
    let record = json!({"id": "g", "businessUnitId": "bu", "serviceGoalTemplateId": "t", "metadata": {"version": 4}});
    let shown = json!({
        "id": "g", "serviceGoalTemplate": {"id": "t"}, "metadata": {"version": 4},
        "selfUri": "/api/v2/workforcemanagement/businessunits/bu/planninggroups/g",
    });
    assert_eq!(rendered("planning-group", "bu/g", record), shown);
    let record = json!({"timeZone": "Europe/Paris", "metadata": {"version": 4}});
    let shown = rendered("business-unit-settings", "bu", record.clone());
    assert_eq!((&shown["id"], &shown["settings"]), (&json!("bu"), &record));
}

#[test]
fn a_true_conflict_is_refused_as_a_stale_version() {
    let refused = refusal(&resource("work-plan", "mu/p1"), &[]);
    let body = refused.json().unwrap();
    assert_eq!(
        (refused.status, &body["code"], &body["entityId"]),
        (409, &json!("wfm.transaction.conflict"), &json!("p1"))
    );
}

#[test]
fn the_result_of_a_bulk_of_trades_names_each() {
    let kinds = Kinds::new();
    let trade = json!({"id": "t1", "weekDate": "2026-11-16", "state": "Approved", "metadata": {"version": 4}});
    let landed = snapshot::of(kinds.get("shift-trade").unwrap(), trade, now());
    let stale = refusal(&resource("shift-trade", "mu/2026-11-16/t2"), &[]);
    let line = |id: &str, line| (resource("shift-trade", &format!("mu/2026-11-16/{id}")), line);
    let lines = [line("t1", Ok(landed)), line("t2", Err(stale.clone()))];
    let entities = json!({"entities": [
        {"id": "t1", "state": "Approved", "metadata": {"version": 4}}, {"id": "t2", "failureReason": "TransitionNotAllowed"},
    ]});
    let answered = |path: &str, lines: &[(Resource, Result<Snapshot, Response>)]| {
        let request = Request::bare(Method::Post, format!("{W}{path}"));
        let answer = batch(&kinds, &request, lines);
        (answer.status, answer.json().unwrap())
    };
    let job = "/businessunits/bu/shifttrading/trades/state/bulk/jobs?forceAsync=false";
    let body = json!({"status": "Complete", "type": "BulkUpdateTradeStates", "bulkUpdateTradeStatesResult": entities});
    assert_eq!(answered(job, &lines), (200, body));
    let older = "/managementunits/mu/weeks/2026-11-16/shifttrades/state/bulk";
    assert_eq!(answered(older, &lines), (200, json!({"status": "Complete", "result": entities})));
    assert_eq!(answered(job, &lines[1..]).0, 409);
}
