//! A failing program is an error that names it.

use super::*;

#[test]
fn a_program_that_fails_is_named_with_its_code() {
    let error = pass(&mut program("sh", &["-c", "exit 7"])).unwrap_err();
    assert_eq!(error.to_string(), "`sh -c exit 7` ended with exit status: 7");
}

#[test]
fn a_program_that_is_missing_is_named() {
    let error = pass(&mut program("no-such-program-here", &[])).unwrap_err();
    assert_eq!(error.to_string(), "cannot start `no-such-program-here`");
}

#[test]
fn output_returns_what_was_printed_and_fails_like_pass() {
    assert_eq!(output(&mut program("sh", &["-c", "echo yes"])).unwrap(), "yes\n");
    let error = output(&mut program("sh", &["-c", "echo why >&2; exit 1"])).unwrap_err();
    assert_eq!(error.to_string(), "`sh -c echo why >&2; exit 1` ended with exit status: 1: why");
}
