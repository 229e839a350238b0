//! The simulator as a user runs it.

use crate::run::ifmatch;

#[test]
fn a_seed_has_the_same_log_byte_for_byte_in_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a", "b"].map(|name| {
        let out = folder.path().join(name);
        let logs = out.to_str().unwrap();
        ifmatch(&["sim", "run", "--seeds", "6", "--first-seed", "40", "--logs", logs]).expect(0);
        (40..46).map(|seed| std::fs::read_to_string(out.join(format!("{seed}.log"))).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(first, second);
    assert!(first.iter().all(|log| log.contains(" accept ")), "{first:?}");
}

#[test]
fn a_folder_for_logs_that_cannot_be_written_is_named() {
    let ran = ifmatch(&["sim", "run", "--seeds", "1", "--logs", "/dev/null/logs"]).expect(2);
    assert!(ran.err.contains("cannot write /dev/null/logs/") && ran.err.contains("hint: choose --logs"), "{}", ran.err);
}
