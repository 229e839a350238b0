//! Test files are known by their declaration, folders by their files.

use super::*;

#[test]
fn what_is_declared_for_tests_is_test_code_with_all_below_it() {
    let tree = Tree::sample(&[
        ("crates/a/src/lib.rs", "mod plain;\n#[cfg(test)]\nmod rig;"),
        ("crates/a/src/rig.rs", ""),
        ("crates/a/src/rig/inner.rs", ""),
        ("crates/a/src/plain.rs", "#[cfg(test)]\nmod laws;"),
        ("crates/a/src/plain/laws.rs", ""),
        ("crates/a/src/plain/other.rs", ""),
        ("crates/a/tests/it/main.rs", ""),
        ("crates/a/examples/b.rs", ""),
    ]);
    let tests: Vec<&str> = tree.files().iter().filter(|file| file.test).map(|file| file.path.as_str()).collect();
    assert_eq!(
        tests,
        [
            "crates/a/src/rig.rs",
            "crates/a/src/rig/inner.rs",
            "crates/a/src/plain/laws.rs",
            "crates/a/tests/it/main.rs",
            "crates/a/examples/b.rs",
        ]
    );
}

#[test]
fn files_and_their_folders_exist_and_nothing_else() {
    let tree = Tree::sample(&[("docs/design/001-why.md", "")]);
    for path in ["docs", "docs/design", "docs/design/001-why.md"] {
        assert!(tree.has(path), "{path}");
    }
    for path in ["doc", "docs/des", "docs/design/002.md"] {
        assert!(!tree.has(path), "{path}");
    }
}

#[test]
fn a_file_that_is_no_text_has_no_lines() {
    let tree = Tree::of([("x.bin".to_owned(), vec![0xff, 0xfe])]);
    assert_eq!(tree.files()[0].lines().count(), 0);
}
