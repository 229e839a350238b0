//! The target's records as the ledger names them: paths and resources, and values at ledger paths.

use ifmatch_core::{Dialect as _, IntentRecord, OrgName, Resource, Verb};
use ifmatch_dialects::WfmV2;
use ifmatch_merge::{Schema, apply, get, patch_paths};
use serde_json::Value;
use std::sync::LazyLock;

static DIALECT: LazyLock<WfmV2> = LazyLock::new(WfmV2::default);

/// The schema by which the lists of a kind are keyed.
pub(crate) fn schema(kind: &str) -> &'static Schema {
    static NONE: LazyLock<Schema> = LazyLock::new(Schema::new);
    DIALECT.kind(kind).map_or(&*NONE, |spec| &spec.schema)
}

/// A record after a patch with keyed lists.
pub(crate) fn patched(kind: &str, record: &Value, set: &Value) -> Value {
    let schema = schema(kind);
    apply(schema, record, &patch_paths(schema, set))
}

/// The value at an address of the ledger, which names the elements of keyed lists by their key.
pub(crate) fn value_at<'r>(kind: &str, record: &'r Value, path: &str) -> Option<&'r Value> {
    get(schema(kind), record, &path.parse().ok()?)
}

/// Where the documents of the vendor's platform API are.
const PLATFORM: &str = "/api/v2/workforcemanagement";

/// The collection whose records are one document of the target.
const CODES: &str = "activitycodes";

/// Whether the document at a path holds records of their own, each under its id.
pub(crate) fn is_list(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(_, last)| last == CODES)
}

/// Whether a path is that of a record in such a document.
pub(crate) fn is_listed(path: &str) -> bool {
    path.rsplit_once('/').is_some_and(|(list, _)| is_list(list))
}

/// Where the records of a kind are.
pub(crate) fn collection(kind: &str) -> &'static str {
    match kind {
        "quality-score" => "/api/v2/wfm/v2/quality/scores/",
        "shift-trade" => "/api/v2/wfm/scheduling/shifts/",
        _ => "/api/v2/wfm/schedules/",
    }
}

/// The ledger's path of a resource. The vendor's ids of trades say in which unit and week they lie; documents are his alone.
pub(crate) fn path_of(resource: &Resource) -> Option<String> {
    let id = resource.id()?;
    let (kind, split) = (resource.kind.as_str(), id.split_once('/'));
    Some(match (kind, split) {
        ("agent-schedule", Some((schedule, agent))) => format!("/api/v2/wfm/schedules/{schedule}/agents/{agent}"),
        ("shift-trade", _) => format!("{}{}", collection(kind), id.rsplit('/').next()?),
        ("work-plan", Some((unit, plan))) => format!("{PLATFORM}/managementunits/{unit}/workplans/{plan}"),
        ("planning-group", Some((unit, group))) => format!("{PLATFORM}/businessunits/{unit}/planninggroups/{group}"),
        ("management-unit-settings", None) => format!("{PLATFORM}/managementunits/{id}"),
        ("business-unit-settings", None) => format!("{PLATFORM}/businessunits/{id}"),
        ("activity-code", Some((unit, code))) => format!("{PLATFORM}/businessunits/{unit}/{CODES}/{code}"),
        ("time-off-request", Some((unit, rest))) => {
            let (user, request) = rest.split_once('/')?;
            format!("{PLATFORM}/managementunits/{unit}/users/{user}/timeoffrequests/{request}")
        }
        _ => format!("{}{id}", collection(kind)),
    })
}

/// The ledger's path of an intent's record. One that made it keeps the name that it gave, and the id that came of it.
pub(crate) fn path_of_record(record: &IntentRecord) -> Option<String> {
    path_of(&record.resource).or_else(|| {
        let id = record.status.result.as_ref()?.id.as_ref()?;
        path_of(&Resource::by_id(&record.resource.org, &record.resource.kind, id))
    })
}

/// The resource of a ledger's path; `None` for what is no record of its own.
pub(crate) fn resource_of(org: &OrgName, path: &str) -> Option<Resource> {
    if let Some(rest) = path.strip_prefix(collection("schedule")) {
        let by_id = |kind: &str, id: &str| Resource::by_id(org, kind, id);
        return Some(match rest.split_once("/agents/") {
            Some((schedule, agent)) => by_id("agent-schedule", &format!("{schedule}/{agent}")),
            None => by_id("schedule", rest),
        });
    }
    ["quality-score", "shift-trade"].into_iter().find_map(|kind| {
        let id = path.strip_prefix(collection(kind))?;
        Some(Resource::by_id(org, kind, id))
    })
}

/// Whether two values mean the same to the target, however they are spelt; absent is not `null`.
pub(crate) fn alike(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => DIALECT.alike(a, b),
        (a, b) => a.is_none() && b.is_none(),
    }
}

/// A record after a verb; `None` where the verb does not fit it.
pub(crate) fn perform(kind: &str, verb: &Verb, value: &Value) -> Option<Value> {
    DIALECT.verb(kind, verb, value).ok()
}
