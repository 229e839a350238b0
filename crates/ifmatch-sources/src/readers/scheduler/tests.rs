//! The week of 300 agents and its 1,200 changes: carried out in order, they end where an
//! independent count ends.

use super::*;
use ifmatch_core::{Dialect, VerbError};
use std::collections::{BTreeMap, BTreeSet};

const WEEK: &str = include_str!("../../../../../samples/scheduler-week-singapore.ndjson");
const CHANGES: &str = include_str!("../../../../../samples/scheduler-changes-singapore.ndjson");

fn reader() -> Reader {
    Reader::new(&OrgName::from("acme"), "sg-48")
}

fn weeks() -> Vec<Week> {
    reader().weeks(WEEK).into_iter().map(Result::unwrap).collect()
}

fn value(week: &Week) -> Value {
    let Change::Desired(value) = &week.intent.change else { panic!("{:?}", week.intent.change) };
    let mut value = value.clone();
    value["week"] = json!(week.week.to_string());
    value["time_zone"] = json!("Asia/Singapore");
    value
}

#[test]
fn the_week_keeps_every_rule() {
    let (weeks, dialect) = (weeks(), ifmatch_dialects::WfmV2::new());
    assert_eq!(weeks.len(), 300);
    assert_eq!(weeks.iter().map(|week| &week.site).collect::<BTreeSet<_>>().len(), 15);
    for week in &weeks {
        dialect.check(&week.intent).unwrap();
        assert_eq!(week.week.to_string(), "2026-11-23");
        assert_eq!(dialect.breaches("agent-schedule", &value(week)), Vec::new());
    }
    let first = weeks[0].intent.resource.id().unwrap();
    assert_eq!(first, "sg-48/ff14c9a1-de42-4da5-ba89-de36dd350ee1");
}

#[test]
fn the_changes_in_order_end_where_counted() {
    let dialect = ifmatch_dialects::WfmV2::new();
    let mut agents: BTreeMap<String, Value> =
        weeks().iter().map(|week| (week.intent.resource.key(), value(week))).collect();
    let (mut missing, mut done) = (0, 0);
    for change in reader().changes(CHANGES) {
        let change = change.unwrap();
        dialect.check(&change.intent).unwrap();
        let Change::Verb(verb) = &change.intent.change else { panic!("{change:?}") };
        let agent = agents.get_mut(&change.intent.resource.key()).unwrap();
        match dialect.verb("agent-schedule", verb, agent) {
            Ok(changed) => {
                assert_eq!(dialect.breaches("agent-schedule", &changed), Vec::new(), "{}", change.seq);
                *agent = changed;
                done += 1;
            }
            Err(VerbError::Missing(_)) => missing += 1,
            Err(other) => panic!("change {}: {other:?}", change.seq),
        }
    }
    assert_eq!((done, missing), (1188, 12));
    let shifts: Vec<&Value> = agents.values().flat_map(|agent| agent["shifts"].as_array().unwrap()).collect();
    assert_eq!(shifts.len(), 1459);
    let minutes: i64 = shifts.iter().map(|shift| shift["length_minutes"].as_i64().unwrap()).sum();
    assert_eq!(minutes, 801_285);
}

#[test]
fn a_change_in_full() {
    let change = reader().changes(CHANGES).remove(9).unwrap();
    let wanted = json!({
        "idempotency_key": "scheduler:9",
        "resource": {"org": "acme", "kind": "agent-schedule", "id": "sg-48/e4c7b0d1-dbbf-4257-aabf-f338a57aee88"},
        "change": {"verb": {"name": "add-activity", "args": {"shift_id": "01795d9e-e2f7-4e6f-ab43-c38e1dc0a3c3",
            "activity": {"offset_minutes": 90, "length_minutes": 15, "code": "break"}}}},
        "class": "normal",
        "origin": {"system": "scheduler", "record": "01795d9e-e2f7-4e6f-ab43-c38e1dc0a3c3"},
    });
    assert_eq!(serde_json::to_value(&change.intent).unwrap(), wanted);
    assert_eq!((change.line, change.seq, change.site.as_str()), (10, 9, "BYOC-05"));
}

#[test]
fn a_wrong_line_names_its_field() {
    let check = |text: &str, field: &str, code: &str| {
        let error = reader().change(3, text).unwrap_err();
        assert_eq!((error.line, error.field.as_str(), error.code), (3, field, code));
    };
    check("{}", "seq", "invalid_number");
    check(r#"{"seq": 1}"#, "shift_id", "missing_field");
    check(r#"{"seq": 1, "shift_id": "s", "verb": "fly"}"#, "verb", "unknown_verb");
    check("no", "", "invalid_json");
    let error = reader().week(1, r#"{"agent_id": "a", "shifts": [], "week": "soon", "site": "s"}"#).unwrap_err();
    assert_eq!((error.field.as_str(), error.code), ("week", "invalid_date"));
}
