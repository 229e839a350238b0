//! Section 9: faults, injected and drawn.

use serde_json::{Value, json};

use super::rig::{Rig, SCORES, START};
use crate::{Delivery, FaultKind, FaultRates, Injection, Scenario};

fn injection(fault: FaultKind) -> Injection {
    Injection { fault, method: None, path_prefix: None, times: 1, status: None, effect: None, delay_seconds: None }
}

/// Patches the first score while the fault strikes; gives what the client sees and whether the write landed at once.
fn struck(injection: Injection) -> (Rig, Delivery, bool) {
    let mut rig = Rig::calm();
    let (path, _) = rig.first("quality_scores");
    rig.sandbox.inject(injection);
    let delivery = rig.deliver("PATCH", &path, &[], &json!({"version": 1, "score": 1}));
    let landed = rig.sandbox.record(&path).unwrap()["version"] == 2;
    (rig, delivery, landed)
}

#[test]
fn a_response_is_lost_after_the_commit() {
    let (mut rig, delivery, landed) = struck(injection(FaultKind::LostResponse));
    assert_eq!((delivery, landed), (Delivery::Lost { committed: true }, true));
    assert_eq!(rig.get(SCORES).status, 200, "one fault strikes one request");
}

#[test]
fn a_commit_comes_after_the_client_gave_up() {
    let (mut rig, delivery, landed) =
        struck(Injection { delay_seconds: Some(300), ..injection(FaultKind::LateCommit) });
    assert_eq!((delivery, landed), (Delivery::Lost { committed: false }, false));
    assert_eq!(rig.sandbox.next_event(), Some(START + 300_000));
    rig.sandbox.advance(START + 299_999);
    assert!(rig.sandbox.ledger().is_empty());
    rig.sandbox.advance(START + 300_000);
    let entry = &rig.sandbox.ledger()[0];
    assert_eq!((entry.at, entry.actor.as_str(), entry.to_version), (START + 300_000, "Integration", 2));
}

#[test]
fn a_late_commit_is_conditional_like_any_write() {
    let (mut rig, _, _) = struck(Injection { delay_seconds: Some(300), ..injection(FaultKind::LateCommit) });
    let (path, _) = rig.first("quality_scores");
    rig.sandbox.edit(rig.now, &path, &json!({"score": 50}), "Someone").unwrap();
    rig.sandbox.advance(START + 300_000);
    assert_eq!(rig.sandbox.ledger().len(), 1);
}

#[test]
fn a_request_is_lost_on_its_way() {
    let (_, delivery, landed) = struck(injection(FaultKind::LostRequest));
    assert_eq!((delivery, landed), (Delivery::Lost { committed: false }, false));
}

#[test]
fn a_copy_of_an_accepted_write_arrives_later_and_is_conditional() {
    let twice = Injection { delay_seconds: Some(20), ..injection(FaultKind::DuplicateDelivery) };
    let (mut rig, delivery, landed) = struck(twice);
    let Delivery::Answer { response, .. } = delivery else { panic!("no answer") };
    assert_eq!((response.status, landed, rig.sandbox.ledger().len()), (200, true, 1));
    let before = rig.sandbox.stats();
    rig.sandbox.advance(START + 20_000);
    assert_eq!(rig.sandbox.ledger().len(), 1, "its version is used up");
    assert_eq!(rig.sandbox.stats(), before, "it counts for nobody");
}

#[test]
fn connections_break_before_and_after_the_body() {
    let (_, delivery, landed) = struck(injection(FaultKind::ResetBeforeBody));
    assert_eq!((delivery, landed), (Delivery::Reset { sent_body: false }, false));
    for effect in [true, false] {
        let (_, delivery, landed) = struck(Injection { effect: Some(effect), ..injection(FaultKind::ResetAfterBody) });
        assert_eq!((delivery, landed), (Delivery::Reset { sent_body: true }, effect));
    }
}

#[test]
fn errors_have_an_effect_or_not() {
    for (status, effect) in [(500, true), (502, false), (503, true), (504, false)] {
        let (_, delivery, landed) =
            struck(Injection { status: Some(status), effect: Some(effect), ..injection(FaultKind::ServerError) });
        let Delivery::Answer { response, .. } = delivery else { panic!("no answer") };
        assert_eq!((response.status, landed), (status, effect));
        assert_eq!(response.json().unwrap()["code"], "internal_error");
    }
}

#[test]
fn labels_lie() {
    let status = |fault: FaultKind, version: u64| {
        let mut rig = Rig::calm();
        let (id, _, _) = rig.schedule();
        rig.sandbox.inject(injection(fault));
        rig.patch(&format!("/api/v2/wfm/schedules/{id}"), &json!({"version": version, "agents": []})).status
    };
    assert_eq!(status(FaultKind::ForbiddenHidesPendingTrade, 1), 403);
    assert_eq!(status(FaultKind::NotFoundHidesThrottling, 1), 404);
    assert_eq!(status(FaultKind::UnprocessableHidesLag, 9), 422);
    assert_eq!(status(FaultKind::UnprocessableHidesLag, 1), 200);
    assert_eq!(status(FaultKind::TokenExpiry, 1), 401);
}

#[test]
fn an_injection_waits_for_its_request() {
    let mut rig = Rig::calm();
    let (path, _) = rig.first("quality_scores");
    rig.sandbox.inject(Injection {
        method: Some("PATCH".to_owned()),
        path_prefix: Some(SCORES.to_owned()),
        times: 2,
        ..injection(FaultKind::LostResponse)
    });
    assert_eq!(rig.get(SCORES).status, 200);
    assert_eq!(
        rig.deliver("PATCH", &path, &[], &json!({"version": 1, "score": 1})),
        Delivery::Lost { committed: true }
    );
    assert_eq!(
        rig.deliver("PATCH", &path, &[], &json!({"version": 1, "score": 2})),
        Delivery::Lost { committed: false }
    );
    assert_eq!(rig.patch(&path, &json!({"version": 2, "score": 2})).status, 200);
}

#[test]
fn rates_draw_faults() {
    let mut scenario = Scenario::named("calm-unlimited", 1).unwrap();
    scenario.faults = FaultRates { lost_response: 0.2, ..FaultRates::default() };
    let mut rig = Rig::of(scenario, 5);
    let lost =
        (0..1000).filter(|_| matches!(rig.deliver("GET", SCORES, &[], &Value::Null), Delivery::Lost { .. })).count();
    assert!((150..250).contains(&lost), "{lost}");
}
