//! A wrong arrow and a crate without one are found.

use super::*;

const MANIFEST: &str = "[package]\nname = \"x\"\n\n[dependencies]\nifmatch-core.workspace = true\n";

fn check_graph(edges: &[(&str, &[&str])], expected: &[&str]) {
    let tree =
        Tree::sample(&[("crates/ifmatch-merge/Cargo.toml", MANIFEST), ("crates/ifmatch-new/Cargo.toml", MANIFEST)]);
    let graph = Graph::sample(edges);
    let found: Vec<String> =
        check(&tree, &graph).iter().chain(&check_pure(&tree, &graph)).map(Finding::short).collect();
    assert_eq!(found, expected);
}

#[test]
fn arrows_of_the_table_are_fine() {
    check_graph(
        &[
            ("ifmatch-merge", &["serde"]),
            ("ifmatch-core", &["ifmatch-merge"]),
            ("ifmatch-server", &["ifmatch-core", "tokio"]),
            ("ifmatch", &["ifmatch-server", "tokio"]),
        ],
        &[],
    );
}

#[test]
fn an_arrow_that_points_back_is_found_with_its_line() {
    check_graph(
        &[("ifmatch-merge", &["ifmatch-core"]), ("ifmatch-core", &["ifmatch-merge"])],
        &["crates/ifmatch-merge/Cargo.toml:5 `ifmatch-merge` depends on `ifmatch-core` against the arrows"],
    );
}

#[test]
fn xtask_depends_on_nothing_of_ours() {
    check_graph(
        &[("xtask", &["ifmatch-merge"]), ("ifmatch-merge", &[])],
        &["xtask/Cargo.toml:1 `xtask` depends on `ifmatch-merge` against the arrows"],
    );
}

#[test]
fn a_crate_that_nobody_placed_is_found() {
    check_graph(
        &[("ifmatch-new", &[])],
        &["crates/ifmatch-new/Cargo.toml:2 `ifmatch-new` is not in the table of arrows"],
    );
}

#[test]
fn a_pure_crate_that_links_io_over_three_steps_is_found() {
    check_graph(
        &[("ifmatch-merge", &["handy"]), ("handy", &["handier"]), ("handier", &["tokio"])],
        &[
            "crates/ifmatch-merge/Cargo.toml:1 `ifmatch-merge` is pure and links `tokio`: ifmatch-merge → handy → handier → tokio",
        ],
    );
}

#[test]
fn every_pure_crate_is_placed() {
    for name in PURE {
        assert!(ARROWS.iter().any(|(placed, _)| placed == name), "{name}");
    }
}
