//! What a run of the simulator says.

use super::*;

#[test]
fn promises_and_judges_are_read_from_the_lines_of_violations() {
    let text = "SEED=1 SEEDS=1 VERSION=0.1.0\nseed 1 drew {\"seed\": 1}\nseed 1: P3 by once: int_1 took effect in entries {1, 2}\n\
                seed 1: needless by needless: int_2 in review/true_conflict: []\n";
    assert_eq!(violations(text), BTreeSet::from(["P3 by once".to_owned(), "needless by needless".to_owned()]));
    assert!(violations("warning: nothing here").is_empty());
}

#[test]
fn an_end_is_told_by_the_code_and_the_lines_before_it() {
    let mutant = Mutant::parse("m", std::path::Path::new("m.patch"), "# breaks it | P2 P3 | once | 20 seeds").unwrap();
    let check = |code: Option<i32>, text: &str| said(&mutant, code, text, Duration::ZERO);
    let caught = Trial::Caught { promise: "P3".to_owned(), seeds: 2, took: Duration::ZERO };
    assert_eq!(check(Some(7), "seed 1\nseed 2\nseed 2: P3 by once: twice\n"), caught);
    assert_eq!(check(Some(0), "seed 1\nseed 2\n"), Trial::Survived);
    let check_other = |seen: &str| {
        let other = Trial::Other { seen: BTreeSet::from([seen.to_owned()]) };
        assert_eq!(check(Some(0), &format!("seed 1\nseed 1: {seen}: lost\nseed 2\n")), other);
    };
    check_other("P1 by accounted");
    check_other("P3 by single_writer");
    assert!(matches!(check(Some(101), "seed 1\nthread panicked at x\n"), Trial::Stopped { seeds: 1, .. }));
    assert!(matches!(check(None, "seed 1\nseed 2\nseed 3\n"), Trial::Stopped { seeds: 3, .. }));
}
