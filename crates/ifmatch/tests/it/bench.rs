//! The benches as a command. What a row measures depends on the machine, so no test asserts it.

use crate::run::ifmatch;

#[test]
fn a_row_has_the_members_that_programs_read() {
    let ran = ifmatch(&["bench", "--quick", "--json", "--only", "merge-median"]);
    let page = ran.json();
    let [row] = page["rows"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert_eq!(row["id"], "merge-median");
    let number = |name: &str| row[name].as_f64().unwrap();
    assert!((number("measured") / number("bound") - number("ratio")).abs() < 1e-5, "{row}");
    let [low, high] = [0, 1].map(|at| row["ci95"][at].as_f64().unwrap());
    assert!(low <= number("ratio") && number("ratio") <= high, "{row}");
    assert_eq!(row["ok"], number("ratio") <= number("limit"));
    assert_eq!(ran.code, if row["ok"] == true { 0 } else { 7 });
}

#[test]
fn people_get_a_table_with_the_method_of_each_row() {
    let ran = ifmatch(&["bench", "--quick", "--only", "merge-p99"]);
    assert!(ran.out.starts_with("row "), "{}", ran.out);
    assert!(ran.out.contains("\nmerge-p99: 99th percentile of "), "{}", ran.out);
}

#[test]
fn a_row_that_is_not_there_is_refused_with_those_that_are() {
    let ran = ifmatch(&["bench", "--only", "merge"]).expect(2);
    assert!(ran.err.contains("hint: the rows are accept-rate, accept-tail, merge-median"), "{}", ran.err);
}
