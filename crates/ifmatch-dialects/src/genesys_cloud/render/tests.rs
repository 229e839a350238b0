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
