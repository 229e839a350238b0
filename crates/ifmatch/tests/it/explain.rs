//! `ifmatch explain`.

use crate::run::ifmatch;

#[test]
fn a_known_code_has_its_page() {
    let ran = ifmatch(&["explain", "review/true_conflict"]).expect(0);
    assert!(ran.out.starts_with('#') && ran.out.contains("true_conflict"), "{}", ran.out);
    let json = ifmatch(&["explain", "review/true_conflict", "--json"]).expect(0).json();
    assert_eq!(json["code"], "review/true_conflict");
    assert_eq!(json["page"].as_str().unwrap().trim_end(), ran.out.trim_end());
}

#[test]
fn an_unknown_code_is_2_with_the_nearest_ones() {
    let ran = ifmatch(&["explain", "review/true_conflct"]).expect(2);
    assert_eq!(ran.out, "");
    insta::assert_snapshot!(ran.err, @r#"
    error: no error has the code "review/true_conflct"
    hint: did you mean review/true_conflict, rejected/true_conflict?
    "#);
}

#[test]
fn all_codes_are_listed_one_a_line() {
    let out = ifmatch(&["explain"]).expect(0).out;
    assert!(out.lines().any(|line| line == "idempotency_mismatch"), "{out}");
    assert!(out.lines().all(|line| !line.contains(' ')), "{out}");
}
