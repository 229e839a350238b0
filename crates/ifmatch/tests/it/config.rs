//! `ifmatch config check` and `print`.

use crate::run::{Ran, command, finish};

const GOOD: &str = r#"
[[org]]
name = "acme"
dialect = "wfm-v2"
api_url = "https://api.example.net"
client_id = "gateway"
client_secret = "s3cret"

[[source]]
name = "servicenow"
org = "acme"
client_id = "snow"
client_secret_env = "SNOW_SECRET"
"#;

fn with_file(text: &str, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ifmatch.toml"), text).unwrap();
    finish(command(folder.path(), args).envs(variables.iter().copied()))
}

#[test]
fn a_good_file_is_found_and_its_warnings_are_said() {
    let ran = with_file(GOOD, &["config", "check"], &[("SNOW_SECRET", "x")]).expect(0);
    assert_eq!(ran.out, "ifmatch.toml: fine, 1 org(s), 1 source(s)\n");
    assert!(ran.err.starts_with("warning: org.0.client_secret stands in the configuration"), "{}", ran.err);
}

#[test]
fn without_a_file_the_defaults_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let ran = finish(&mut command(folder.path(), &["config", "check", "--json"])).expect(0);
    assert_eq!(ran.json(), serde_json::json!({"ok": true, "file": null, "orgs": 0, "sources": 0, "warnings": []}));
}

#[test]
fn an_error_says_file_field_and_what_to_do() {
    let ran = with_file(GOOD, &["config", "check"], &[]).expect(2);
    insta::assert_snapshot!(ran.err, @r"
    error: ifmatch.toml: source.0.client_secret_env: the environment variable SNOW_SECRET is not set
    hint: export SNOW_SECRET, or use client_secret_file
    ");
    assert_eq!(ran.out, "");
}

fn check_error(text: &str, words: &str) {
    let ran = with_file(text, &["config", "check"], &[]).expect(2);
    assert!(ran.err.contains(words), "{}", ran.err);
}

#[test]
fn what_is_wrong_is_named() {
    check_error("[server]\nlisten_to = 1", "server.listen_to: unknown field");
    check_error("[server", "ifmatch.toml: TOML parse error at line 1");
    check_error("[store]\nurl = \"redis://x\"", "store.url");
}

#[test]
fn a_file_that_is_missing_is_an_error_when_it_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let ran = finish(&mut command(folder.path(), &["config", "check", "--config", "other.toml"])).expect(2);
    assert!(ran.err.starts_with("error: other.toml: cannot be read"), "{}", ran.err);
}

#[test]
fn printing_names_origins_and_masks_secrets() {
    let variables = [("SNOW_SECRET", "t0p"), ("IFMATCH_LIMITS_MERGES_MAX", "5")];
    let ran = with_file(GOOD, &["config", "print"], &variables).expect(0);
    let line = |field: &str| ran.out.lines().find(|line| line.starts_with(field)).map(str::to_owned);
    assert!(line("limits.merges_max").unwrap().ends_with("env IFMATCH_LIMITS_MERGES_MAX"), "{}", ran.out);
    assert!(line("org.0.api_url").unwrap().ends_with("file ifmatch.toml"), "{}", ran.out);
    assert!(line("server.listen").unwrap().ends_with("default"), "{}", ran.out);
    assert!(!ran.out.contains("s3cret") && !ran.out.contains("t0p"), "{}", ran.out);
}

#[test]
fn the_defaults_are_a_file_to_start_from() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = finish(&mut command(folder.path(), &["config", "print", "--default"])).expect(0).out;
    assert!(defaults.contains("[server]"), "{defaults}");
    let ran = with_file(&defaults, &["config", "check"], &[]).expect(0);
    assert!(ran.out.starts_with("ifmatch.toml: fine"), "{}", ran.out);
}
