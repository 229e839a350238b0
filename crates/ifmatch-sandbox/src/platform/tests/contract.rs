//! What the table of operations says about an answer, held against every answer that a test gets: status, model, and the code
//! of a refusal.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use serde::Deserialize;
use serde_json::Value;

use super::{model, rig::W};
use crate::{
    http::Response,
    platform::{
        dispatch,
        operations::{self, Found, Operation},
    },
};

/// The table again, for what the sandbox itself does not read of it.
const TABLES: [&str; 2] =
    [include_str!("../../../data/genesys-endpoints.json"), include_str!("../../../data/more-endpoints.json")];

/// The codes that every operation may answer, by status. Those of 400 and 409 are joined by the operation's own.
const COMMON: &[(u16, &[&str])] = &[
    (
        400,
        &[
            "bad.request",
            "client.failed.request",
            "constraint.validation",
            "invalid.date",
            "invalid.property",
            "invalid.query.param.value",
            "invalid.value",
            "not.a.user",
            "response.entity.too.large",
        ],
    ),
    (401, &["authentication.required", "bad.credentials", "ip.not.authorized"]),
    (403, &["missing.any.permissions", "missing.permissions", "not.authorized", "wfm.permission.failure"]),
    (
        404,
        &[
            "job.not.found",
            "not.found",
            "wfm.business.unit.not.found",
            "wfm.entity.not.found",
            "wfm.management.unit.not.found",
        ],
    ),
    (408, &["client.timeout"]),
    (409, &["request.conflict"]),
    (413, &["request.entity.too.large"]),
    (415, &["unsupported.media.type"]),
    (429, &["too.many.requests", "too.many.requests.retry.after"]),
    (500, &["internal.server.error"]),
    (503, &["service.unavailable"]),
    (504, &["request.timeout"]),
];

/// What operations of workforce management may answer besides, where the table has no codes of theirs.
const OF_UNLISTED: &[(u16, &[&str])] = &[
    (400, &["wfm.bad.request", "wfm.entity.not.found", "wfm.not.allowed", "wfm.validation.failure"]),
    (409, &["wfm.transaction.conflict"]),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Documented {
    operation_id: String,
    codes: BTreeSet<u16>,
    #[serde(default)]
    error_codes400: BTreeMap<String, String>,
    #[serde(default)]
    error_codes409: BTreeMap<String, String>,
}

static DOCUMENTED: LazyLock<BTreeMap<String, Documented>> = LazyLock::new(|| {
    let read = |text| serde_json::from_str::<Vec<Documented>>(text).unwrap();
    let all = TABLES.into_iter().flat_map(read);
    all.map(|operation| (operation.operation_id.clone(), operation)).collect()
});

thread_local! {
    static SEEN: RefCell<BTreeMap<&'static str, BTreeSet<u16>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The statuses that this thread has seen each operation answer.
pub(crate) fn seen() -> BTreeMap<&'static str, BTreeSet<u16>> {
    SEEN.with_borrow(Clone::clone)
}

/// Notes an answer. One that is not as documented fails the test.
pub(crate) fn hold(method: &str, path: &str, response: &Response) {
    let Found::Operation(matched) = operations::find(method, path.split('?').next().unwrap_or_default()) else {
        return;
    };
    let found = faults(matched.operation, response);
    assert!(found.is_empty(), "{method} {path} answers {}: {found:#?}", response.status);
    SEEN.with_borrow_mut(|seen| seen.entry(&matched.operation.operation_id).or_default().insert(response.status));
}

/// What is wrong with an answer; nothing when it is as documented.
pub(crate) fn faults(operation: &Operation, response: &Response) -> Vec<String> {
    let body = if response.body.is_empty() { Value::Null } else { response.json().unwrap_or(Value::Null) };
    match response.status {
        501 if !dispatch::is_live(&operation.operation_id) => Vec::new(),
        status if status < 400 => {
            // Every job may be put off, whether its operation says so or not.
            let put_off = status == 202 && operation.path.ends_with("/jobs");
            let mut found = Vec::new();
            if !operation.success_codes.contains(&status) && !put_off {
                found.push(format!("{status} is none of {:?}", operation.success_codes));
            }
            // What a signed address gives has no model.
            if !operation.anonymous {
                found.extend(model::faults(operation, &body));
            }
            found
        }
        status => refusal_faults(operation, status, &body, response.header("ININ-Correlation-Id")),
    }
}

fn refusal_faults(operation: &Operation, status: u16, body: &Value, correlation: Option<&str>) -> Vec<String> {
    let documented = &DOCUMENTED[operation.operation_id.as_str()];
    let mut found = model::fits_model(body, "ErrorBody");
    let mut must = |good: bool, text: &str| {
        if !good {
            found.push(format!("{text}: {body}"));
        }
    };
    // A server on the way answers for every operation.
    must(documented.codes.contains(&status) || status == 502, "the status is not documented");
    must(body["status"] == status, "the body has another status");
    must(body["contextId"].as_str() == correlation && correlation.is_some(), "the body has another correlation id");
    let code = body["code"].as_str().unwrap_or_default();
    let is_in = |list: &[(u16, &[&str])]| list.iter().any(|(own, codes)| *own == status && codes.contains(&code));
    let (own400, own409) = (&documented.error_codes400, &documented.error_codes409);
    let unlisted = own400.is_empty() && own409.is_empty() && operation.path.starts_with(W);
    let own = (status == 400 && own400.contains_key(code)) || (status == 409 && own409.contains_key(code));
    // Storage behind a signed address and a server on the way have codes of their own.
    let foreign = operation.anonymous || status == 502;
    must(is_in(COMMON) || own || (unlisted && is_in(OF_UNLISTED)) || foreign, "the code is not documented");
    found
}
