//! Which refusals an operation documents: its own codes of 400 and 409, and for every status those that the platform shares.

use std::collections::BTreeMap;

use super::{
    W, dispatch,
    operations::{self, Operation},
};

/// The codes that operations share, by status. Some are said of one kind of operation only, see [`fits`].
const SHARED: &[(u16, &[&str])] = &[
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
    (
        403,
        &[
            "app.not.authorized.for.scope",
            "authz.policy.denied",
            "missing.any.division.permissions",
            "missing.any.permissions",
            "missing.division.permission",
            "missing.permissions",
            "not.authorized",
            "wfm.no.authorization.to.edit.schedule.for.teams",
            "wfm.only.authorized.for.team.access",
            "wfm.permission.failure",
        ],
    ),
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
    (408, &["client.timeout", "wfm.deprecated.api.timeout"]),
    (409, &["request.conflict"]),
    (413, &["request.entity.too.large"]),
    (415, &["unsupported.media.type"]),
    (429, &["too.many.requests", "too.many.requests.retry.after"]),
    (500, &["internal.server.error"]),
    (502, &["wfm.server.error"]),
    (503, &["service.unavailable"]),
    (504, &["authentication.request.timeout", "request.timeout"]),
];

/// What operations of workforce management answer besides, where the table has no codes of theirs.
const OF_UNLISTED: &[(u16, &[&str])] = &[
    (400, &["wfm.bad.request", "wfm.entity.not.found", "wfm.not.allowed", "wfm.validation.failure"]),
    (409, &["wfm.transaction.conflict"]),
];

/// What the storage behind a signed address answers.
const OF_STORAGE: &[(u16, &[&str])] = &[(403, &["signature.does.not.match"]), (404, &["not.found"])];

/// The codes of an operation by status, sorted.
pub(crate) fn of(operation: &Operation) -> BTreeMap<u16, Vec<&str>> {
    let tables: &[&[(u16, &[&'static str])]] = match operation {
        _ if operation.anonymous => &[OF_STORAGE],
        _ if operation.lists_nothing() => &[SHARED, OF_UNLISTED],
        _ => &[SHARED],
    };
    let mut found: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for (status, codes) in tables.iter().copied().flatten().filter(|(status, _)| operation.codes.contains(status)) {
        found.entry(*status).or_default().extend(codes.iter().filter(|code| fits(operation, code)));
    }
    for (status, own) in [(400, &operation.error_codes400), (409, &operation.error_codes409)] {
        found.entry(status).or_default().extend(own.keys().map(String::as_str));
    }
    found.retain(|_, codes| {
        codes.sort_unstable();
        codes.dedup();
        !codes.is_empty()
    });
    found
}

/// Whether a shared code can be meant for an operation: a unit is not found where the path names one.
fn fits(operation: &Operation, code: &str) -> bool {
    match code {
        "job.not.found" => operation.path.contains("{jobId}"),
        "wfm.business.unit.not.found" => operation.path.contains("{businessUnitId}"),
        "wfm.management.unit.not.found" => operation.path.contains("{managementUnitId}"),
        "wfm.no.authorization.to.edit.schedule.for.teams" => operation.path.ends_with("/schedules/{scheduleId}/update"),
        "wfm.only.authorized.for.team.access" => operation.path.ends_with("/historicaladherencequery"),
        _ if code.starts_with("wfm.") => operation.path.starts_with(W),
        _ => true,
    }
}

/// The text of a code: the operation's own, or the code in words.
pub(crate) fn text(operation: &Operation, status: u16, code: &str) -> String {
    let own = match status {
        400 => operation.error_codes400.get(code),
        409 => operation.error_codes409.get(code),
        _ => None,
    };
    own.cloned().unwrap_or_else(|| format!("Refused on request: {}", code.replace('.', " ")))
}

/// Whether a refusal can be asked for: the operation, or any that is carried out, documents it.
///
/// # Errors
/// Why not, in words.
pub(crate) fn check(operation: Option<&str>, status: u16, code: &str) -> Result<(), String> {
    let documents = |operation: &Operation| of(operation).get(&status).is_some_and(|codes| codes.contains(&code));
    let Some(id) = operation else {
        let any = operations::all().filter(|one| dispatch::is_live(&one.operation_id)).any(documents);
        return if any { Ok(()) } else { Err(format!("no operation documents {status} {code}")) };
    };
    let operation = operations::by_id(id).ok_or_else(|| format!("there is no operation {id}"))?;
    if documents(operation) {
        return Ok(());
    }
    let known: Vec<String> =
        of(operation).into_iter().map(|(status, codes)| format!("{status} {}", codes.join(", "))).collect();
    Err(format!("{id} does not document {status} {code}; it documents {}", known.join("; ")))
}
