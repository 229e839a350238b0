//! The right protocol holds in every reachable state.

use super::SendModel;
use super::protocol::{Guard, Protocol, RIGHT, Stale};
use super::state::{Bounds, Edit, State, Wish};
use stateright::{Checker, Model};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

pub(super) const NONE: Bounds = Bounds { edits: 0, crashes: 0, timeouts: 0, losses: 0, twins: 0, lags: 0 };
const EVERY_EDIT_BUT_ADD: [Edit; 3] = [Edit::Other, Edit::Set, Edit::Undo];

/// A resource guarded by a version.
pub(super) fn guarded(wishes: &[Wish], edits: &[Edit], bounds: Bounds) -> SendModel {
    let (wishes, edits) = (wishes.to_vec(), edits.to_vec());
    SendModel { guard: Guard::Version, shows_versions: true, wishes, edits, bounds, protocol: RIGHT }
}

/// A resource that shows a version and does not check it.
pub(super) fn unguarded(wishes: &[Wish], edits: &[Edit], bounds: Bounds) -> SendModel {
    SendModel { guard: Guard::Nothing, ..guarded(wishes, edits, bounds) }
}

pub(super) fn check_holds(name: &str, model: &SendModel) {
    let checker = model.clone().checker().threads(2).spawn_bfs().join();
    let (states, unique, depth) = (checker.state_count(), checker.unique_state_count(), checker.max_depth());
    println!("{name}: {states} steps, {unique} states, depth {depth}");
    assert!(checker.is_done());
    checker.assert_properties();
}

#[test]
fn sets_on_a_guarded_resource() {
    let bounds = Bounds { edits: 2, crashes: 1, timeouts: 2, losses: 1, ..NONE };
    check_holds("guarded, set and set", &guarded(&[Wish::Set, Wish::Set], &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn a_set_and_an_addition_on_a_guarded_resource() {
    let bounds = Bounds { edits: 2, crashes: 2, timeouts: 2, losses: 1, ..NONE };
    check_holds("guarded, set and add", &guarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn three_intents_on_a_guarded_resource() {
    let bounds = Bounds { edits: 1, crashes: 1, timeouts: 1, losses: 1, ..NONE };
    let wishes = [Wish::Set, Wish::Add, Wish::Set];
    check_holds("guarded, three intents", &guarded(&wishes, &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn three_foreign_edits_of_a_guarded_resource() {
    let bounds = Bounds { edits: 3, crashes: 1, timeouts: 1, losses: 1, ..NONE };
    check_holds("guarded, three edits", &guarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn lagging_reads_of_a_guarded_resource() {
    let bounds = Bounds { edits: 2, crashes: 1, timeouts: 1, losses: 1, lags: 2, ..NONE };
    check_holds("guarded, lagging reads", &guarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn doubled_requests_to_a_guarded_resource() {
    let bounds = Bounds { edits: 2, crashes: 1, timeouts: 1, losses: 1, twins: 1, ..NONE };
    let model = guarded(&[Wish::Set, Wish::Set], &[Edit::Other, Edit::Set], bounds);
    check_holds("guarded, doubled requests", &model);
}

#[test]
fn every_stale_answer_checked_for_our_own_success() {
    let bounds = Bounds { edits: 2, crashes: 1, timeouts: 1, losses: 1, twins: 1, ..NONE };
    let model = guarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds);
    let protocol = Protocol { stale_first: Stale::CheckFirst, ..RIGHT };
    check_holds("guarded, doubled requests, each refusal checked", &SendModel { protocol, ..model });
}

#[test]
fn an_unguarded_resource() {
    let bounds = Bounds { edits: 3, crashes: 2, timeouts: 2, losses: 1, ..NONE };
    check_holds("unguarded", &unguarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn three_intents_on_an_unguarded_resource() {
    let bounds = Bounds { edits: 2, crashes: 1, timeouts: 2, losses: 1, ..NONE };
    let wishes = [Wish::Set, Wish::Add, Wish::Set];
    check_holds("unguarded, three intents", &unguarded(&wishes, &EVERY_EDIT_BUT_ADD, bounds));
}

#[test]
fn a_resource_guarded_by_its_content() {
    let bounds = Bounds { edits: 3, crashes: 1, timeouts: 2, losses: 1, ..NONE };
    let model = unguarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds);
    check_holds("guarded by its content", &SendModel { guard: Guard::Content, ..model });
}

/// stateright judges `eventually` at states without a way on. That is exact where no way leads back:
/// then every run ends, with every fault spent or not.
#[test]
fn no_way_leads_back() {
    let bounds = Bounds { edits: 1, crashes: 1, timeouts: 1, losses: 1, twins: 1, lags: 1 };
    let model = guarded(&[Wish::Set, Wish::Add], &EVERY_EDIT_BUT_ADD, bounds);
    check_acyclic(&model);
    check_acyclic(&SendModel { guard: Guard::Nothing, ..model });
}

fn check_acyclic(model: &SendModel) {
    // Whether a state's ways on have all been walked.
    let mut walked: BTreeMap<u64, bool> = BTreeMap::new();
    let mut trail: Vec<(u64, Vec<State>)> = Vec::new();
    let mut open: Vec<State> = model.init_states();
    loop {
        while let Some(state) = open.pop() {
            let mut hasher = DefaultHasher::new();
            state.hash(&mut hasher);
            let print = hasher.finish();
            match walked.get(&print) {
                Some(true) => {}
                Some(false) => panic!("a way leads back to {state:?}"),
                None => {
                    walked.insert(print, false);
                    trail.push((print, std::mem::replace(&mut open, model.next_states(&state))));
                }
            }
        }
        let Some((print, rest)) = trail.pop() else { break };
        walked.insert(print, true);
        open = rest;
    }
    println!("no way leads back among {} states", walked.len());
}
