//! Trades of a week, and the job that settles them.

use super::*;
use crate::genesys_cloud::GenesysCloud;
use crate::genesys_cloud::tests::{W, answer, facts, item, refused, resource};
use ifmatch_core::{Call, Dialect};

fn approve() -> Call {
    let trade = |id: &str| {
        let (from, to) = (json!({"id": id, "state": "Matched"}), json!({"id": id, "state": "Approved"}));
        item("shift-trade", &format!("mu/2026-11-16/{id}"), 3, from, to)
    };
    Call::Write(vec![trade("t1"), trade("t2")])
}

fn read() -> Call {
    Call::Read(vec![resource("shift-trade", "mu/2026-11-16/t1"), resource("shift-trade", "mu/2026-11-16/t9")])
}

#[test]
fn trades_are_found_in_their_week() {
    let dialect = GenesysCloud::new();
    let asked = dialect.request(&read(), &Notes::default());
    assert_eq!(asked.path, format!("{W}/managementunits/mu/weeks/2026-11-16/shifttrades"));
    let body = json!({"entities": [{"trade": {"id": "t1", "state": "Matched", "metadata": {"version": 3}}}]});
    let told = facts(&read(), &answer(200, &body));
    assert!(matches!(told.as_slice(), [Fact::Observed(_), Fact::Absent]), "{told:?}");
    let elsewhere = dialect.reply(
        crate::genesys_cloud::tests::now(),
        &read(),
        &answer(200, &json!({"downloadUrl": "https://x/y"})),
    );
    let rest = elsewhere.rest.unwrap();
    assert!(elsewhere.facts.is_empty() && rest.signed && rest.path == "https://x/y");
}

#[test]
fn the_job_needs_the_business_unit_and_names_unit_and_week() {
    let (dialect, mut notes) = (GenesysCloud::new(), Notes::default());
    assert_eq!(dialect.errand(&approve(), &notes).unwrap().path, format!("{W}/managementunits/mu"));
    dialect.note(&approve(), &mut notes, &answer(200, &json!({"businessUnit": {"id": "bu"}}))).unwrap();
    assert_eq!(dialect.errand(&approve(), &notes), None);
    let job = dialect.request(&approve(), &notes);
    assert_eq!(job.path, format!("{W}/businessunits/bu/shifttrading/trades/state/bulk/jobs"));
    let entity = |id: &str| json!({"id": id, "state": "Approved", "metadata": {"version": 3}});
    let body: Value = serde_json::from_str(&job.body).unwrap();
    let wanted =
        json!({"managementUnitIds": ["mu"], "weekDates": ["2026-11-16"], "entities": [entity("t1"), entity("t2")]});
    assert_eq!(body, wanted);
}

#[test]
fn each_trade_of_a_job_has_an_end_of_its_own() {
    let body = json!({"id": "j", "status": "Complete", "bulkUpdateTradeStatesResult": {"entities": [
        {"id": "t1", "state": "Approved", "metadata": {"version": 4}},
        {"id": "t2", "state": "Canceled", "failureReason": "TransitionNotAllowed"},
    ]}});
    let told = facts(&approve(), &answer(200, &body));
    assert!(
        matches!(&told[0], Fact::Written(written) if written.snapshot.version == Some(4) && written.shown),
        "{told:?}"
    );
    let Fact::Refused(evidence) = &told[1] else { panic!("{told:?}") };
    assert_eq!((evidence.class, evidence.message.as_str()), (Class::Rule, "transition not allowed"));
}

#[test]
fn a_job_that_goes_on_says_where_to_ask() {
    let uri = format!("{W}/businessunits/bu/shifttrading/trades/state/bulk/jobs/j");
    let body = json!({"id": "j", "status": "Processing", "selfUri": uri});
    let told = facts(&approve(), &answer(202, &body));
    let Fact::Processing(processing) = &told[0] else { panic!("{told:?}") };
    assert_eq!(processing.operation.as_deref(), Some("j"));
    assert_eq!(processing.status.as_ref().unwrap().path, uri);
}

#[test]
fn a_job_that_failed_says_why() {
    let error = json!({"code": "wfm.transaction.conflict", "message": "m", "status": 409});
    let told = facts(&approve(), &answer(200, &json!({"id": "j", "status": "Error", "error": error})));
    assert!(matches!(&told[1], Fact::Refused(evidence) if evidence.class == Class::Stale), "{told:?}");
    let told = facts(&approve(), &refused(409, "wfm.transaction.conflict", "m"));
    assert!(matches!(&told[0], Fact::Refused(evidence) if evidence.class == Class::Stale), "{told:?}");
}
