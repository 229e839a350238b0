//! Which index each part of a listing uses.

use super::*;
use crate::Sqlite;
use ifmatch_core::{OrgName, Resource};

/// Every part must be read from its index, in order.
fn check(filter: &ListFilter, parts_expected: usize) {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open_in(folder.path()).unwrap();
    let parts = parts(filter);
    assert_eq!(parts.len(), parts_expected, "{filter:?}");
    for part in parts {
        let (sql, values) = query(1, filter, &part).unwrap();
        let mut statement = store.writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>("detail")).unwrap();
        let plan = steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
    }
}

#[test]
fn every_part_is_read_from_its_index_in_order() {
    let resource = Some(Resource::by_id(&OrgName::from("acme"), "quality-score", "qs-1"));
    let states = || [State::Review, State::Landed, State::Rejected].into();
    for direction in [Direction::OldestFirst, Direction::NewestFirst] {
        let all = ListFilter { direction, after: Some(5), ..ListFilter::default() };
        check(&all, 1);
        check(&ListFilter { code: Some("x".to_owned()), ..all.clone() }, 1);
        check(&ListFilter { states: states(), ..all.clone() }, 3);
        check(&ListFilter { resource: resource.clone(), ..all.clone() }, 10);
        check(&ListFilter { resource: resource.clone(), states: states(), ..all }, 2);
    }
}

#[test]
fn the_condition_names_every_terminal_state() {
    let terminal: Vec<&str> =
        states::ALL.iter().filter(|state| state.is_terminal()).map(|state| state.as_str()).collect();
    assert_eq!(SETTLED, format!("state IN ('{}')", terminal.join("', '")));
    assert!(include_str!("../../migrations/0001_start.sql").contains(SETTLED));
}
