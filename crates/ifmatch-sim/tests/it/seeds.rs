//! Seeds that are run on every change.

use ifmatch_sim::{Report, run, run_seed, scenario};

fn check(seeds: u64, of: impl Fn(u64) -> Report) {
    let bad: Vec<String> = (1..=seeds)
        .flat_map(|seed| {
            let violations = of(seed).violations.into_iter();
            violations.map(move |violation| format!("seed {seed}: {violation:?}"))
        })
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn the_first_hundred_seeds_hold() {
    check(100, run_seed);
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
