//! Each rule is broken once where it holds, and not where it is lifted.

use super::*;

fn check_source(path: &str, source: &str, expected: &[&str]) {
    let tree = Tree::sample(&[(path, source)]);
    let found: Vec<String> = check(&tree).iter().map(Finding::short).collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn sql_stands_in_the_drivers_only() {
    let source = "fn f() {\n    run(\"SELECT id FROM intents\");\n}";
    check_source(
        "crates/ifmatch-server/src/a.rs",
        source,
        &["crates/ifmatch-server/src/a.rs:2 SQL outside the drivers"],
    );
    check_source(
        "crates/ifmatch-server/tests/it/a.rs",
        source,
        &["crates/ifmatch-server/tests/it/a.rs:2 SQL outside the drivers"],
    );
    check_source("crates/ifmatch-sqlite/src/a.rs", source, &[]);
    check_source("crates/ifmatch-server/src/a.rs", "// SELECT a shift\nlet a = \"SELECTED\";", &[]);
}

#[test]
fn sql_is_found_in_raw_strings_that_span_lines() {
    check_source(
        "crates/ifmatch-core/src/a.rs",
        "const A: &str = r#\"\n  CREATE TABLE a (b)\n\"#;",
        &["crates/ifmatch-core/src/a.rs:1 SQL outside the drivers"],
    );
}

#[test]
fn clocks_are_read_in_one_file() {
    for word in ["SystemTime::now()", "std::time::Instant::now()", "Timestamp::now()", "jiff::Zoned::now()"] {
        let source = format!("fn f() {{ {word}; }}");
        check_source("crates/ifmatch-core/src/a.rs", &source, &["crates/ifmatch-core/src/a.rs:1 a clock read"]);
        check_source(
            "crates/ifmatch-server/src/routes/a.rs",
            &source,
            &["crates/ifmatch-server/src/routes/a.rs:1 a clock read"],
        );
        check_source("crates/ifmatch-server/src/clock.rs", &source, &[]);
        check_source("crates/ifmatch/src/a.rs", &source, &[]);
        check_source("crates/ifmatch-merge/benches/a.rs", &source, &[]);
    }
    check_source("crates/ifmatch-core/src/a.rs", "/// Not `Timestamp::now`.\nfn f() {}", &[]);
}

#[test]
fn the_environment_is_read_by_the_configuration() {
    let source = "fn f() {\n    std::env::var(\"A\");\n}";
    check_source(
        "crates/ifmatch-server/src/a.rs",
        source,
        &["crates/ifmatch-server/src/a.rs:2 a read of the environment"],
    );
    check_source("crates/ifmatch-server/src/config/file.rs", source, &[]);
    check_source(
        "crates/ifmatch-server/src/configured.rs",
        source,
        &["crates/ifmatch-server/src/configured.rs:2 a read of the environment"],
    );
    check_source("crates/ifmatch/src/a.rs", source, &[]);
    check_source(
        "crates/ifmatch-server/src/a.rs",
        "use std::env;\nenv!(\"A\");",
        &["crates/ifmatch-server/src/a.rs:1 a read of the environment"],
    );
}

#[test]
fn tests_inside_a_file_may_and_the_code_beside_them_may_not() {
    check_source(
        "crates/ifmatch-core/src/a.rs",
        "#[cfg(test)]\nfn rig() {\n    Instant::now();\n}\nfn f() {\n    Instant::now();\n}",
        &["crates/ifmatch-core/src/a.rs:6 a clock read"],
    );
}
