//! I01 and I05 as scenarios: no violation, and the ends that the samples' page demands.

use ifmatch_core::State;
use ifmatch_sim::{Report, run, scenario};

fn check(name: &str, seed: u64) -> Report {
    let report = run(scenario::named(name, seed).expect("a named scenario"));
    assert!(report.violations.is_empty(), "{name} seed {seed}: {:#?}", report.violations);
    report
}

#[test]
fn i01_lands_every_review_once_and_keeps_the_reviewers_scores() {
    for seed in 1..=5 {
        let report = check("i01", seed);
        let accepted: u64 = report.tally.states.values().sum();
        // 207 bodies, 182 keys.
        assert_eq!(accepted, 182, "seed {seed}: {:?}", report.tally.states);
        assert!(report.tally.count(State::Landed) > 60, "seed {seed}: {:?}", report.tally.states);
        // The second review of each of the two pairs that share a natural key.
        assert!(report.tally.reviews.contains_key("review/natural_key_taken"), "{:?}", report.tally.reviews);
    }
}

#[test]
fn i05_never_runs_two_publishes_and_the_loop_ends() {
    for seed in 1..=5 {
        let report = check("i05", seed);
        assert_eq!(report.tally.count(State::Review), 0, "seed {seed}: {:?}", report.tally);
        let open: u64 = report.tally.states.iter().filter(|(state, _)| !state.is_terminal()).map(|(_, n)| n).sum();
        assert_eq!(open, 0, "seed {seed}: {:?}", report.tally.states);
    }
}
