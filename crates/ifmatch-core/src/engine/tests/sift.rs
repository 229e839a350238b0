//! All of an envelope is held: the search for one at fault ends, and one record probes for all.

use super::shelf::Shelves;
use super::shell::{Shell, patch};
use crate::config::Limits;
use crate::ids::IntentId;
use crate::states::State;
use crate::wire::Method;
use jiff::SignedDuration;
use serde_json::json;
use std::sync::Arc;

/// So many notes of one shelf, a wish for each, in one moment; these are locked for so many seconds.
fn held(notes: usize, locked: impl Fn(usize) -> bool, seconds: i64) -> (Shell, Vec<IntentId>) {
    let mut shell = Shell::on(Arc::new(Shelves::of(notes)) as _, Limits::default());
    let until = shell.now + SignedDuration::from_secs(seconds);
    shell.token_rests = true;
    let ids = (0..notes).map(|at| {
        let name = format!("a-{at:02}");
        shell.target.put(&name);
        if locked(at) {
            shell.target.refusing.insert(name.clone(), (423, "locked", until));
        }
        shell.submit("s", patch(&name, json!({"score": 85})))
    });
    let ids = ids.collect();
    shell.target.as_one = true;
    shell.grant();
    (shell, ids)
}

fn landed(shell: &Shell, ids: &[IntentId]) -> usize {
    ids.iter().filter(|id| shell.state(**id) == State::Landed).count()
}

#[test]
fn where_every_part_is_refused_one_record_probes_for_all() {
    let (mut shell, ids) = held(40, |_| true, 60);
    shell.run(59);
    let writes = shell.target.count(Method::Put);
    assert!(writes <= 12, "{writes} writes while it is held");
    shell.run(25);
    assert_eq!(landed(&shell, &ids), 40);
    assert!(shell.target.count(Method::Put) <= writes + 3, "the others go together");
}

#[test]
fn who_comes_later_waits_with_the_others() {
    let (mut shell, mut ids) = held(40, |_| true, 60);
    shell.run(20);
    let before = shell.target.count(Method::Put);
    for at in 0..10 {
        let name = format!("a-{:02}", 50 + at);
        shell.target.put(&name);
        let until = shell.now + SignedDuration::from_secs(40);
        shell.target.refusing.insert(name.clone(), (423, "locked", until));
        ids.push(shell.submit("t", patch(&name, json!({"score": 85}))));
        shell.run(1);
    }
    assert!(shell.target.count(Method::Put) <= before + 2, "nobody asks for itself");
    shell.run(60);
    assert_eq!(landed(&shell, &ids), 50);
}

#[test]
fn a_few_that_are_held_hold_up_nobody_else() {
    for held_ones in [vec![3], vec![0, 39], vec![1, 12, 33], vec![1, 12, 22, 33], (0..40).step_by(4).collect()] {
        let (mut shell, ids) = held(40, |at| held_ones.contains(&at), 300);
        shell.run(20);
        assert_eq!(landed(&shell, &ids), 40 - held_ones.len(), "{held_ones:?}");
        shell.run(400);
        assert_eq!(landed(&shell, &ids), 40, "{held_ones:?}");
    }
}

#[test]
fn what_is_held_for_ever_ends_with_a_person() {
    let (mut shell, ids) = held(20, |_| true, 36_000);
    shell.run(2 * 3600);
    assert!(ids.iter().all(|id| shell.code(*id) == "review/lock_wait_exhausted"), "{:?}", shell.status(ids[7]));
    assert!(shell.target.count(Method::Put) < 130, "{}", shell.target.count(Method::Put));
}
