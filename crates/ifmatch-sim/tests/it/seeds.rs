//! Seeds that are run on every change.

use ifmatch_sim::{Report, Reviews, run, run_seed, scenario};

/// The worlds hold. What their reviews were opened for.
fn check(seeds: u64, of: impl Fn(u64) -> Report) -> Reviews {
    let (mut bad, mut reviews) = (Vec::new(), Reviews::default());
    for seed in 1..=seeds {
        let report = of(seed);
        reviews.add(&report.tally.opened);
        bad.extend(report.violations.iter().map(|violation| format!("seed {seed}: {violation:?}")));
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    reviews
}

#[test]
fn the_first_hundred_seeds_hold_and_ask_nobody_in_vain() {
    let reviews = check(100, run_seed);
    assert!(reviews.overlaps > 500, "{reviews:?}");
    assert!(reviews.needless_per_overlap() <= Reviews::NEEDLESS_PER_OVERLAP_MAX, "{reviews:?}");
}

#[test]
fn the_first_backlogs_hold() {
    check(30, |seed| run(scenario::named("backlog", seed).expect("a named scenario")));
}

#[test]
fn the_first_trades_hold() {
    check(60, |seed| run(scenario::named("trades", seed).expect("a named scenario")));
}

#[test]
fn the_first_undone_hold() {
    check(60, |seed| run(scenario::named("undone", seed).expect("a named scenario")));
}

#[test]
fn the_first_unguarded_hold() {
    check(120, |seed| run(scenario::named("unguarded", seed).expect("a named scenario")));
}

#[test]
fn the_first_rekeyed_hold() {
    check(40, |seed| run(scenario::named("rekeyed", seed).expect("a named scenario")));
}
