//! Every fact in every envelope gets its class.

use super::*;
use crate::wfm_v2::envelopes;
use serde_json::{Value, json};

/// A refusal as the API means it, before it is put into a shape.
struct Meant {
    status: u16,
    code: &'static str,
    message: &'static str,
    class: Class,
}

const fn meant(status: u16, code: &'static str, message: &'static str, class: Class) -> Meant {
    Meant { status, code, message, class }
}

const PUBLISH: &str = "Schedule cannot be published because it is already in a published state or a publish operation \
                       is currently in progress.";
const BUSY: &str = "The requested resource is currently being modified by another process";

const FACTS: &[Meant] = &[
    meant(409, "conflict", "version mismatch", Class::Stale),
    meant(409, "conflict", "stale resource_version", Class::Stale),
    meant(409, "ResourceConflictException", "entity_version mismatch", Class::Stale),
    meant(409, "ResourceConflictException", "The resource has been modified since last read", Class::Stale),
    meant(412, "conflict", "version mismatch", Class::Stale),
    meant(400, "conflict", "The version does not match the current version", Class::Stale),
    meant(409, "conflict", BUSY, Class::Lock),
    meant(409, "conflict", PUBLISH, Class::InProgress),
    meant(409, "duplicate", "A score with this agent, form and date exists", Class::Duplicate),
    meant(409, "SCHEDULE_OVERLAP", "Shifts a and b of one agent overlap", Class::Overlap),
    meant(409, "SCHEDULE_PUBLISH_CONFLICT", "Minimum rest of 660 minutes is not kept", Class::Rule),
    meant(409, "SCHEDULE_CONFLICT", "The shift x is gone", Class::Rule),
    meant(409, "invalid_transition", "A trade that is approved cannot become denied", Class::Rule),
    meant(400, "invalid_interval", "the shift starts outside the week", Class::Time),
    meant(400, "invalid_field", "a score is a number from 0 to 100", Class::Invalid),
    meant(400, "immutable_field", "agent_email cannot be changed", Class::Invalid),
    meant(400, "invalid_json", "the body is no JSON", Class::Invalid),
    meant(409, "version_required", "The version of the record is required", Class::Precondition),
    meant(400, "version_required", "A version is required", Class::Precondition),
    meant(428, "precondition_required", "This request must be conditional", Class::Precondition),
    meant(400, "version_ambiguous", "If-Match and the version in the body differ", Class::Invalid),
    meant(401, "unauthorized", "the token has expired", Class::Unauthorised),
    meant(403, "forbidden", "the scope wfm:schedule:write is missing", Class::Forbidden),
    meant(404, "not_found", "The record is not found", Class::Absent),
    meant(429, "too_many_requests", "Too many requests", Class::Throttled),
    meant(500, "internal_error", "Internal error", Class::Ambiguous),
    meant(502, "internal_error", "Bad gateway", Class::Ambiguous),
    meant(503, "internal_error", "Unavailable", Class::Ambiguous),
    meant(504, "internal_error", "Timeout", Class::Ambiguous),
    meant(408, "internal_error", "Timeout", Class::Ambiguous),
];

/// The shapes E1 to E10 without E9; E2 twice, with the code and with the status in its place.
fn shapes(fact: &Meant) -> Vec<(&'static str, Value)> {
    let (status, code, message) = (fact.status, fact.code, fact.message);
    vec![
        ("E1", json!({"code": code, "message": message, "status": status, "errors": []})),
        ("E2", json!({"errors": [{"code": code, "message": message}]})),
        ("E2 status", json!({"errors": [{"code": status.to_string(), "message": message}]})),
        ("E3", json!({"errorCode": code, "message": message, "details": message})),
        (
            "E4",
            json!({"status": status, "code": code, "message": message, "details": {"field": "x", "error": message}}),
        ),
        (
            "E5",
            json!({"statusCode": 207, "entities": [{"id": "q", "status": status, "errors": [{"code": code, "message": message}]}]}),
        ),
        ("E6", json!({"error": code, "message": message})),
        ("E7", json!({"error_code": code, "detail": message})),
        ("E8", json!({"code": status, "message": message})),
        ("E10", json!({"message": message, "errors": [{"message": message, "type": code}]})),
    ]
}

#[test]
fn every_fact_has_its_class_in_every_shape() {
    for fact in FACTS {
        for (shape, body) in shapes(fact) {
            let told = envelopes::told(Some(&body));
            let found = class(fact.status, &told, false, Purpose::Write);
            assert_eq!(found, fact.class, "{} {} in {shape}: {body}", fact.status, fact.code);
        }
    }
}

/// What the reports of the field quote, by incident, with the class that its last line asks for. An empty text is a
/// refusal of which the report gives only the code.
const QUOTED: &[(&str, Meant)] = &[
    ("I01", meant(409, "conflict", "stale resource_version", Class::Stale)),
    ("I01", meant(409, "conflict", "The record is locked", Class::Lock)),
    ("I02", meant(409, "conflict", "The shift is being modified by another process", Class::Lock)),
    ("I02", meant(409, "conflict", "entity_version mismatch", Class::Stale)),
    ("I03", meant(409, "ResourceConflictException", "The resource has been modified since last read", Class::Stale)),
    ("I04", meant(409, "conflict", "version mismatch", Class::Stale)),
    ("I05", meant(409, "conflict", PUBLISH, Class::InProgress)),
    ("I06", meant(409, "conflict", "overlapping time off", Class::Overlap)),
    ("I07", meant(409, "SCHEDULE_OVERLAP", "The schedule overlaps", Class::Overlap)),
    ("I08", meant(409, "Conflict", "schedule version mismatch", Class::Stale)),
    ("I10", meant(409, "conflict", "version mismatch", Class::Stale)),
    ("I10", meant(409, "conflict", "A trade is pending", Class::Dependency)),
    ("I11", meant(409, "CONFLICT", "Conflicting shift requests", Class::Dependency)),
    ("I11", meant(409, "CONFLICT", "The schedule state is locked by a concurrent edit", Class::Lock)),
    ("I13", meant(409, "conflict", "timestamp collision", Class::Stale)),
    ("I14", meant(409, "conflict", "Compliance: a break is missing", Class::Rule)),
    ("I16", meant(400, "conflict", "swap_request is outside its bounds", Class::Time)),
    ("I19", meant(409, "conflict", "rule violation", Class::Rule)),
    ("I23", meant(409, "CONFLICT", "The schedule is locked for editing", Class::Lock)),
    ("I25", meant(409, "invalid_request", "maximum consecutive days", Class::Rule)),
    (
        "I29",
        meant(409, "Conflict", "agent has an active adherence session overlapping the requested window", Class::Lock),
    ),
    ("I30", meant(400, "VALIDATION_ERROR", "missing required skill at start time", Class::Rule)),
    ("I33", meant(412, "conflict", "precondition failed", Class::Stale)),
    ("I33", meant(409, "conflict", "precondition failed", Class::Stale)),
    ("I34", meant(409, "conflict", "modified since last request", Class::Stale)),
    ("I36", meant(409, "conflict", "duplicate shift_id", Class::Duplicate)),
    ("I37", meant(409, "ResourceConflictException", "overlaps a natively managed entry", Class::Overlap)),
    ("I39", meant(409, "conflict", "version conflict", Class::Stale)),
    ("I41", meant(409, "conflict", "The schedule group is in use by active shifts", Class::Lock)),
    ("I43", meant(400, "conflict", "timezone offset", Class::Time)),
    ("I43", meant(400, "invalid_argument", "invalid shift configuration", Class::Invalid)),
    ("I44", meant(400, "invalid_interval", "invalid interval", Class::Time)),
    ("I45", meant(409, "CONFLICT", "concurrent modification of routing policies", Class::Lock)),
    ("I54", meant(409, "conflict", "pending trades", Class::Dependency)),
    ("I54", meant(409, "resource_in_use", "The recording is under legal hold", Class::Rule)),
    ("I57", meant(409, "conflict", "version of modified resource must match the database", Class::Stale)),
    ("I57", meant(400, "conflict", "does not match the current version", Class::Stale)),
];

#[test]
fn what_the_reports_quote_has_the_class_that_they_ask_for_in_every_shape() {
    for (incident, fact) in QUOTED {
        for (shape, body) in shapes(fact) {
            let found = class(fact.status, &envelopes::told(Some(&body)), false, Purpose::Write);
            // The code alone tells of this one.
            let told = fact.code != "invalid_request" || body.to_string().contains(fact.code);
            assert!(!told || found == fact.class, "{incident} in {shape} is {found:?}: {body}");
        }
    }
}

/// Codes that the reports give without words, or with words of their own.
#[test]
fn a_code_of_the_reports_tells_its_class_alone() {
    let check = |status: u16, code: &str, wanted: Class| {
        for words in ["", "see the manual"] {
            let told = envelopes::told(Some(&json!({"code": code, "message": words})));
            assert_eq!(class(status, &told, false, Purpose::Write), wanted, "{code} {words}");
        }
    };
    check(409, "SCHEDULE_OVERLAP", Class::Overlap);
    check(409, "schedule_assignment_conflict", Class::Overlap);
    check(409, "SCHEDULE_PUBLISH_CONFLICT", Class::Rule);
    check(422, "SCHEDULE_CONFLICT", Class::Rule);
    check(422, "invalid_date_range", Class::Time);
    check(400, "invalid_interval", Class::Time);
    check(400, "invalid_argument", Class::Invalid);
    check(409, "invalid_request", Class::Rule);
    check(409, "resource_in_use", Class::Lock);
    check(409, "duplicate", Class::Duplicate);
}

/// Phrases of the classes in the order of the checks: of two, the earlier one counts.
const CHECKS: &[(&str, Class)] = &[
    ("a publish operation is currently in progress", Class::InProgress),
    ("it is locked", Class::Lock),
    ("version mismatch", Class::Stale),
    ("a pending trade", Class::Dependency),
    ("the shifts overlap", Class::Overlap),
    ("a rule of minimum rest", Class::Rule),
    ("it exists", Class::Duplicate),
];

#[test]
fn words_are_looked_at_in_the_order_of_the_checks() {
    for (at, (earlier, wanted)) in CHECKS.iter().enumerate() {
        for (later, _) in &CHECKS[at..] {
            for code in ["conflict", "ResourceConflictException", "SCHEDULE_CONFLICT", "409"] {
                let told = envelopes::told(Some(&json!({"code": code, "message": format!("{later}: {earlier}")})));
                assert_eq!(class(409, &told, false, Purpose::Write), *wanted, "{code}: {later}: {earlier}");
            }
        }
    }
    let told = envelopes::told(Some(
        &json!({"code": "conflict", "message": "Locked: a publish operation is currently in progress"}),
    ));
    assert_eq!(class(409, &told, false, Purpose::Operate), Class::InProgress);
}

#[test]
fn a_code_that_means_one_thing_goes_before_words() {
    let check = |code: &str, words: &str, wanted: Class| {
        let told = envelopes::told(Some(&json!({"code": code, "message": words})));
        assert_eq!(class(409, &told, false, Purpose::Write), wanted, "{code} {words}");
    };
    check("SCHEDULE_OVERLAP", "the day is locked", Class::Overlap);
    check("duplicate", "version mismatch", Class::Duplicate);
    check("SCHEDULE_PUBLISH_CONFLICT", "a publish is in progress", Class::InProgress);
}

#[test]
fn a_word_is_not_found_inside_another() {
    let told = envelopes::told(Some(&json!({"code": "conflict", "message": "blocked by a pending swap"})));
    assert_eq!(class(409, &told, false, Purpose::Write), Class::Dependency);
    let told = envelopes::told(Some(&json!({"code": "conflict", "message": "the record is unlocked"})));
    assert_eq!(class(409, &told, false, Purpose::Write), Class::Unclassified);
}

#[test]
fn spelling_of_codes_does_not_matter() {
    let check = |code: &str, wanted: Class| {
        let told = envelopes::told(Some(&json!({"code": code})));
        assert_eq!(class(409, &told, false, Purpose::Write), wanted, "{code}");
    };
    check("CONFLICT", Class::Bare);
    check("Conflict", Class::Bare);
    check("resource_conflict_exception", Class::Stale);
    check("schedule.overlap", Class::Overlap);
    check("too.many.requests", Class::Throttled);
    check("something_new", Class::Unclassified);
}

#[test]
fn words_that_nobody_knows_are_unclassified_whatever_code_goes_with_them() {
    for code in ["conflict", "CONFLICT", "ResourceConflictException", "409", "operation_failed"] {
        let told = envelopes::told(Some(&json!({"code": code, "message": "operation failed"})));
        assert_eq!(class(409, &told, false, Purpose::Write), Class::Unclassified, "{code}");
    }
    let told = envelopes::told(Some(&json!({"code": "conflict", "message": "Conflict"})));
    assert_eq!(class(409, &told, false, Purpose::Write), Class::Bare);
}

#[test]
fn without_words_the_status_tells_as_far_as_it_can() {
    let check = |status: u16, waits: bool, purpose: Purpose, wanted: Class| {
        let found = class(status, &envelopes::told(None), waits, purpose);
        assert_eq!(found, wanted, "{status} {waits} {purpose:?}");
    };
    check(409, false, Purpose::Write, Class::Bare);
    check(412, false, Purpose::Write, Class::Stale);
    check(423, false, Purpose::Write, Class::Lock);
    check(409, false, Purpose::Create, Class::Duplicate);
    check(409, false, Purpose::Operate, Class::InProgress);
    check(400, false, Purpose::Write, Class::BareShape);
    check(401, false, Purpose::Write, Class::Unauthorised);
    check(403, false, Purpose::Write, Class::Forbidden);
    check(404, false, Purpose::Read, Class::Absent);
    check(404, true, Purpose::Read, Class::Throttled);
    check(429, false, Purpose::Write, Class::Throttled);
    check(503, true, Purpose::Write, Class::Throttled);
    check(503, false, Purpose::Write, Class::Ambiguous);
    check(500, true, Purpose::Write, Class::Ambiguous);
    check(422, false, Purpose::Write, Class::BareShape);
    check(422, false, Purpose::Create, Class::Unclassified);
    check(400, false, Purpose::Create, Class::Invalid);
    check(418, false, Purpose::Write, Class::Unclassified);
    check(302, false, Purpose::Read, Class::Unclassified);
}

#[test]
fn a_wrong_status_does_not_hide_the_code() {
    let check = |status: u16, body: Value, wanted: Class| {
        let told = envelopes::told(Some(&body));
        assert_eq!(class(status, &told, false, Purpose::Write), wanted, "{body}");
    };
    check(422, json!({"code": "conflict", "message": "version mismatch"}), Class::Stale);
    check(422, json!({"message": "version mismatch"}), Class::Stale);
    let shape = |field: Option<&str>| {
        json!({"code": "invalid_field", "message": "The request could not be processed",
            "errors": [{"field": field}]})
    };
    check(422, shape(None), Class::BareShape);
    check(422, shape(Some("score")), Class::Invalid);
    check(400, shape(None), Class::Invalid);
    check(404, json!({"code": "too_many_requests"}), Class::Throttled);
    check(403, json!({"code": "forbidden", "message": "agent has a pending trade"}), Class::Dependency);
}

#[test]
fn a_settled_trade_is_done_only_where_that_is_told() {
    let check = |body: Value, wanted: Option<&str>, done: bool| {
        assert_eq!(is_done(&envelopes::told(Some(&body)), wanted), done, "{body} {wanted:?}");
    };
    let words = |text: &str| json!({"code": "invalid_transition", "message": text});
    check(words("A trade that is approved cannot become approved"), Some("approved"), true);
    check(words("A trade that is denied cannot become approved"), Some("approved"), false);
    check(words("the trade is settled"), Some("approved"), false);
    check(words("A trade that is approved cannot become approved"), None, false);
    check(words("A trade that is matched cannot become matched"), Some("matched"), false);
    let current = json!({"code": "invalid_transition", "message": "no", "current": {"status": "approved"}});
    check(current.clone(), Some("approved"), true);
    check(current, Some("denied"), false);
    check(json!({"message": "A trade that is approved cannot become approved"}), Some("approved"), true);
}
