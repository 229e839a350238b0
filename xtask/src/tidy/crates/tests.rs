//! A crate that the map leaves out is found.

use super::*;

fn check_map(files: &[(&str, &str)], expected: &[&str]) {
    let graph = Graph::sample(&[("ifmatch", &[]), ("ifmatch-core", &[])]);
    let found: Vec<String> = check(&Tree::sample(files), &graph).iter().map(Finding::short).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_crate_must_be_named_by_itself() {
    check_map(&[("ARCHITECTURE.md", "`ifmatch` and `crates/ifmatch-core`")], &[]);
    check_map(&[("ARCHITECTURE.md", "`ifmatch-core`")], &["ARCHITECTURE.md:1 the crate `ifmatch` is not named"]);
}

#[test]
fn without_a_map_there_is_nothing_to_compare() {
    check_map(&[("README.md", "")], &[]);
}
