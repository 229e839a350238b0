//! What was read and is sent back whole changes nothing: the law, kind by kind, through the proxy and as a document.

use super::*;
use crate::genesys_cloud::GenesysCloud;
use crate::genesys_cloud::tests::{W, answer, facts, org, resource};
use ifmatch_core::{Call, Dialect, Fact, Method, Request, Route, Snapshot};
use ifmatch_merge::json_equal;
use serde_json::json;

/// A record as the API answers it: what a client is shown, and which part of the answer is the record.
struct Sample {
    kind: &'static str,
    id: &'static str,
    answer: Value,
    part: &'static str,
    /// How a client of the proxy sends it back, and below which member of the body.
    sent: Option<(Method, &'static str, &'static str)>,
}

fn metadata() -> Value {
    json!({
        "version": 4, "modifiedBy": {"id": "u9", "selfUri": "/y"}, "dateModified": "2026-11-16T05:00:00Z",
        "createdBy": null, "dateCreated": "2026-11-01T05:00:00Z",
    })
}

fn one(id: &str) -> Value {
    json!({"id": id, "selfUri": format!("/{id}")})
}

fn samples() -> Vec<Sample> {
    let mut all = schedules();
    all.extend(requests());
    all.extend(plans());
    all.extend(units());
    all
}

fn schedules() -> Vec<Sample> {
    let activity = json!({
        "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "description": "", "activityCodeId": "on-queue",
        "paid": true, "payableMinutes": 480,
    });
    let marker = json!({"businessUnitDate": "2026-11-18", "lengthMinutes": 480, "activityCodeId": "pto", "paid": true});
    let shift = json!({
        "id": "s1", "startDate": "2026-11-16T08:00:00Z", "lengthMinutes": 480, "activities": [activity],
        "manuallyEdited": false, "schedule": {"id": "sch", "weekDate": "2026-11-16"}, "workPlanId": "p1",
        "workPlanShiftId": null,
    });
    let agent = json!({
        "user": one("u1"), "shifts": [shift], "fullDayTimeOffMarkers": [marker], "workPlan": one("p1"),
        "workPlansPerWeek": [one("p1"), one("p2")], "metadata": metadata(),
    });
    let query =
        json!({"status": "Complete", "result": {"agentSchedules": [agent], "businessUnitTimeZone": "Europe/Paris"}});
    let week = json!({
        "id": "sch", "weekDate": "2026-11-16", "weekCount": 1, "description": "Week 47", "published": true,
        "shortTermForecast": one("f"), "generationResults": {"failed": false}, "metadata": metadata(),
        "managementUnits": [{"managementUnit": one("mu"), "agents": [one("u1")]}], "selfUri": "/sch",
    });
    vec![
        Sample { kind: "agent-schedule", id: "sch/u1", answer: query, part: "/result/agentSchedules/0", sent: None },
        Sample { kind: "week-schedule", id: "sch", answer: week, part: "", sent: None },
    ]
}

fn requests() -> Vec<Sample> {
    let trade = json!({
        "id": "t1", "weekDate": "2026-11-16", "schedule": one("sch"), "state": "Matched", "initiatingUser": one("u1"),
        "initiatingShiftId": "s1", "receivingUser": one("u2"), "expiration": "2026-11-20T00:00:00Z", "oneSided": false,
        "acceptableIntervals": [], "reviewedBy": null, "metadata": metadata(),
    });
    let time_off = json!({
        "id": "r1", "user": one("u1"), "isFullDayRequest": true, "markedAsRead": false, "activityCodeId": "pto",
        "paid": true, "status": "PENDING", "fullDayManagementUnitDates": ["2026-11-18"], "durationMinutes": [480],
        "payableMinutes": [480], "fullDayEarliestStartOffsetMinutes": [0], "fullDayLatestEndOffsetMinutes": [1440],
        "notes": "n", "submittedBy": one("u1"), "submittedDate": "2026-11-01T05:00:00Z", "reviewedBy": null,
        "modifiedBy": one("u9"), "syncVersion": 2, "metadata": metadata(), "selfUri": "/r1",
    });
    let limit = json!({
        "timeOffLimit": one("l1"), "granularity": "Daily", "metadata": metadata(),
        "limitValues": [{"startDate": "2026-11-20", "valuesPerDay": {"limitMinutes": [480, 960], "allocatedMinutes": [0, 0]}}],
    });
    let set = format!("{W}/businessunits/bu/timeofflimits/l1/values").leak();
    let patch = format!("{W}/managementunits/mu/users/u1/timeoffrequests/r1").leak();
    vec![
        Sample {
            kind: "shift-trade",
            id: "mu/2026-11-16/t1",
            answer: json!({"entities": [{"trade": trade}]}),
            part: "/entities/0/trade",
            sent: None,
        },
        Sample {
            kind: "time-off-request",
            id: "mu/u1/r1",
            answer: time_off,
            part: "",
            sent: Some((Method::Patch, patch, "")),
        },
        Sample { kind: "time-off-limit", id: "bu/l1", answer: limit, part: "", sent: Some((Method::Put, set, "")) },
    ]
}

fn plans() -> Vec<Sample> {
    let plan = json!({
        "id": "p1", "name": "Full time", "enabled": true, "valid": true, "weeklyExactPaidMinutes": 2400,
        "optionalDays": {"values": ["Sunday"]}, "shiftStartVariances": {"values": []}, "agentCount": 1,
        "shifts": [{"id": "s", "name": "Day", "days": {"values": ["Monday"]}, "activities": [{"id": "a", "lengthMinutes": 30}]}],
        "agents": [one("u1")], "metadata": metadata(), "selfUri": "/p1",
    });
    let rotation = json!({
        "id": "r1", "name": "Early, late", "enabled": true, "dateRange": {"startBusinessUnitDate": "2026-11-16"},
        "pattern": {"workPlans": [one("p1"), one("p2")]}, "agentCount": 1,
        "agents": [{"user": one("u1"), "position": 1, "dateRange": {"startBusinessUnitDate": "2026-11-16"}}],
        "metadata": metadata(), "selfUri": "/r1",
    });
    let code = json!({
        "id": "c1", "name": "Break", "active": true, "defaultCode": false, "category": "Break", "lengthInMinutes": 15,
        "countsAsPaidTime": true, "planningGroups": [one("g1")], "style": {"color": "red"},
        "secondaryPresences": [{"id": "x", "selfUri": "/x"}], "metadata": metadata(), "selfUri": "/c1",
    });
    let group = json!({
        "id": "g1", "name": "Voice", "serviceGoalTemplate": one("t1"), "metadata": metadata(), "selfUri": "/g1",
        "routePaths": [{"queue": one("q"), "mediaType": "Voice", "language": null, "skills": [one("k")]}],
    });
    let patch = |kind, id, answer, path: &str| {
        let path = format!("{W}{path}").leak();
        Sample { kind, id, answer, part: "", sent: Some((Method::Patch, path, "")) }
    };
    vec![
        patch("work-plan", "mu/p1", plan, "/managementunits/mu/workplans/p1"),
        patch("work-plan-rotation", "mu/r1", rotation, "/managementunits/mu/workplanrotations/r1"),
        patch("activity-code", "bu/c1", code, "/businessunits/bu/activitycodes/c1"),
        patch("planning-group", "bu/g1", group, "/businessunits/bu/planninggroups/g1"),
    ]
}

fn units() -> Vec<Sample> {
    let management = json!({
        "adherence": {"severeAlertThresholdMinutes": 10}, "shortTermForecasting": {"defaultHistoryWeeks": 8},
        "timeOff": {"submissionRangeEnforced": true, "submissionLatestDate": "2027-01-01"},
        "scheduling": {"maxOccupancyPercentForDeferredWork": 90, "planningPeriod": {"weekCount": 2}},
        "shiftTrading": {"enabled": true}, "metadata": metadata(),
    });
    let business = json!({
        "startDayOfWeek": "Monday", "timeZone": "Europe/Paris", "shortTermForecasting": {"defaultHistoryWeeks": 8},
        "scheduling": {"syncTimeOffProperties": ["PayableMinutes"]}, "notifications": {"enabled": true},
        "learning": {"defaultActivityCode": one("c1")}, "coaching": {"defaultActivityCode": one("c2")},
        "metadata": metadata(),
    });
    let evaluation = json!({
        "id": "e", "conversation": one("c"), "evaluationForm": one("f"), "agent": one("u1"), "evaluator": one("u2"),
        "status": "INPROGRESS", "answers": {"totalScore": 80, "comments": "n"}, "changedDate": "2026-11-16T05:00:00Z",
        "agentHasRead": false, "queue": one("q"), "selfUri": "/e",
    });
    let of_unit = |kind, id: &'static str, path: &str, settings: Value| {
        let path = format!("{W}{path}").leak();
        let answer = json!({"id": id, "name": "Unit", "settings": settings});
        Sample { kind, id, answer, part: "/settings", sent: Some((Method::Patch, path, "settings")) }
    };
    let put = "/api/v2/quality/conversations/c/evaluations/e";
    vec![
        of_unit("management-unit-settings", "mu", "/managementunits/mu", management),
        of_unit("business-unit-settings", "bu", "/businessunits/bu", business),
        Sample { kind: "evaluation", id: "c/e", answer: evaluation, part: "", sent: Some((Method::Put, put, "")) },
    ]
}

fn read_as(sample: &Sample) -> Snapshot {
    let call = Call::Read(vec![resource(sample.kind, sample.id)]);
    match facts(&call, &answer(200, &sample.answer)).pop() {
        Some(Fact::Observed(shown)) => *shown,
        other => panic!("{}: {other:?}", sample.kind),
    }
}

/// Every field that the record has is said as the record has it, and the door lets it in.
fn says_the_same(sample: &Sample, record: &Value, intent: Intent) {
    let dialect = GenesysCloud::new();
    let intent = dialect.understood(intent);
    assert_eq!(dialect.check(&intent), Ok(()), "{}", sample.kind);
    let (Change::Desired(said) | Change::MergePatch(said)) = intent.change else { panic!("{}", sample.kind) };
    let spec = dialect.kind(sample.kind).unwrap();
    for name in spec.writable.iter() {
        let (said, held) = (said.get(name), record.get(name));
        let same = said.zip(held).is_some_and(|(said, held)| json_equal(said, held));
        assert!(same || said.is_none() && held.is_none(), "{} {name}: {said:?}, read as {held:?}", sample.kind);
    }
}

/// What a client sends back through the proxy.
fn proxied(sample: &Sample, sent: &Value) -> Option<Intent> {
    let (method, path, inside) = sample.sent?;
    let body = if inside.is_empty() { sent.clone() } else { json!({inside: sent}) };
    let body =
        if sample.kind == LIMIT { json!({"values": sent["limitValues"], "metadata": sent["metadata"]}) } else { body };
    match GenesysCloud::new().route(&org(), &Request::json(method, path, &body)) {
        Ok(Route::Write { resource, change, base, .. }) => Some(Intent { base, ..Intent::new(resource, change) }),
        other => panic!("{}: {other:?}", sample.kind),
    }
}

#[test]
fn what_was_read_and_is_sent_back_whole_changes_nothing() {
    let dialect = GenesysCloud::new();
    let all = samples();
    let mut kinds: Vec<&str> = all.iter().map(|sample| sample.kind).collect();
    let mut known = dialect.kinds();
    kinds.sort_unstable();
    known.sort_unstable();
    assert_eq!(kinds, known, "each kind has its sample");
    for sample in &all {
        let record = read_as(sample).value;
        let sent = sample.answer.pointer(sample.part).unwrap();
        let document = |value: &Value| Intent::new(resource(sample.kind, sample.id), Change::Desired(value.clone()));
        says_the_same(sample, &record, document(sent));
        // What the gateway itself has shown: records, and its answers to writes.
        says_the_same(sample, &record, document(&record));
        if let Some(intent) = proxied(sample, sent) {
            says_the_same(sample, &record, intent);
        }
    }
}

#[test]
fn what_the_gateway_answers_can_be_sent_back() {
    let dialect = GenesysCloud::new();
    for sample in samples().iter().filter(|sample| sample.sent.is_some() && sample.kind != LIMIT) {
        let snapshot = read_as(sample);
        let shown = dialect.render(Method::Patch, &resource(sample.kind, sample.id), &snapshot, false);
        let sent = shown.json().unwrap();
        let sent = sent.pointer(sample.part).unwrap();
        says_the_same(sample, &snapshot.value, proxied(sample, sent).unwrap());
    }
}

#[test]
fn a_patch_says_null_for_what_is_cleared() {
    let patch = |kind: &str, id: &str, value: Value| {
        let intent = Intent::new(resource(kind, id), Change::MergePatch(value));
        match GenesysCloud::new().understood(intent).change {
            Change::MergePatch(value) => value,
            other => panic!("{other:?}"),
        }
    };
    let said = patch("activity-code", "bu/c", json!({"style": null, "planningGroups": [{"id": "g"}], "name": "n"}));
    assert_eq!(said, json!({"style": null, "planningGroupIds": ["g"], "name": "n"}));
    let said = patch("management-unit-settings", "mu", json!({"timeOff": {"submissionLatestDate": null}}));
    assert_eq!(said, json!({"timeOff": {"submissionLatestDate": null}}));
    let said = patch("planning-group", "bu/g", json!({"routePaths": {"values": null}}));
    assert_eq!(said, json!({"routePaths": null}));
    // A request's word goes before what was read with it.
    let said =
        patch("planning-group", "bu/g", json!({"serviceGoalTemplate": {"id": "t1"}, "serviceGoalTemplateId": "t2"}));
    assert_eq!(said, json!({"serviceGoalTemplateId": "t2"}));
}
