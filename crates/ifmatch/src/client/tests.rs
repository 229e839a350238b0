//! Which credentials are taken, and how a refusal reads.

use super::*;
use crate::exit::Exit;
use clap::Parser as _;
use http::StatusCode;

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

/// A command line with nothing but these flags.
#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    connect: Connect,
}

fn folder_with_token(token: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("operator-token"), token).unwrap();
    folder
}

#[test]
fn flags_go_before_the_environment_and_that_before_the_operator() {
    let folder = folder_with_token("s3cret\n");
    let both = environment(&[("IFMATCH_CLIENT_ID", "env"), ("IFMATCH_CLIENT_SECRET", "x")]);
    let flags = Connect {
        client_id: Some("flag".to_owned()),
        client_secret_file: Some(folder.path().join("operator-token")),
        ..Connect::default()
    };
    let source =
        |id: &str, secret: &str| Credentials::Source { client_id: id.to_owned(), client_secret: secret.to_owned() };
    assert!(Credentials::find(&flags, &both).unwrap() == source("flag", "s3cret"));
    assert!(Credentials::find(&Connect::default(), &both).unwrap() == source("env", "x"));
    // The secret of a client id that is named may come from the environment.
    let named = Line::try_parse_from(["ifmatch", "--client-id", "flag"]).unwrap().connect;
    assert!(Credentials::find(&named, &both).unwrap() == source("flag", "x"));
    let nothing = Credentials::find(&named, &environment(&[])).unwrap_err();
    assert_eq!(nothing.error.to_string(), "--client-id is set and IFMATCH_CLIENT_SECRET is not");
    let data = Connect { data: Some(folder.path().to_owned()), ..Connect::default() };
    let operator = Credentials::Operator { token: "s3cret".to_owned() };
    assert!(Credentials::find(&data, &both).unwrap() == operator);
    assert!(Credentials::find(&data, &environment(&[])).unwrap() == operator);
}

#[test]
fn credentials_that_are_missing_or_half_are_said_with_what_to_do() {
    let half = Credentials::find(&Connect::default(), &environment(&[("IFMATCH_CLIENT_ID", "x")])).unwrap_err();
    assert_eq!(half.error.to_string(), "IFMATCH_CLIENT_ID is set and IFMATCH_CLIENT_SECRET is not");
    let nowhere = Connect { data: Some("no-such-folder".into()), ..Connect::default() };
    let missing = Credentials::find(&nowhere, &environment(&[])).unwrap_err();
    assert!(missing.error.to_string().starts_with("no credentials: "), "{}", missing.error);
    assert!(missing.hint.as_ref().unwrap().contains("--client-id"));
    assert_eq!(missing.exit(), Exit::Usage);
    let empty = folder_with_token("\n");
    let data = Connect { data: Some(empty.path().to_owned()), ..Connect::default() };
    assert!(Credentials::find(&data, &environment(&[])).unwrap_err().error.to_string().ends_with("is empty"));
}

#[test]
fn secrets_are_not_shown() {
    let folder = folder_with_token("s3cret");
    let data = Connect { data: Some(folder.path().to_owned()), ..Connect::default() };
    assert_eq!(format!("{:?}", Credentials::find(&data, &environment(&[])).unwrap()), "operator");
}

#[test]
fn client_ids_are_encoded_before_they_are_joined() {
    assert_eq!(credentials::basic("a:b", "c d"), "Basic YSUzQWI6YyUyMGQ=");
}

#[test]
fn a_url_that_is_none_is_refused() {
    for (url, why) in [("127.0.0.1:8409", "must begin"), ("ftp://x", "must begin"), ("http://a b", "invalid uri")] {
        let failure = client(url).unwrap_err();
        assert!(failure.error.to_string().contains(why), "{url}: {}", failure.error);
        assert_eq!(failure.exit(), Exit::Usage);
    }
    assert!(client("http://127.0.0.1:1").is_ok());
}

fn check_refusal(status: u16, body: &str, message: &str, exit: Exit, hint: Option<&str>) {
    let answer = Answer { status: StatusCode::from_u16(status).unwrap(), body: body.to_owned().into() };
    let failure = answer.success().unwrap_err();
    assert_eq!(failure.error.to_string(), message);
    assert_eq!(failure.exit(), exit, "{message}");
    assert_eq!(failure.hint.as_deref(), hint, "{message}");
}

#[test]
fn a_problem_is_said_in_a_sentence() {
    check_refusal(
        422,
        r#"{"title": "Unknown org", "detail": "no org \"x\"", "field": "/resource/org", "code": "unknown_org"}"#,
        "Unknown org: no org \"x\" (at /resource/org)",
        Exit::Usage,
        Some("`ifmatch explain unknown_org` says more"),
    );
    check_refusal(401, r#"{"title": "No valid token"}"#, "No valid token", Exit::Usage, None);
    check_refusal(502, "<html>", "the gateway refuses with status 502 Bad Gateway", Exit::Unreachable, None);
    check_refusal(
        200,
        "<html>",
        "the gateway's answer is no JSON (expected value at line 1 column 1): is it a gateway?",
        Exit::Unreachable,
        None,
    );
}
