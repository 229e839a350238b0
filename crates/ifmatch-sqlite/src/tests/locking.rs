//! One file has one owner.

use super::*;
use ifmatch_store::StoreError;

#[test]
fn a_second_owner_is_told_who_holds_the_file() {
    let folder = folder();
    let mut first = Sqlite::open_in(folder.path()).unwrap();
    let Err(StoreError::Precondition { fact }) = Sqlite::open_in(folder.path()) else {
        panic!("a second owner must be refused");
    };
    assert!(fact.contains("already in use by another process"), "{fact}");
    assert!(fact.contains(&std::process::id().to_string()) && fact.contains("ifmatch.db"), "{fact}");
    first.commit(&acme(), &intakes(1..=1)).unwrap();
    drop(first);
    let mut second = Sqlite::open_in(folder.path()).unwrap();
    assert_eq!(sound(&mut second), [1]);
}

#[test]
fn a_lock_file_left_by_a_crash_is_no_lock() {
    let folder = folder();
    std::fs::write(folder.path().join("ifmatch.db.lock"), "4711\n").unwrap();
    assert!(Sqlite::open_in(folder.path()).is_ok());
}

#[test]
fn different_files_have_different_owners() {
    let folder = folder();
    let _one = Sqlite::open(folder.path().join("one.db")).unwrap();
    assert!(Sqlite::open(folder.path().join("two.db")).is_ok());
}

#[test]
fn a_reader_with_the_sqlite_tool_does_not_disturb() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    store.commit(&acme(), &intakes(1..=3)).unwrap();
    let tool = rusqlite::Connection::open(store.path()).unwrap();
    tool.execute_batch("BEGIN; SELECT * FROM head").unwrap();
    let count = || tool.query_row("SELECT count(*) FROM head", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(), 3);
    store.commit(&acme(), &intakes(4..=5)).unwrap();
    assert_eq!((count(), sound(&mut store).len()), (3, 5));
}
