//! Flags become a scope.

use super::*;

fn check(brake: &Brake, expected: Value) {
    assert_eq!(brake.body("pause").unwrap(), expected);
}

#[test]
fn each_flag_is_a_scope() {
    let text = |text: &str| Some(text.to_owned());
    check(&Brake::default(), json!({"action": "pause", "scope": "org"}));
    check(
        &Brake { source: text("servicenow"), ..Brake::default() },
        json!({"action": "pause", "scope": {"source": "servicenow"}}),
    );
    check(
        &Brake { kind: text("schedule"), org: text("acme"), ..Brake::default() },
        json!({"action": "pause", "scope": {"kind": "schedule"}, "org": "acme"}),
    );
    check(
        &Brake { resource: text("agent-schedule/s-1/a-2"), org: text("acme"), ..Brake::default() },
        json!({"action": "pause", "scope": {"resource": {"org": "acme", "kind": "agent-schedule", "id": "s-1/a-2"}}, "org": "acme"}),
    );
}

#[test]
fn a_resource_needs_kind_and_id() {
    for resource in ["schedule", "/s-1", "schedule/"] {
        let brake = Brake { resource: Some(resource.to_owned()), ..Brake::default() };
        assert_eq!(brake.body("pause").unwrap_err().exit(), Exit::Usage, "{resource}");
    }
}
