//! Orphans are found by their source and by their test's name.

use super::*;

const SOURCE: &str = "crates/a/src/tests.rs";

fn check_snapshot(name: &str, header: &str, expected: &[&str]) {
    let path = format!("crates/a/src/snapshots/{name}");
    let tree = Tree::sample(&[(SOURCE, "#[test]\nfn it_works() {}"), (&path, header)]);
    let found: Vec<String> = check(&tree).iter().map(|finding| finding.what.clone()).collect();
    assert_eq!(found, expected, "{name}");
}

#[test]
fn a_snapshot_of_a_test_that_exists_is_fine() {
    check_snapshot("a__tests__it_works.snap", "---\nsource: crates/a/src/tests.rs\n---\nx", &[]);
    check_snapshot("a__tests__it_works-2.snap", "---\nsource: \"crates/a/src/tests.rs\"\n---\nx", &[]);
}

#[test]
fn a_snapshot_without_its_test_its_source_or_any_is_an_orphan() {
    check_snapshot(
        "a__tests__it_broke.snap",
        "---\nsource: crates/a/src/tests.rs\n---\nx",
        &["an orphan snapshot: crates/a/src/tests.rs has no `it_broke`"],
    );
    check_snapshot(
        "a__tests__it_works.snap",
        "---\nsource: crates/a/src/gone.rs\n---\nx",
        &["an orphan snapshot: crates/a/src/gone.rs does not exist"],
    );
    check_snapshot("a__tests__it_works.snap", "x", &["a snapshot that names no source"]);
}
