//! Absolute paths are found, parts of longer paths are not.

use super::*;

fn check_line(text: &str, expected: usize) {
    let tree = Tree::sample(&[("docs/A.md", text)]);
    assert_eq!(check(&tree).len(), expected, "{text}");
}

#[test]
fn every_beginning_is_found_wherever_a_path_can_begin() {
    for word in BEGINNINGS {
        for before in ["", " ", "`", "\"", "=", "(", "file:"] {
            check_line(&format!("x\n{before}{word}a"), 1);
        }
    }
}

#[test]
fn a_finding_names_the_line() {
    let text = format!("x\n{}a", BEGINNINGS[0]);
    assert_eq!(check(&Tree::sample(&[("a.toml", &text)]))[0].line, 2);
}

#[test]
fn parts_of_other_paths_are_left_alone() {
    for word in BEGINNINGS {
        for before in ["a", "./x", "https://example.net", "{}", ".", "~"] {
            check_line(&format!("{before}{word}a"), 0);
        }
    }
}
