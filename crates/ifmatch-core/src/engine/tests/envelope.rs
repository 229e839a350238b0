//! Many records in one write: what it costs, and what becomes of one without an answer.

use super::shelf::Shelves;
use super::shell::{Shell, patch};
use crate::config::Limits;
use crate::states::State;
use crate::wire::{Failure, Method};
use serde_json::json;
use std::sync::Arc;

/// A shell on shelves with so many notes `a-0`, `a-1` … of one shelf.
fn shell(dialect: &Arc<Shelves>, notes: usize) -> Shell {
    let mut shell = Shell::on(Arc::clone(dialect) as _, Limits::default());
    for at in 0..notes {
        shell.target.put(&format!("a-{at}"));
    }
    shell
}

#[test]
fn an_envelope_without_an_answer_costs_each_record_once() {
    let records = 500;
    let dialect = Arc::new(Shelves::of(records));
    let mut shell = shell(&dialect, records);
    shell.token_rests = true;
    let ids: Vec<_> =
        (0..records).map(|at| shell.submit("s", patch(&format!("a-{at}"), json!({"score": 85})))).collect();
    shell.grant();
    let write = shell.serve_until(Method::Put);
    let before = (dialect.rendered(), shell.store.attempts.len());
    assert_eq!(before, (records, 1), "one write carries all of them");
    shell.fail(write.attempt, Failure::NoAnswer);
    assert!(ids.iter().all(|id| shell.state(*id) == State::Ambiguous));
    assert_eq!(dialect.rendered() - before.0, records, "each record is put into a request of its own once");
    assert_eq!(shell.store.attempts.len() - before.1, records, "each record has its own part");
    shell.run(900);
    assert!(ids.iter().all(|id| shell.state(*id) == State::Landed));
    assert_eq!(shell.target.accepted.len(), records);
}

#[test]
fn a_record_that_the_answer_does_not_name_is_told_by_itself() {
    let dialect = Arc::new(Shelves::of(10));
    let mut shell = shell(&dialect, 3);
    shell.token_rests = true;
    let ids: Vec<_> = (0..3).map(|at| shell.submit("s", patch(&format!("a-{at}"), json!({"score": 85})))).collect();
    shell.grant();
    let write = shell.serve_until(Method::Put);
    let mut response = shell.target.answer(shell.now, &write.request);
    let mut entries: Vec<serde_json::Value> = serde_json::from_str(&response.body).unwrap();
    entries[1] = json!({"status": 500, "body": {"code": "internal", "message": "out of order"}});
    response.body = serde_json::to_string(&entries).unwrap();
    shell.answer(write.attempt, response);
    assert_eq!(
        ids.iter().map(|id| shell.state(*id)).collect::<Vec<_>>(),
        [State::Landed, State::Ambiguous, State::Landed]
    );
    shell.run(60);
    assert_eq!((shell.state(ids[1]), shell.target.accepted.len()), (State::Landed, 3));
}
