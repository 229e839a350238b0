//! `ifmatch audit verify`.

use crate::run::{Ran, command, finish, ifmatch};
use ifmatch_audit::{Chain, Kind};
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

/// An export of three records.
fn export() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = Chain::new("acme");
    let records =
        ["int_1", "int_2", "int_3"].map(|id| chain.append(Timestamp::UNIX_EPOCH, Kind::Intake, json!({ "id": id })));
    let lines: String = records.iter().map(|record| format!("{}\n", record.to_line())).collect();
    std::fs::write(folder.path().join("records.ndjson"), lines).unwrap();
    std::fs::write(folder.path().join("checkpoint"), chain.checkpoint().to_string()).unwrap();
    folder
}

fn verify(folder: &Path, more: &[&str]) -> Ran {
    let args = [&["audit", "verify", "."], more].concat();
    finish(&mut command(folder, &args))
}

#[test]
fn a_sound_log_is_0() {
    let folder = export();
    let ran = verify(folder.path(), &[]).expect(0);
    assert!(ran.out.starts_with("sound: 3 records of org acme, head "), "{}", ran.out);
    let json = verify(folder.path(), &["--json"]).expect(0).json();
    assert_eq!((&json["ok"], &json["size"]), (&json!(true), &json!(3)));
}

#[test]
fn a_log_that_was_touched_is_7_with_the_first_bad_record() {
    let folder = export();
    let file = folder.path().join("records.ndjson");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("int_2", "int_9")).unwrap();
    let ran = verify(folder.path(), &[]).expect(7);
    assert!(ran.out.starts_with("NOT sound: record 1: its hash must be "), "{}", ran.out);
    let json = verify(folder.path(), &["--json"]).expect(7).json();
    assert_eq!((&json["ok"], &json["index"]), (&json!(false), &json!(1)));
}

#[test]
fn a_log_that_was_cut_is_shown_by_a_checkpoint_kept_elsewhere() {
    let (folder, kept) = (export(), tempfile::tempdir().unwrap());
    let own = kept.path().join("checkpoint");
    std::fs::copy(folder.path().join("checkpoint"), &own).unwrap();
    let file = folder.path().join("records.ndjson");
    let text = std::fs::read_to_string(&file).unwrap();
    let cut: String = text.split_inclusive('\n').take(2).collect();
    std::fs::write(&file, cut).unwrap();
    verify(folder.path(), &["--checkpoint", own.to_str().unwrap()]).expect(7);
}

#[test]
fn what_is_no_export_is_2() {
    let ran = ifmatch(&["audit", "verify", "nowhere"]).expect(2);
    assert!(ran.err.contains("nowhere/checkpoint cannot be read"), "{}", ran.err);
    let folder = export();
    std::fs::write(folder.path().join("checkpoint"), "hello").unwrap();
    let ran = verify(folder.path(), &[]).expect(2);
    assert!(ran.err.contains("not a checkpoint"), "{}", ran.err);
}
