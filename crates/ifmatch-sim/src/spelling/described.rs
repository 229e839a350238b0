//! Targets that a description makes known: the scores as rows of a table that guards nothing and writes everything as text, and
//! as plain records that `ETag` and `If-Match` guard.

use ifmatch_core::{OrgName, Request, Resource, Response, Timestamp};
use ifmatch_dialects::Rest;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Where the rows of the sandbox's table are.
const ROWS: &str = "/api/now/table/quality_score";
/// The collection of the same records in the ledger.
const SCORES: &str = "/api/v2/wfm/v2/quality/scores";

pub(super) static TABLE: LazyLock<Arc<Rest>> = LazyLock::new(|| {
    described(json!({
        "preset": "servicenow-table",
        "path": format!("{ROWS}/{{id}}"),
        "id": "id",
        "key": ["agent_email", "evaluation_form", "review_date"],
    }))
});

pub(super) static TAGGED: LazyLock<Arc<Rest>> = LazyLock::new(|| {
    described(json!({
        "preset": "etag",
        "path": format!("{SCORES}/{{id}}"),
        "version": "etag-count",
        "version_fields": ["version", "resource_version", "entity_version"],
        "modified_at": "/date_modified",
        "modified_by": "/modified_by/name",
    }))
});

fn described(own: Value) -> Arc<Rest> {
    let mut all = json!({
        "name": "quality-score",
        "fields": {
            "evaluation_form": "text", "correlation_id": "text", "score": "number", "comments": "text",
            "reviewed_at": "instant", "time_zone": "text",
        },
        "identity": { "agent_id": "text", "agent_email": "text", "review_date": "text" },
        "rate": {
            "limit": "x-rate-limit-limit", "remaining": "x-rate-limit-remaining", "reset": "x-rate-limit-reset",
        },
    });
    for (name, value) in own.as_object().into_iter().flatten() {
        all[name.as_str()] = value.clone();
    }
    let description = serde_json::from_value(all).expect("a description of this crate has its shape");
    Arc::new(Rest::new(vec![description]).expect("a description of this crate makes sense"))
}

/// Where a row of the ledger's path is asked for.
pub(super) fn row_of(path: &str) -> String {
    let row = path.replacen(SCORES, ROWS, 1);
    format!("{row}?sysparm_exclude_reference_link=true")
}

/// The ledger's path of a request for a row.
pub(super) fn path_of_row(path: &str) -> Option<String> {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    Some(format!("{SCORES}{}", path.strip_prefix(ROWS)?))
}

/// A record as an answer shows it, its count where the judges look for versions.
pub(super) fn row_shown(org: &OrgName, now: Timestamp, request: &Request, response: &Response) -> Option<Value> {
    let (_, snapshot): (Resource, _) = TABLE.shown(org, now, request, response).pop()?;
    let mut record = (*snapshot.value).clone();
    record["version"] = json!(snapshot.version);
    Some(record)
}
