//! The state of an org as people and scripts read it.

use super::*;
use serde_json::json;

#[test]
fn an_org_is_said_in_a_few_lines() {
    let org = json!({
        "org": "acme", "ready": true, "intents": {"landed": 5, "review": 1, "sent": 0}, "lanes": 2, "in_flight": 1,
        "closed_budgets": [{"bucket": "tenant", "until": "2026-03-29T05:00:00Z"}],
        "locks": [{"domain": "schedule s-1", "waiting": 4, "next_probe": "2026-03-29T05:00:10Z"}],
        "notices": {"connected_since": "2026-03-29T04:00:00Z", "topics": 1, "received": 12, "dropped": 0, "reconnects": 1,
            "channels": 1, "last_error": {"at": "2026-03-29T03:59:58Z", "message": "the target closed it"}},
        "ambiguous": [{"after": "503", "took_effect": 1, "no_effect": 4, "undecided": 2}], "overwrites": 3, "repairs": 1,
        "sinks": [
            {"name": "desk", "told": 12, "failed": 2, "given_up": 1, "open_incidents": 1,
                "last_error": {"at": "2026-03-29T03:00:00Z", "message": "503"}},
            {"name": "listener", "told": 3, "failed": 0, "given_up": 0, "open_incidents": 0, "last_error": null},
        ],
    });
    insta::assert_snapshot!(page(&org), @r"
    acme: ready, 1 on the wire
      intents: 5 landed, 1 review
      budget tenant is closed until 2026-03-29T05:00:00Z
      4 wait for the lock of schedule s-1, next probe at 2026-03-29T05:00:10Z
      writes in doubt after 503: 1 took effect, 4 did not, 2 nobody can tell
      overwrites since the start: 3, 1 not looked into or repaired yet
      notices: connected since 2026-03-29T04:00:00Z, 12 received, 0 dropped, 1 reconnects; last error at 2026-03-29T03:59:58Z: the target closed it
      sink desk: 12 told, 2 failed, 1 given up, 1 open incidents; last error at 2026-03-29T03:00:00Z: 503
      sink listener: 3 told, 0 failed, 0 given up
    ");
}

fn check(counts: Value, expected: Exit) {
    assert_eq!(detailed(&[json!({ "intents": counts })]), expected);
}

#[test]
fn scripts_can_tell_review_work_and_rest_apart() {
    check(json!({}), Exit::Nothing);
    check(json!({"landed": 3, "rejected": 1, "review": 0}), Exit::Nothing);
    check(json!({"landed": 3, "parked": 1}), Exit::Done);
    check(json!({"parked": 1, "review": 1}), Exit::Review);
}
