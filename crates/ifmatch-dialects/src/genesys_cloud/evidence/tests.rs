//! The documented refusals, each with its class.

use super::*;
use crate::genesys_cloud::refusals;
use serde_json::json;

fn check(status: u16, code: &str, message: &str, wanted: Class) {
    let body =
        json!({"message": message, "code": code, "status": status, "contextId": "c", "details": [], "errors": []});
    assert_eq!(class(status, &refusals::told(&body), false, Purpose::Write), wanted, "{status} {code} {message}");
}

#[test]
fn a_stale_version_is_told_in_three_ways() {
    let backend = "Version of the request does not match the version on the backend";
    check(409, "wfm.transaction.conflict", backend, Class::Stale);
    check(409, "wfm.transaction.conflict", "", Class::Stale);
    check(409, "general.conflict", "The version supplied does not match the current version of the user", Class::Stale);
    check(400, "bad.request", "Version 3 does not match the current version 4", Class::Stale);
    let database = "The version number of the modified resource must match the version number in the database.";
    check(409, "some.other.code", database, Class::Stale);
}

#[test]
fn conflicts_of_other_sorts() {
    check(409, "request.conflict", "The request conflicts with the current state of the target resource.", Class::Bare);
    check(
        409,
        "wfm.historical.running.request",
        "Another request from organization is in progress.",
        Class::InProgress,
    );
    check(409, "evaluation.name.conflict", "taken", Class::Duplicate);
    check(409, "evaluation.cannot.be.deleted", "published", Class::Rule);
    check(409, "", "", Class::Bare);
    check(409, "something.new", "nobody knows these words", Class::Unclassified);
}

#[test]
fn the_business_refuses_with_400() {
    check(400, "wfm.not.allowed", "One of the attempted actions was not allowed", Class::Rule);
    check(400, "wfm.configuration.conflict", "The request failed due to existing configuration conflict", Class::Rule);
    check(400, "quality.evaluation.already.exists", "exists", Class::Duplicate);
    check(400, "quality.evaluation.invalid.state.non.pending.to.pending", "no", Class::Rule);
    check(400, "wfm.validation.failure", "There is already a work plan with the name Day", Class::Duplicate);
    check(400, "wfm.validation.failure", "name must be a text", Class::Invalid);
    check(400, "constraint.validation", "Idempotency-Key must be a valid UUID when provided.", Class::Invalid);
    check(400, "not.a.user", "This request requires a user context.", Class::Forbidden);
}

#[test]
fn statuses_that_mean_one_thing() {
    check(401, "authentication.required", "", Class::Unauthorised);
    check(403, "missing.any.permissions", "", Class::Forbidden);
    check(404, "wfm.entity.not.found", "", Class::Absent);
    check(413, "request.entity.too.large", "", Class::Invalid);
    check(415, "unsupported.media.type", "", Class::Invalid);
    check(429, "too.many.requests.retry.after", "", Class::Throttled);
    for status in [408, 500, 502, 503, 504] {
        check(status, "internal.server.error", "", Class::Ambiguous);
    }
    check(418, "teapot", "short and stout", Class::Unclassified);
    let waits = refusals::told(&json!({"code": "service.unavailable"}));
    assert_eq!(class(503, &waits, true, Purpose::Write), Class::Throttled);
}

#[test]
fn the_field_at_fault_stands_in_the_details() {
    let body = json!({"code": "wfm.validation.failure", "message": "no", "details": [{"fieldName": "name", "errorCode": "x"}]});
    let told = refusals::told(&body);
    assert_eq!((told.field.as_deref(), told.codes.len()), (Some("name"), 2));
}
