//! Which found record is ours, and which spellings are one instant.

use super::*;
use crate::wfm_v2::tests::{creation, keyed, resource};
use serde_json::json;

#[test]
fn a_mark_decides_and_without_one_the_content() {
    let key = json!({"agent_email": "a@x", "evaluation_form": "f", "review_date": "2026-10-25"});
    let check = |value: Value, found: Value, wanted: bool| {
        let creation = creation(keyed(SCORE, &key), value);
        assert_eq!(is_same(&Kinds::new(), &creation, &found), wanted, "{found}");
    };
    check(json!({"correlation_id": "c1", "score": 1}), json!({"correlation_id": "c1", "score": 2}), true);
    check(json!({"correlation_id": "c1", "score": 1}), json!({"correlation_id": "c2", "score": 1}), false);
    check(json!({"score": 1}), json!({"correlation_id": null, "score": 1.0}), true);
    check(json!({"score": 1}), json!({"score": 2}), false);
    let at = |text: &str| json!({"reviewed_at": text});
    check(at("2026-10-25T02:30:00+01:00"), at("2026-10-25T01:30:00Z"), true);
    // The same date and the same clock: two instants, two reviews.
    check(at("2026-10-25T02:30:00+01:00"), at("2026-10-25T02:30:00+02:00"), false);
}

#[test]
fn trades_are_the_same_by_id_or_request() {
    let found = json!({"trade_id": "t1", "swap_request_id": "S"});
    let check = |creation: Creation, wanted: bool| assert_eq!(is_same(&Kinds::new(), &creation, &found), wanted);
    check(creation(resource(TRADE, "t1"), json!({"swap_request_id": "other"})), true);
    check(creation(resource(TRADE, "t2"), json!({"swap_request_id": "S"})), false);
    check(creation(keyed(TRADE, &json!({"swap_request_id": "S"})), json!({"swap_request_id": "S"})), true);
    check(creation(keyed(TRADE, &json!({"swap_request_id": "T"})), json!({"swap_request_id": "T"})), false);
}

#[test]
fn trades_without_a_request_are_the_same_by_their_shift() {
    let swap = |shift: &str, more: Value| {
        let mut trade = json!({"initiating": {"agent_id": "a", "shift_id": shift, "start": "2026-11-23T08:00:00+08:00"},
            "receiving": {"agent_id": "b"}, "status": "pending"});
        trade.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        trade
    };
    let check = |wanted: Value, found: Value, one: bool| {
        let by_portal = swap("x", found);
        let creation = creation(keyed(TRADE, &json!({"migration": "M-7"})), wanted);
        assert_eq!(is_same(&Kinds::new(), &creation, &by_portal), one, "{by_portal}");
    };
    check(swap("x", json!({})), json!({"trade_id": "t1", "swap_request_id": "S"}), true);
    check(
        swap("x", json!({})),
        json!({"initiating": {"agent_id": "a", "shift_id": "x", "start": "2026-11-23T00:00:00Z"}}),
        true,
    );
    check(swap("x", json!({"swap_request_id": "S"})), json!({"swap_request_id": null}), true);
    check(swap("x", json!({"receiving": null})), json!({}), true);
    check(swap("x", json!({"status": "approved"})), json!({"status": "approved"}), true);
    check(swap("x", json!({"swap_request_id": "S"})), json!({"swap_request_id": "T"}), false);
    check(swap("y", json!({})), json!({}), false);
    check(swap("x", json!({})), json!({"status": "denied"}), false);
    check(swap("x", json!({})), json!({"receiving": null}), false);
    check(swap("x", json!({})), json!({"receiving": {"agent_id": "c"}}), false);
    let other_week = json!({"agent_id": "a", "shift_id": "x", "start": "2026-11-30T08:00:00+08:00"});
    check(swap("x", json!({})), json!({"initiating": other_week}), false);
}

#[test]
fn instants_are_compared_in_utc() {
    let value = json!({"shifts": [{"start": "2026-11-23T08:00:00+08:00", "code": "2026-11-23T08:00:00+08:00"}]});
    let wanted = json!({"shifts": [{"start": "2026-11-23T00:00:00Z", "code": "2026-11-23T08:00:00+08:00"}]});
    assert_eq!(canonical(TIMES, &value), wanted);
    assert_eq!(canonical(TIMES, &json!({"start": "naive", "end": null})), json!({"start": "naive", "end": null}));
}
