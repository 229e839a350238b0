//! Listings and counts.

use super::Subject;
use super::samples::*;
use crate::contract::{Direction, ListFilter, Store};
use ifmatch_core::{OrgName, SourceName, State};
use std::collections::BTreeMap;

/// Twelve intents: places 2 and 8 landed, 5 in review, 3 queued, the rest accepted.
fn fill<S: Store>(subject: &mut Subject<'_, S>) -> OrgName {
    let org = acme();
    let mut taken = intakes(&org, 11);
    let mut trade = record(&org, 12);
    trade.resource = external(&org, "servicenow", "9f1c");
    taken.ops.push(intake(trade));
    let steps = vec![
        transition(id(2), State::Accepted, State::Landed, 20),
        transition(id(8), State::Accepted, State::Landed, 21),
        transition(id(5), State::Accepted, State::Review, 22),
        transition(id(3), State::Accepted, State::Queued, 23),
    ];
    subject.commit(&org, &[taken, commit(2, steps)]);
    subject.reopen();
    org
}

fn check<S: Store>(subject: &mut Subject<'_, S>, org: &OrgName, filter: ListFilter, orders: &[u64]) {
    let listed = subject.store().list(org, &filter).expect("it can be listed");
    let found: Vec<u64> = listed.iter().map(|record| record.order).collect();
    assert_eq!(found, orders, "{filter:?}");
    for record in listed {
        assert_eq!(subject.store().intent(org, record.id), Ok(Some(record)));
    }
}

pub(super) fn every_filter_lets_through_what_it_says<S: Store>(subject: &mut Subject<'_, S>) {
    let org = fill(subject);
    let all = ListFilter::default;
    let review = || Some("review/true_conflict".to_owned());
    check(subject, &org, all(), &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    check(subject, &org, ListFilter { states: [State::Landed].into(), ..all() }, &[2, 8]);
    let two = [State::Landed, State::Review].into();
    check(subject, &org, ListFilter { states: two, ..all() }, &[2, 5, 8]);
    check(subject, &org, ListFilter { states: [State::Parked].into(), ..all() }, &[]);
    let source = Some(SourceName::from("zendesk"));
    check(subject, &org, ListFilter { source: source.clone(), ..all() }, &[1, 3, 5, 7, 9, 11]);
    check(subject, &org, ListFilter { kind: Some("shift-trade".to_owned()), ..all() }, &[12]);
    check(subject, &org, ListFilter { resource: Some(score(&org, "qs-1")), ..all() }, &[1, 6, 11]);
    for (name, orders) in [("qs-2", &[2, 7][..]), ("qs-3", &[3, 8])] {
        check(subject, &org, ListFilter { resource: Some(score(&org, name)), ..all() }, orders);
    }
    let (settled, resource) = ([State::Landed, State::Queued].into(), Some(score(&org, "qs-3")));
    let direction = Direction::NewestFirst;
    check(subject, &org, ListFilter { states: settled, resource, direction, ..all() }, &[8, 3]);
    let (settled, resource) = ([State::Rejected].into(), Some(score(&org, "qs-3")));
    check(subject, &org, ListFilter { states: settled, resource, ..all() }, &[]);
    let foreign = Some(score(&OrgName::from("globex"), "qs-1"));
    check(subject, &org, ListFilter { resource: foreign, ..all() }, &[]);
    check(subject, &org, ListFilter { code: review(), ..all() }, &[5]);
    let states = [State::Accepted].into();
    let many = ListFilter { states, source, resource: Some(score(&org, "qs-1")), after: Some(1), ..all() };
    check(subject, &org, many, &[11]);
    check(subject, &org, ListFilter { source: Some(SourceName::from("servicenow")), code: review(), ..all() }, &[]);
    check(subject, &org, ListFilter { limit: 0, ..all() }, &[]);
}

pub(super) fn pages_join_without_gap_or_overlap<S: Store>(subject: &mut Subject<'_, S>) {
    let org = fill(subject);
    for (direction, expected) in
        [(Direction::OldestFirst, [1, 4, 6, 7, 9, 10, 11, 12]), (Direction::NewestFirst, [12, 11, 10, 9, 7, 6, 4, 1])]
    {
        let mut filter = ListFilter { states: [State::Accepted].into(), limit: 3, direction, ..ListFilter::default() };
        for page in expected.chunks(3) {
            check(subject, &org, filter.clone(), page);
            filter.after = page.last().copied();
        }
        check(subject, &org, filter, &[]);
    }
}

pub(super) fn counts_equal_the_listing<S: Store>(subject: &mut Subject<'_, S>) {
    let org = fill(subject);
    let mut counted: BTreeMap<State, u64> = BTreeMap::new();
    for record in subject.store().list(&org, &ListFilter::default()).expect("it can be listed") {
        *counted.entry(record.status.state).or_insert(0) += 1;
    }
    assert_eq!(subject.store().counts(&org), Ok(counted));
    let last = vec![transition(id(5), State::Review, State::Discarded, 30)];
    subject.commit(&org, &[commit(3, last)]);
    let counts = subject.store().counts(&org).expect("it can be counted");
    assert_eq!(counts.get(&State::Review), None, "a state without intents is left out");
    assert_eq!(counts.get(&State::Discarded), Some(&1));
}
