//! Behaviour of the reader of rows.

use super::*;
use proptest::prelude::*;
use serde_json::json;

const BOUNDS: Bounds = Bounds { row_bytes_max: 200, delimiter: b',' };

/// Every row or the code of its fault, and how it ended.
fn read(format: Format, text: &str) -> (Vec<Result<Value, &'static str>>, RowsEnd) {
    let mut rows = Rows::of(format, BOUNDS, text.as_bytes()).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next_row().unwrap() {
        let number = row.as_ref().map_or_else(|fault| fault.number, |row| row.number);
        found.push(row.map(|row| row.value).map_err(|fault| fault.error.code));
        assert_eq!(number, found.len() as u64);
    }
    (found, rows.end())
}

#[track_caller]
fn check(format: Format, text: &str, expected: &[Result<Value, &'static str>], cut: bool) {
    let (found, end) = read(format, text);
    assert_eq!(found, expected, "{text:?}");
    assert_eq!(end, RowsEnd { rows: expected.len() as u64, cut }, "{text:?}");
}

#[test]
fn lines_are_objects_and_a_bad_one_stops_nobody() {
    let text = "\u{feff}{\"a\": 1}\r\n\n  \nnonsense\n[1]\n{\"a\": 2}";
    check(
        Format::Ndjson,
        text,
        &[Ok(json!({"a": 1})), Err("invalid_json"), Err("invalid_json"), Ok(json!({"a": 2}))],
        false,
    );
    check(Format::SchedulerWeek, "", &[], false);
    check(Format::Ndjson, "\n", &[], false);
}

#[test]
fn a_last_row_that_breaks_off_is_told() {
    check(Format::Ndjson, "{\"a\": 1}\n{\"a\": ", &[Ok(json!({"a": 1})), Err("invalid_json")], true);
    check(Format::Ndjson, "{\"a\": 1}\n{\"a\": \n", &[Ok(json!({"a": 1})), Err("invalid_json")], false);
    check(Format::Csv, "a,b\n1,2\n3", &[Ok(json!({"a": "1", "b": "2"})), Err("malformed_row")], true);
    check(Format::Csv, "a,b\n1,2\n3\n", &[Ok(json!({"a": "1", "b": "2"})), Err("malformed_row")], false);
    check(Format::Csv, "a,b\n1,2\n3,4", &[Ok(json!({"a": "1", "b": "2"})), Ok(json!({"a": "3", "b": "4"}))], false);
}

#[test]
fn a_row_beyond_its_bound_is_refused_and_not_kept() {
    let long = format!("{{\"a\": \"{}\"}}\n{{\"a\": 1}}\n", "x".repeat(70_000));
    check(Format::Ndjson, &long, &[Err("too_large"), Ok(json!({"a": 1}))], false);
    let open = format!("a,b\n1,2\n\"{}", "x,y\n".repeat(70_000));
    check(Format::Csv, &open, &[Ok(json!({"a": "1", "b": "2"})), Err("too_large")], true);
}

#[test]
fn columns_have_names_and_quotes() {
    let text = "\u{feff}id, score ,note\r\n7,85,\"well, \"\"very\"\" well\"\r\n\r\n8,,\n";
    let rows = [
        Ok(json!({"id": "7", "score": "85", "note": "well, \"very\" well"})),
        Ok(json!({"id": "8", "score": "", "note": ""})),
    ];
    check(Format::Csv, text, &rows, false);
    let bounds = Bounds { delimiter: b';', ..BOUNDS };
    let mut rows = Rows::of(Format::Csv, bounds, "a;b\n1;2\n".as_bytes()).unwrap();
    assert_eq!(rows.next_row().unwrap().unwrap().unwrap().value, json!({"a": "1", "b": "2"}));
}

#[test]
fn a_heading_that_is_none_refuses_the_file() {
    let error = |text: &str| Rows::of(Format::Csv, BOUNDS, text.as_bytes()).unwrap_err().to_string();
    assert_eq!(error("a,b,a\n1,2,3\n"), "the heading has the column \"a\" twice");
    assert_eq!(error(",,\n1,2,3\n"), "the first line names no columns");
}

proptest! {
    #[test]
    fn whatever_is_written_comes_back_row_by_row(cells in prop::collection::vec(("[a-z\", \n]{0,8}", "[0-9;é]{0,4}"), 0..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["one", "two"]).unwrap();
        cells.iter().for_each(|(one, two)| writer.write_record([one, two]).unwrap());
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let expected: Vec<_> = cells.iter().map(|(one, two)| Ok(json!({"one": one, "two": two}))).collect();
        prop_assert_eq!(read(Format::Csv, &text).0, expected.clone());
        let lines: String = expected.iter().map(|row| format!("{}\n", row.as_ref().unwrap())).collect();
        prop_assert_eq!(read(Format::Ndjson, &lines).0, expected);
    }

    #[test]
    fn no_bytes_make_it_panic(text in ".{0,300}") {
        read(Format::Ndjson, &text);
        if let Ok(mut rows) = Rows::of(Format::Csv, BOUNDS, text.as_bytes()) {
            while rows.next_row().unwrap().is_some() {}
        }
    }
}
