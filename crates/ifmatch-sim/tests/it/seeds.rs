//! Two thousand drawn worlds, run on every change: every scenario, the hostile options drawn.

use ifmatch_sim::{Report, Reviews, run, run_seed, scenario};
use std::ops::RangeInclusive;

/// The worlds hold. What their reviews were opened for.
fn check(seeds: RangeInclusive<u64>, of: impl Fn(u64) -> Report) -> Reviews {
    let (mut bad, mut reviews) = (Vec::new(), Reviews::default());
    for seed in seeds {
        let report = of(seed);
        reviews.add(&report.tally.opened);
        bad.extend(report.violations.iter().map(|violation| format!("seed {seed}: {violation:?}")));
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    reviews
}

/// The same of worlds of whatever scenario each seed draws, which ask hardly anybody in vain.
fn check_drawn(seeds: RangeInclusive<u64>) {
    let reviews = check(seeds, run_seed);
    assert!(reviews.overlaps > 500, "{reviews:?}");
    assert!(reviews.needless_per_overlap() <= Reviews::NEEDLESS_PER_OVERLAP_MAX, "{reviews:?}");
}

/// A test for each part, so that the parts run beside one another.
macro_rules! worlds {
    ($($name:ident $scenario:literal $seeds:expr,)*) => {
        $(#[test] fn $name() {
            check($seeds, |seed| run(scenario::named($scenario, seed).expect("a named scenario")));
        })*
    };
}

macro_rules! drawn {
    ($($name:ident $seeds:expr,)*) => {
        $(#[test] fn $name() { check_drawn($seeds); })*
    };
}

drawn! {
    drawn_worlds_1_hold_and_ask_nobody_in_vain 1..=150,
    drawn_worlds_2_hold_and_ask_nobody_in_vain 151..=300,
    drawn_worlds_3_hold_and_ask_nobody_in_vain 301..=450,
    drawn_worlds_4_hold_and_ask_nobody_in_vain 451..=600,
}

worlds! {
    backlogs_hold "backlog" 1..=100,
    trades_hold "trades" 1..=200,
    undone_1_hold "undone" 1..=100,
    undone_2_hold "undone" 101..=200,
    unguarded_1_hold "unguarded" 1..=100,
    unguarded_2_hold "unguarded" 101..=200,
    rekeyed_1_hold "rekeyed" 1..=100,
    rekeyed_2_hold "rekeyed" 101..=200,
    pairs_1_hold "pairs" 1..=100,
    pairs_2_hold "pairs" 101..=200,
    silent_1_hold "silent" 1..=100,
    silent_2_hold "silent" 101..=200,
    platform_1_hold "platform" 1..=100,
    platform_2_hold "platform" 101..=200,
}
