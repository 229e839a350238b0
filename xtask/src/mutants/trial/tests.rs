//! What a run of the simulator says.

use super::*;

#[test]
fn promises_are_read_from_the_lines_of_violations() {
    let text = "SEED=1 SEEDS=1 VERSION=0.1.0\nseed 1 drew {\"seed\": 1}\nseed 1: P3: int_1 took effect in entries {1, 2}\n\
                seed 1: needless: int_2 in review/true_conflict: []\n";
    assert_eq!(promises(text), BTreeSet::from(["P3".to_owned(), "needless".to_owned()]));
    assert!(promises("warning: nothing here").is_empty());
}
