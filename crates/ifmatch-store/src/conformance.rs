//! The suite that every store must pass, run by each driver's tests.
//!
//! ```text
//! exercise(MemoryStore::new);
//! exercise_durable(|| Sqlite::open(fresh_path()), |store| { let path = …; drop(store); Sqlite::open(path) });
//! ```
//! The cases know the trait only. Those under `random` compare a store with a plain model over
//! thousands of operations, lawful and unlawful; everything they draw follows from a fixed seed.

mod attempts;
mod intents;
mod listing;
mod random;
mod resources;
mod samples;

use crate::contract::Store;
use crate::error::StoreError;
use ifmatch_audit::Verifier;
use ifmatch_core::{Commit, OrgName};

/// A store under test, and the way to close and open it again.
struct Subject<'a, S> {
    store: Option<S>,
    reopen: &'a mut dyn FnMut(S) -> S,
}

impl<S: Store> Subject<'_, S> {
    fn store(&mut self) -> &mut S {
        self.store.as_mut().expect("a subject has a store between its calls")
    }

    fn reopen(&mut self) {
        let store = self.store.take().expect("a subject has a store between its calls");
        self.store = Some((self.reopen)(store));
    }

    /// Commits a group that must be taken.
    fn commit(&mut self, org: &OrgName, commits: &[Commit]) {
        self.store().commit(org, commits).expect("a lawful group is taken");
    }

    /// Commits a group that must be refused, and must leave nothing behind.
    fn refused(&mut self, org: &OrgName, commits: &[Commit]) -> StoreError {
        let (recovery, log) = (self.store().recover(org), self.store().checkpoint(org));
        let error = self.store().commit(org, commits).expect_err("an unlawful group is refused");
        assert_eq!(self.store().recover(org), recovery, "a refused group leaves nothing behind");
        assert_eq!(self.store().checkpoint(org), log, "a refused group leaves no audit leaf");
        error
    }

    /// Checks the whole audit log of an org against its checkpoint; gives its length.
    fn verify_audit(&mut self, org: &OrgName) -> u64 {
        let checkpoint = self.store().checkpoint(org).expect("the log can be read");
        let mut verifier = Verifier::new(org.as_str());
        loop {
            let page = self.store().audit(org, verifier.size(), 97).expect("the log can be read");
            if page.is_empty() {
                break;
            }
            page.iter().for_each(|record| drop(verifier.check(record).expect("the log verifies")));
        }
        verifier.end(&checkpoint).expect("the log ends at its checkpoint");
        checkpoint.size
    }
}

/// Runs the suite. `factory` makes an empty store each time.
///
/// # Panics
/// The store breaks the contract; the message says where.
pub fn exercise<S: Store>(factory: impl FnMut() -> S) {
    exercise_durable(factory, |store| store);
}

/// Runs the suite against a store that outlives its process: `reopen` closes it and opens what it
/// left.
///
/// # Panics
/// The store breaks the contract; the message says where.
pub fn exercise_durable<S: Store>(mut factory: impl FnMut() -> S, mut reopen: impl FnMut(S) -> S) {
    let cases: &[fn(&mut Subject<'_, S>)] = &[
        intents::an_empty_org_is_empty,
        intents::what_is_taken_in_comes_back_as_it_was,
        intents::values_survive_exactly,
        intents::every_intake_and_transition_appends_one_leaf,
        intents::leaves_say_what_was_decided,
        intents::a_transition_from_another_state_is_refused,
        intents::an_intake_needs_a_new_id_and_a_free_place,
        intents::a_rename_moves_the_intent_only,
        intents::a_group_is_taken_as_a_whole_or_not_at_all,
        intents::later_operations_see_earlier_ones,
        intents::keys_come_back_also_of_settled_intents,
        intents::orgs_see_nothing_of_one_another,
        attempts::an_attempt_is_open_until_it_is_done,
        attempts::an_attempt_is_done_once,
        attempts::attempts_are_found_by_their_intents,
        resources::a_row_is_replaced_as_a_whole,
        resources::an_alias_is_kept_and_not_followed,
        resources::small_facts_are_kept_replaced_and_removed,
        resources::facts_apart_are_read_by_prefix_and_not_recovered,
        resources::a_note_is_a_leaf_and_nothing_else,
        resources::loading_keeps_the_order_asked_for,
        listing::every_filter_lets_through_what_it_says,
        listing::pages_join_without_gap_or_overlap,
        listing::counts_equal_the_listing,
        random::a_thousand_operations_agree_with_the_model,
    ];
    for case in cases {
        case(&mut Subject { store: Some(factory()), reopen: &mut reopen });
    }
}
