//! Seeds that are run on every change.

use ifmatch_sim::run_seed;

#[test]
fn the_first_hundred_seeds_hold() {
    let bad: Vec<String> = (1..=100)
        .flat_map(|seed| {
            let report = run_seed(seed);
            report.violations.into_iter().map(move |violation| format!("seed {seed}: {violation:?}"))
        })
        .collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}
