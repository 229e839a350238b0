//! Several codes in one request.

use crate::genesys_cloud::tests::{W, answer, facts, item, refused, request, resource};
use ifmatch_core::{Call, Class, Fact};
use serde_json::json;

fn two() -> Call {
    let change = |id: &str| item("activity-code", &format!("bu/{id}"), 7, json!({"name": "a"}), json!({"name": id}));
    Call::Write(vec![change("c1"), change("c2")])
}

#[test]
fn several_codes_go_in_one_body() {
    let (line, body) = request(&two());
    assert_eq!(line, format!("PATCH {W}/businessunits/bu/activitycodes/bulk"));
    let entity = |id: &str| json!({"id": id, "name": id, "metadata": {"version": 7}});
    assert_eq!(body, json!({"entities": [entity("c1"), entity("c2")]}));
    let (line, _) = request(&Call::Read(vec![resource("activity-code", "bu/c1"), resource("activity-code", "bu/c2")]));
    assert_eq!(line, format!("GET {W}/businessunits/bu/activitycodes"));
}

#[test]
fn each_code_of_an_answer_is_told_apart() {
    let metadata = json!({"version": 8, "modifiedBy": {"id": "u9"}, "dateModified": "2026-11-16T05:00:00Z"});
    let body = json!({"entities": [{"id": "c1", "name": "c1", "metadata": metadata}]});
    let told = facts(&two(), &answer(200, &body));
    assert!(matches!(&told[0], Fact::Written(written) if written.snapshot.version == Some(8)), "{told:?}");
    assert!(matches!(&told[1], Fact::Refused(evidence) if evidence.class == Class::Ambiguous), "{told:?}");
    let told = facts(&two(), &refused(409, "wfm.transaction.conflict", ""));
    assert!(told.iter().all(|fact| matches!(fact, Fact::Refused(evidence) if evidence.class == Class::Stale)));
    let read = Call::Read(vec![resource("activity-code", "bu/c1"), resource("activity-code", "bu/c2")]);
    let told = facts(&read, &answer(200, &body));
    let [Fact::Observed(shown), Fact::Absent] = told.as_slice() else { panic!("{told:?}") };
    // Who wrote the list last need not have written this code; it was changed no later than the list.
    assert_eq!((shown.version, shown.writer.as_ref(), shown.modified_at.is_some()), (Some(8), None, true));
}
