//! Rows against trades of the target.

use super::*;
use crate::migration::{Agents, Reading, read};
use crate::readers::LocalTimes;
use ifmatch_core::OrgName;
use jiff::civil::Weekday;

const HEADER: &str = "swap_request_id,ticket_id,status,requested_at,from_agent_email,to_agent_email,\
    from_shift_id,from_start,from_end,to_shift_id,to_start,to_end,time_zone\r\n";

fn plan() -> Plan {
    let row = |id: u8| {
        format!(
            "S{id},T{id},pending,x,ada@x,ben@x,s{id},2026-10-24 08:00,2026-10-24 16:00,t{id},2026-10-26 08:00,2026-10-26 16:00,\
             Europe/Paris\r\n"
        )
    };
    let text = format!("{HEADER}{}{}", row(1), row(2));
    let (org, agents) =
        (OrgName::from("acme"), Agents([("ada@x", "a"), ("ben@x", "b")].map(|(e, i)| (e.into(), i.into())).into()));
    let reading = Reading {
        file: "f",
        kind: Kind::ZendeskShiftTrades,
        org: &org,
        agents: Some(&agents),
        history: false,
        local_times: LocalTimes::Review,
        week_starts: Weekday::Monday,
        time_zone: None,
        schedule: None,
        management_unit: None,
        codes: None,
        echo_user: "",
    };
    read(&reading, text.as_bytes()).unwrap()
}

/// Row 1 as the target holds it: other offsets for the same instants, fields of its own.
fn trade() -> Value {
    json!({
        "trade_id": "trade-1", "swap_request_id": "S1", "status": "pending", "version": 7, "entity_version": 7,
        "initiating": {"agent_id": "a", "shift_id": "s1", "start": "2026-10-24T06:00:00Z", "end": "2026-10-24T14:00:00Z", "paid": true},
        "receiving": {"agent_id": "b", "shift_id": "t1", "start": "2026-10-26T07:00:00Z", "end": "2026-10-26T15:00:00Z"},
        "time_zone": "Europe/Paris", "notes": "Zendesk ticket T1", "expires_at": null,
    })
}

fn with(pointer: &str, value: Value) -> Value {
    let mut trade = trade();
    *trade.pointer_mut(pointer).unwrap() = value;
    trade
}

fn compared(found: &[Value]) -> Plan {
    let mut plan = plan();
    trades(&mut plan, &Trades::of(found));
    assert_eq!(plan.totals.values().sum::<usize>(), 2);
    assert_eq!((plan.target, plan.rows[1].verdict), (Checked::Checked, Verdict::Create), "the other row is left alone");
    plan
}

#[test]
fn what_the_target_lacks_is_created_and_shown_in_full() {
    let row = compared(&[]).rows.remove(0);
    assert_eq!((row.verdict, row.observed_version), (Verdict::Create, None));
    assert_eq!(row.changes["/status"], FieldChange { before: Value::Null, after: json!("pending") });
}

#[test]
fn the_same_in_another_spelling_is_equal() {
    let row = compared(&[trade()]).rows.remove(0);
    assert_eq!((row.verdict, row.code.as_deref()), (Verdict::Equal, Some("satisfied/equal")));
    assert_eq!((row.observed_version, row.intent), (Some(7), None));
    assert_eq!(row.resource.unwrap().id(), Some("trade-1"));
}

#[test]
fn a_difference_is_an_update_of_the_fields_that_differ() {
    let row = compared(&[with("/receiving/shift_id", json!("other"))]).rows.remove(0);
    let change = FieldChange { before: json!("other"), after: json!("t1") };
    assert_eq!(row.changes, [("/receiving/shift_id".to_owned(), change)].into());
    let intent = row.intent.unwrap();
    intent.check().unwrap();
    WfmV2::new().check(&intent).unwrap();
    let Change::MergePatch(patch) = &intent.change else { panic!("{intent:?}") };
    assert_eq!(patch.as_object().unwrap().keys().collect::<Vec<_>>(), ["receiving"]);
    let base = intent.base.unwrap();
    assert_eq!((base.version, &base.value.unwrap()["receiving"]["shift_id"]), (Some(7), &json!("other")));
    assert_eq!((row.verdict, intent.resource.id()), (Verdict::Update, Some("trade-1")));
}

#[test]
fn what_cannot_change_or_is_there_twice_goes_to_a_person() {
    let check = |found: &[Value], code: &str| {
        let row = compared(found).rows.remove(0);
        assert_eq!((row.verdict, row.code.as_deref()), (Verdict::Review, Some(code)));
        assert!(row.intent.is_none() && !row.reason.is_empty());
    };
    check(&[with("/status", json!("approved"))], "review/rule");
    check(&[trade(), with("/trade_id", json!("trade-2"))], "id_used_twice");
}

#[test]
fn what_moved_since_the_plan_is_named() {
    let plan = compared(&[with("/notes", json!("by hand"))]);
    assert_eq!(moved(&plan, &Trades::of(&[trade()])), []);
    assert_eq!(moved(&plan, &Trades::of(&[with("/version", json!(9))])), [(1, Some(7), Some(9))]);
    let mut appeared = trade();
    appeared["swap_request_id"] = json!("S2");
    assert_eq!(moved(&plan, &Trades::of(&[appeared])), [(2, None, Some(7))]);
}

#[test]
fn a_week_changes_the_shifts_that_the_target_showed() {
    let bytes = include_bytes!("../../../../../samples/scheduler-week-singapore.ndjson");
    let org = OrgName::from("acme");
    let reading = Reading {
        file: "f",
        kind: Kind::SchedulerWeek,
        org: &org,
        agents: None,
        history: false,
        local_times: LocalTimes::Review,
        week_starts: Weekday::Monday,
        time_zone: None,
        schedule: Some("sg-48"),
        management_unit: None,
        codes: None,
        echo_user: "",
    };
    let mut plan = read(&reading, bytes).unwrap();
    let shifts = |row: &PlanRow| match &row.intent.as_ref().unwrap().change {
        Change::Desired(wanted) => wanted["shifts"].clone(),
        other => panic!("{other:?}"),
    };
    let entry = |row: &PlanRow, shifts: Value| json!({"agent_id": row.source_id, "version": 4, "shifts": shifts});
    let mut longer = shifts(&plan.rows[3]);
    longer.as_array_mut().unwrap().push(json!({"id": "gone", "start": "2026-11-29T01:00:00Z", "length_minutes": 60}));
    let agents = [
        entry(&plan.rows[0], shifts(&plan.rows[0])),
        entry(&plan.rows[1], json!([])),
        entry(&plan.rows[3], longer.clone()),
    ];
    let kept = shifts(&plan.rows[3]);
    weeks(&mut plan, &json!({"id": "sg-48", "agents": agents}));
    assert_eq!((plan.total(Verdict::Equal), plan.total(Verdict::Update)), (1, 299));
    assert_eq!((plan.rows[0].verdict, plan.rows[0].observed_version), (Verdict::Equal, Some(4)));
    let intent = plan.rows[1].intent.as_ref().unwrap();
    WfmV2::new().check(intent).unwrap();
    assert_eq!(intent.base.as_ref().unwrap().value, Some(json!({"shifts": []})));
    assert_eq!(plan.rows[1].changes["/shifts"].before, json!([]));
    let intent = plan.rows[3].intent.as_ref().unwrap();
    WfmV2::new().check(intent).unwrap();
    let mut said = kept.clone();
    said.as_array_mut().unwrap().push(json!({"id": "gone", "deleted": true}));
    assert_eq!(intent.change, Change::MergePatch(json!({"shifts": said})), "what goes is named as removed");
    assert_eq!(intent.base.as_ref().unwrap().value, Some(json!({"shifts": longer})));
    assert_eq!(plan.rows[3].changes["/shifts"], FieldChange { before: longer, after: kept });
    assert!(
        matches!(plan.rows[2].intent.as_ref().unwrap().change, Change::Desired(_)),
        "nothing is known of the third"
    );
}
