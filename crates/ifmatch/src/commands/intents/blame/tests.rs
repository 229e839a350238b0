//! Rows as people read them, records as they write them.

use super::*;
use serde_json::json;

#[test]
fn a_row_names_its_writer_as_far_as_known() {
    let by = |row: Value| cells(&row)[2..4].join(" | ");
    let source = json!({"path": "/score", "value": 85, "by": "source", "source": "servicenow", "intent": "int_1", "version": 14});
    assert_eq!(by(source), "servicenow by int_1 | 14");
    let named = json!({"path": "/score", "value": 85, "by": "other", "writer": "Mara Lind", "version": 15});
    assert_eq!(by(named), "Mara Lind | 15");
    let unseen = json!({"path": "/score", "value": 85, "by": "other", "version": 18, "after": 15});
    assert_eq!(by(unseen), "somebody else | after 15, at most 18");
    assert_eq!(
        by(json!({"path": "/score", "value": 85, "by": "unknown", "version": 3})),
        "not known since version 3 | "
    );
}

#[test]
fn a_stretch_says_which_hours_it_is() {
    let mut row = json!({"path": "/shifts/s/activities", "stretch": {"from": "08:00Z", "until": "09:00Z"}, "value": {"code": "meal"},
        "by": "unknown", "version": 3});
    assert_eq!(cells(&row)[..2], ["/shifts/s/activities 08:00Z to 09:00Z", r#"{"code":"meal"}"#]);
    row["value"] = json!(null);
    assert_eq!(cells(&row)[1], "nothing");
}

#[test]
fn an_id_may_hold_a_slash() {
    assert_eq!(resource("agent-schedule/s-1/a-7"), Ok(("agent-schedule".to_owned(), "s-1/a-7".to_owned())));
    assert!(resource("qs-118").unwrap_err().contains("KIND/ID"));
}
