//! Missing paths are found; patterns and other words are left alone.

use super::*;

fn check_text(path: &str, text: &str, expected: &[&str]) {
    let tree = Tree::sample(&[(path, text), ("crates/a/src/lib.rs", ""), ("samples/week.csv", "")]);
    let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_path_that_is_missing_is_found_in_every_kind_of_document() {
    for path in ["README.md", "ARCHITECTURE.md", "docs/STYLE.md", "docs/design/001-why.md"] {
        let expected = format!("{path}:2 `crates/a/src/gone.rs` is named and does not exist");
        check_text(path, "First.\nSee `crates/a/src/gone.rs` for it.", &[&expected]);
    }
    check_text(
        "docs/A.md",
        "`docs/B.md` and `samples/gone.csv`",
        &[
            "docs/A.md:1 `docs/B.md` is named and does not exist",
            "docs/A.md:1 `samples/gone.csv` is named and does not exist",
        ],
    );
}

#[test]
fn what_exists_is_fine_with_line_anchor_or_slash() {
    check_text("README.md", "`crates/a/src/lib.rs:12` `crates/a/` `samples/week.csv` `README.md`", &[]);
    check_text("docs/A.md", "`docs/A.md#part`", &[]);
}

#[test]
fn patterns_commands_and_other_files_are_left_alone() {
    check_text("README.md", "`crates/*/src` `docs/errors/<code>.md` `docs/{a,b}.md` `data/x.db`", &[]);
    check_text("README.md", "crates/gone without backticks", &[]);
    check_text("crates/a/notes.txt", "`crates/gone`", &[]);
}
