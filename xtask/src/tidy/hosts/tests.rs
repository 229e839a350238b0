//! Other sources than crates.io are found.

use super::*;

fn check_file(path: &str, text: &str, expected: &[&str]) {
    let found: Vec<String> = check(&Tree::sample(&[(path, text)])).iter().map(Finding::short).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_lock_file_names_crates_io_only() {
    let line = format!("source = \"{CRATES_IO}\"");
    check_file("Cargo.lock", &line, &[]);
    check_file(
        "Cargo.lock",
        &format!("{line}\nsource = \"git+https://example.net/x\""),
        &["Cargo.lock:2 a package from `git+https://example.net/x`"],
    );
}

#[test]
fn the_settings_of_cargo_replace_nothing() {
    check_file(".cargo/config.toml", "[alias]\nxtask = \"run\"", &[]);
    for line in ["[source.crates-io]", "replace-with = \"near\"", "[registries.near]", "[registry]"] {
        let expected = format!(".cargo/config.toml:2 a package source of one machine: `{line}`");
        check_file(".cargo/config.toml", &format!("\n{line}"), &[&expected]);
    }
}
