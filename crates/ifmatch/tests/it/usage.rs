//! Help, usage errors, and what is said when there is no gateway.

use crate::run::{Ran, command, finish, ifmatch};
use std::net::TcpListener;

#[test]
fn help_names_every_command_and_every_exit_code() {
    let ran = ifmatch(&["--help"]).expect(0);
    for word in [
        "serve", "sandbox", "intents", "pause", "resume", "status", "explain", "config", "sources", "audit", "lab",
        "probe", "observe",
    ] {
        assert!(ran.out.contains(&format!("\n  {word} ")), "{word}: {}", ran.out);
    }
    for code in 0..=7 {
        assert!(ran.out.contains(&format!("\n  {code}  ")), "{code}: {}", ran.out);
    }
    assert_eq!(ran.err, "");
}

#[test]
fn the_version_is_said() {
    assert_eq!(ifmatch(&["--version"]).expect(0).out, concat!("ifmatch ", env!("CARGO_PKG_VERSION"), "\n"));
}

fn check_usage(args: &[&str], words: &str) {
    let Ran { code, out, err } = ifmatch(args);
    assert_eq!((code, out.as_str()), (2, ""), "{args:?} {err}");
    assert!(err.contains(words), "{args:?}: {err}");
}

#[test]
fn wrong_command_lines_are_refused_with_2_on_standard_error() {
    check_usage(&[], "Usage: ifmatch");
    check_usage(&["serv"], "unrecognized subcommand 'serv'");
    check_usage(&["intents", "show"], "<ID>");
    check_usage(&["intents", "show", "../x"], "no id of an intent");
    check_usage(&["intents", "resolve", "int_1"], "--apply");
    check_usage(&["intents", "resolve", "int_1", "--apply", "--discard"], "cannot be used with");
    check_usage(&["intents", "resolve", "int_1", "--apply", "--choose", "score=local"], "begins with /");
    check_usage(&["intents", "submit", "--wait", "soon"], "not a number of seconds");
    check_usage(&["intents", "submit", "--detailed-exitcode"], "--wait");
    check_usage(&["intents", "list", "--client-id", "x"], "--client-secret-file");
    check_usage(&["pause", "--source", "a", "--kind", "b"], "cannot be used with");
    check_usage(&["pause", "--resource", "schedule/s-1"], "--org");
    check_usage(&["probe", "--record", "quality-score"], "not KIND/ID");
    check_usage(&["probe", "--yes", "--read-only"], "cannot be used with");
    check_usage(&["probe"], "the configuration has no org");
}

#[test]
fn inputs_that_cannot_be_read_are_refused_before_anything_is_sent() {
    check_usage(&["intents", "submit", "missing.json"], "missing.json cannot be read");
    check_usage(&["intents", "submit"], "the input has no intents");
}

#[test]
fn without_credentials_it_says_where_they_may_come_from() {
    let ran = ifmatch(&["intents", "list"]).expect(2);
    insta::assert_snapshot!(ran.err, @r"
    error: no credentials: ifmatch-data/operator-token cannot be read
      caused by: No such file or directory (os error 2)
    hint: give --client-id and --client-secret-file, or IFMATCH_CLIENT_ID and IFMATCH_CLIENT_SECRET, or name the gateway's data folder with --data
    ");
}

/// A port on which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_gateway_that_is_not_there_is_3() {
    let folder = tempfile::tempdir().unwrap();
    let url = nobody();
    let mut command = command(folder.path(), &["status", "--server", &url]);
    let ran = finish(command.env("IFMATCH_CLIENT_ID", "x").env("IFMATCH_CLIENT_SECRET", "y")).expect(3);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with(&format!("error: cannot reach the gateway at {url}\n")), "{}", ran.err);
    assert!(ran.err.contains("hint: start one with `ifmatch serve --sandbox`"), "{}", ran.err);
}

#[test]
fn failures_are_json_for_programs() {
    let ran = ifmatch(&["--json", "status"]).expect(2);
    let error: serde_json::Value = serde_json::from_str(&ran.err).unwrap();
    assert_eq!(error["error"]["kind"], "config");
    assert!(error["error"]["hint"].as_str().unwrap().contains("--client-id"));
}
