//! The model has teeth: each broken rule is refuted by a trace, and so is each claim beyond the limits.

use super::SendModel;
use super::properties::{ENDS, LOST_EDIT, NEEDLESS, OVERTAKEN, STUCK, TWICE, UNFOUNDED, UNRECORDED, UNREPORTED};
use super::protocol::{Conflict, Guard, Protocol, RIGHT, Resend, Restart, Stale, Undecided};
use super::right::{NONE, guarded, unguarded};
use super::state::{Bounds, Edit, Wish};
use stateright::{Checker, HasDiscoveries, Model};

const FAULTS: Bounds = Bounds { edits: 2, crashes: 1, timeouts: 1, losses: 1, ..NONE };

/// A search finds a trace that breaks the property; the shortest one is printed.
fn check_refuted(name: &str, model: SendModel, property: &'static str) {
    let goal = HasDiscoveries::AnyOf([property].into());
    let checker = model.checker().finish_when(goal).spawn_bfs().join();
    let path = checker.discovery(property).unwrap_or_else(|| panic!("{name}: nothing breaks {property:?}"));
    let actions: Vec<String> = path.into_actions().iter().map(|action| format!("{action:?}")).collect();
    println!("{name}: not {property:?} after {}", actions.join(", "));
}

fn broken(protocol: Protocol) -> SendModel {
    let model = guarded(&[Wish::Set, Wish::Add], &[Edit::Other, Edit::Set, Edit::Undo], FAULTS);
    SendModel { protocol, ..model }
}

fn broken_unguarded(protocol: Protocol) -> SendModel {
    SendModel { guard: Guard::Nothing, ..broken(protocol) }
}

#[test]
fn sending_before_the_attempt_is_durable() {
    let protocol = Protocol { records_first: false, ..RIGHT };
    check_refuted("sent before durable", broken(protocol), UNRECORDED);
    check_refuted("sent before durable", broken(protocol), TWICE);
}

#[test]
fn resending_blindly_after_a_time_out() {
    let protocol = Protocol { resend: Resend::Blind, ..RIGHT };
    check_refuted("resent blindly", broken(protocol), LOST_EDIT);
    check_refuted("resent blindly", broken(protocol), TWICE);
}

#[test]
fn pasting_the_fresh_version_on_the_old_body() {
    let protocol = Protocol { resend: Resend::Pasted, ..RIGHT };
    check_refuted("version pasted", broken(protocol), LOST_EDIT);
}

#[test]
fn moving_the_base_on_send() {
    let protocol = Protocol { moves_base_on_send: true, ..RIGHT };
    check_refuted("base moved on send", broken(protocol), UNFOUNDED);
}

#[test]
fn taking_a_stale_answer_for_our_own_success() {
    check_refuted("stale is ours", broken(Protocol { stale_first: Stale::Ours, ..RIGHT }), UNFOUNDED);
    check_refuted("stale is ours, sent again", broken(Protocol { stale_again: Stale::Ours, ..RIGHT }), UNFOUNDED);
}

#[test]
fn taking_a_stale_answer_after_a_time_out_for_no_effect() {
    let protocol = Protocol { stale_again: Stale::MergeAgain, ..RIGHT };
    check_refuted("stale is not ours", broken(protocol), TWICE);
}

#[test]
fn guessing_where_the_record_cannot_tell() {
    check_refuted("undecided is no effect", broken(Protocol { undecided: Undecided::Again, ..RIGHT }), TWICE);
    check_refuted("undecided is landed", broken(Protocol { undecided: Undecided::Landed, ..RIGHT }), UNFOUNDED);
}

#[test]
fn forgetting_attempts_in_a_crash() {
    let protocol = Protocol { restart: Restart::Forgotten, ..RIGHT };
    check_refuted("attempts forgotten", broken(protocol), TWICE);
}

#[test]
fn forcing_a_conflict_or_asking_about_everything() {
    check_refuted("conflict forced", broken(Protocol { conflict: Conflict::Force, ..RIGHT }), LOST_EDIT);
    check_refuted("asked about everything", broken(Protocol { conflict: Conflict::ReviewAll, ..RIGHT }), NEEDLESS);
}

#[test]
fn waiting_for_ever_for_an_answer() {
    let protocol = Protocol { times_out: false, ..RIGHT };
    check_refuted("no time-out", broken(protocol), STUCK);
    check_refuted("no time-out", broken(protocol), ENDS);
}

#[test]
fn no_quarantine_where_no_version_guards() {
    let protocol = Protocol { quarantines: false, ..RIGHT };
    check_refuted("no quarantine, unguarded", broken_unguarded(protocol), OVERTAKEN);
    let content = SendModel { guard: Guard::Content, ..broken(protocol) };
    check_refuted("no quarantine, guarded by content", content, TWICE);
}

#[test]
fn versions_that_are_not_counted_where_they_are_not_checked() {
    let protocol = Protocol { counts_versions: false, ..RIGHT };
    check_refuted("versions not counted", broken_unguarded(protocol), UNREPORTED);
    check_refuted("versions not counted", broken_unguarded(protocol), TWICE);
}

// What follows breaks under the right protocol: the limits of what it claims.

#[test]
fn limit_a_doubled_request_whose_second_answer_arrives() {
    let bounds = Bounds { edits: 1, twins: 1, ..NONE };
    check_refuted("doubled, relative wish", guarded(&[Wish::Add], &[Edit::Other], bounds), TWICE);
    check_refuted("doubled and undone", guarded(&[Wish::Set], &[Edit::Undo], bounds), TWICE);
}

#[test]
fn limit_a_doubled_request_without_a_guard() {
    let bounds = Bounds { twins: 1, ..NONE };
    check_refuted("doubled, unguarded", unguarded(&[Wish::Set, Wish::Set], &[Edit::Other], bounds), OVERTAKEN);
}

#[test]
fn limit_a_foreign_edit_that_does_what_a_relative_wish_asks() {
    let bounds = Bounds { edits: 1, losses: 1, ..NONE };
    check_refuted("the same addition", guarded(&[Wish::Add], &[Edit::Add], bounds), UNFOUNDED);
}

#[test]
fn limit_no_guard_and_no_version() {
    let hidden = |edits: &[Edit]| SendModel { shows_versions: false, ..unguarded(&[Wish::Set], edits, FAULTS) };
    check_refuted("nothing shown", hidden(&[Edit::Other]), UNREPORTED);
    check_refuted("nothing shown, undone", hidden(&[Edit::Undo]), TWICE);
}
