//! The simulator itself: the same seed gives the same run, and a failure can be replayed.

use ifmatch_sim::{ReplayError, replay, run_seed};

#[test]
fn a_seed_runs_the_same_way_twice() {
    for seed in [3, 17, 58] {
        let (first, second) = (run_seed(seed), run_seed(seed));
        assert!(!first.log.lines.is_empty());
        assert_eq!(first.log.lines, second.log.lines, "seed {seed}");
        assert_eq!(first.tally, second.tally, "seed {seed}");
    }
}

#[test]
fn a_replay_file_goes_the_same_way_and_a_changed_one_is_told() {
    let report = run_seed(7);
    let mut file = serde_json::to_value(report.to_replay()).expect("a replay is JSON");
    assert_eq!(replay(&file.to_string()).expect("the same run").log.lines, report.log.lines);
    file["log"]["lines"][5] = "something else".into();
    assert!(matches!(replay(&file.to_string()), Err(ReplayError::Differs { line: 5, .. })));
    assert!(matches!(replay("{}"), Err(ReplayError::Unreadable(_))));
}
