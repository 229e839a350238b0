//! Refusals that these systems give, and those that a description explains.

use super::*;
use crate::rest::tests::{answered, now, rest};
use serde_json::json;

#[track_caller]
fn check(status: u16, body: Value, class: Class) {
    let response = answered(status, &[], &body);
    assert_eq!(evidence(None, now(), (&response, status), Purpose::Write).class, class, "{status} {body}");
}

#[test]
fn the_common_table_knows_what_these_systems_say() {
    let servicenow =
        |message: &str, detail: &str| json!({ "error": { "message": message, "detail": detail }, "status": "failure" });
    check(
        404,
        servicenow("No Record found", "Record doesn't exist or ACL restricts the record retrieval"),
        Class::Absent,
    );
    check(
        403,
        servicenow("Operation Failed", "Operation against file 'u_review' was aborted by Business Rule 'x'"),
        Class::Rule,
    );
    check(403, servicenow("Operation Failed", "Data Policy Exception"), Class::Rule);
    check(403, servicenow("Insufficient rights", "User is not authorised"), Class::Forbidden);
    check(403, servicenow("Operation Failed", "Unique Key violation detected"), Class::Duplicate);
    check(401, servicenow("User Not Authenticated", ""), Class::Unauthorised);
    check(409, json!({ "error": "UpdateConflict", "description": "Safe update prevented it" }), Class::Stale);
    check(422, json!({ "error": "RecordInvalid", "description": "Record validation errors" }), Class::Invalid);
    check(409, json!({ "error": "Conflict" }), Class::Bare);
    check(412, Value::Null, Class::Stale);
    check(428, Value::Null, Class::Precondition);
    check(423, Value::Null, Class::Lock);
    check(503, Value::Null, Class::Ambiguous);
    check(422, json!({ "message": "cannot be processed" }), Class::BareShape);
    check(422, json!({ "message": "too long", "field": "subject" }), Class::Invalid);
    check(409, json!({ "message": "the moon is full" }), Class::Unclassified);
}

#[test]
fn a_description_is_asked_first() {
    let rest = rest(json!([{
        "name": "note", "path": "/notes/{id}", "fields": { "score": "number" },
        "errors": [
            { "status": [403], "words": "Quota", "class": "throttled" },
            { "at": "/fault/no", "code": "17", "class": "lock" },
        ],
    }]));
    let kind = &rest.kinds[0];
    let class = |status, body: Value| {
        evidence(Some(kind), now(), (&answered(status, &[], &body), status), Purpose::Write).class
    };
    assert_eq!(class(403, json!({ "message": "the quota is used up" })), Class::Throttled);
    assert_eq!(class(403, json!({ "message": "no right" })), Class::Forbidden);
    assert_eq!(class(409, json!({ "fault": { "no": 17 } })), Class::Lock);
    assert_eq!(class(409, json!({ "fault": { "no": 18 } })), Class::Bare);
}

#[test]
fn a_result_for_each_part_is_that_of_the_part_that_was_refused() {
    let check =
        |status, body: Value, refused| assert_eq!(refused_status(&answered(status, &[], &body), &body), refused);
    check(207, json!({ "statusCode": 207, "entities": [{ "id": "7", "status": 409, "errors": [] }] }), Some(409));
    check(207, json!({ "entities": [{ "status": 200 }, { "status": 201 }] }), None);
    check(207, json!({ "entities": [] }), Some(207));
    check(200, json!({ "status": 500 }), None);
    check(412, Value::Null, Some(412));
}
