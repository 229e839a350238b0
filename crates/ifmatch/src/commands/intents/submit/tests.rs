//! Forms of the input, and answers that do not fit.

use super::*;
use http::StatusCode;

fn check_lines(text: &str, expected: &[&str]) {
    assert_eq!(input::lines(text).unwrap(), expected, "{text}");
}

#[test]
fn objects_arrays_and_lines_are_read() {
    check_lines("{\n \"a\": 1\n}\n", &[r#"{"a":1}"#]);
    check_lines("[{\"a\": 1}, {\"b\": 2}]", &[r#"{"a":1}"#, r#"{"b":2}"#]);
    check_lines("{\"a\": 1}\r\n\n{\"b\": 2}", &[r#"{"a": 1}"#, r#"{"b": 2}"#]);
    check_lines("\u{feff}{\"a\": 1}", &[r#"{"a":1}"#]);
}

#[test]
fn a_broken_line_is_left_for_the_gateway_to_refuse() {
    check_lines("{\"a\": 1}\n{oops\n", &[r#"{"a": 1}"#, "{oops"]);
}

#[test]
fn a_broken_document_is_refused_here() {
    for (text, message) in [
        ("{\n \"a\": 1,\n", "neither JSON"),
        ("id,score\n1,2", "neither JSON"),
        ("", "no intents"),
        ("[]", "no intents"),
    ] {
        let failure = input::lines(text).unwrap_err();
        assert!(failure.error.to_string().contains(message), "{text:?}: {}", failure.error);
        assert_eq!(failure.exit(), Exit::Usage);
    }
}

fn check_answer(status: u16, body: &str, expected: usize) -> Result<usize, String> {
    let answer = Answer { status: StatusCode::from_u16(status).unwrap(), body: body.to_owned().into() };
    per_line(&answer, expected).map(|answers| answers.len()).map_err(|failure| failure.error.to_string())
}

#[test]
fn there_must_be_an_answer_for_each_line() {
    let line = "{\"id\": \"int_1\"}\n";
    assert_eq!(check_answer(202, &line.repeat(2), 2), Ok(2));
    assert!(check_answer(202, line, 2).unwrap_err().contains("2 intents were sent and 1 results came"));
    assert!(check_answer(200, "<html>", 1).unwrap_err().contains("no list of results"));
    assert!(check_answer(503, "{\"title\": \"Overloaded\"}", 1).unwrap_err().contains("Overloaded"));
}

#[test]
fn lines_that_were_all_refused_are_results() {
    assert_eq!(check_answer(422, "{\"error\": {\"code\": \"unknown_org\"}}\n", 1), Ok(1));
    assert!(check_answer(422, "{\"title\": \"No\"}", 1).unwrap_err().contains("No"));
}

fn check_chunks(lines: &[String], expected: &[usize]) {
    let chunks = chunks(lines);
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), expected);
    assert_eq!(chunks.concat(), lines, "none is lost and the order holds");
}

#[test]
fn requests_are_bounded_in_lines_and_in_bytes() {
    check_chunks(&[], &[]);
    check_chunks(&vec!["{}".to_owned(); 1200], &[500, 500, 200]);
    check_chunks(&vec!["x".repeat(BYTES_MAX / 2); 3], &[1, 1, 1]);
    check_chunks(&["x".repeat(BYTES_MAX * 2), "{}".to_owned(), "{}".to_owned()], &[1, 2]);
}

#[test]
fn a_failure_in_the_middle_says_how_far_it_came() {
    let failure = stopped(Failure::remote("gone"), 500);
    assert_eq!(format!("{:#}", failure.error), "the first 500 intents were answered, then it stopped: gone");
    assert!(failure.hint.unwrap().contains("idempotency key"));
    assert_eq!(stopped(Failure::remote("gone"), 0).error.to_string(), "gone");
}
