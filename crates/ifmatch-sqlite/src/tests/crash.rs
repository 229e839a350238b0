//! What a crash leaves in the file.

use super::*;
use std::path::Path;

/// Copies the files as a crash would leave them; the write-ahead log cut to a length if given.
fn copy(store: &Sqlite, to: &Path, log_bytes: Option<usize>) -> Sqlite {
    let copied = to.join("copied.db");
    std::fs::copy(store.path(), &copied).unwrap();
    let mut log = std::fs::read(store.path().with_extension("db-wal")).unwrap();
    log.truncate(log_bytes.unwrap_or(log.len()));
    std::fs::write(copied.with_extension("db-wal"), log).unwrap();
    Sqlite::open(copied).unwrap()
}

#[test]
fn what_was_acknowledged_survives_a_crash() {
    let (folder, left) = (folder(), folder());
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    store.commit(&acme(), &intakes(1..=5)).unwrap();
    store.commit(&acme(), &[step(2, State::Accepted, State::Landed)]).unwrap();
    let mut after = copy(&store, left.path(), None);
    assert_eq!(sound(&mut after), [1, 3, 4, 5]);
    after.commit(&acme(), &intakes(6..=6)).unwrap();
    assert_eq!(sound(&mut after), [1, 3, 4, 5, 6]);
    assert_eq!(sound(&mut store), [1, 3, 4, 5], "the copy is another store");
}

#[test]
fn a_torn_log_leaves_whole_groups() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    let log = |store: &Sqlite| usize::try_from(store.size().unwrap().log_bytes).unwrap();
    let mut ends = vec![(log(&store), 0)];
    for group in 0..4 {
        store.commit(&acme(), &intakes(group * 10 + 1..=group * 10 + 10)).unwrap();
        ends.push((log(&store), group * 10 + 10));
    }
    let whole = log(&store);
    let cuts = (0..40).map(|at| whole - whole * at / 40).chain(ends.iter().flat_map(|(end, _)| [*end, end - 1]));
    for cut in cuts.filter(|cut| *cut >= ends[0].0) {
        let left = super::folder();
        let mut after = copy(&store, left.path(), Some(cut));
        let expected = ends.iter().rev().find(|(end, _)| *end <= cut).map_or(0, |(_, last)| *last);
        assert_eq!(sound(&mut after), (1..=expected).collect::<Vec<_>>(), "log cut at {cut} of {whole}");
    }
}

#[test]
fn a_group_under_way_leaves_nothing() {
    let (folder, left) = (folder(), folder());
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    store.commit(&acme(), &intakes(1..=3)).unwrap();
    // A transaction so large that its pages spill into the log before it is committed.
    store.writer.pragma_update(None, "cache_size", 10).unwrap();
    store.writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    for place in 0..2_000 {
        let text = "x".repeat(1_000);
        store.writer.execute("INSERT INTO intent (place, record) VALUES (?1, ?2)", (place, text)).unwrap();
    }
    assert!(store.size().unwrap().log_bytes > 1_000_000, "the pages must be in the log");
    let mut after = copy(&store, left.path(), None);
    let stray: i64 = after.writer.query_row("SELECT count(*) FROM intent", [], |row| row.get(0)).unwrap();
    assert_eq!((stray, sound(&mut after)), (3, vec![1, 2, 3]));
}

#[test]
fn closing_moves_the_log_into_the_database() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    for group in 0..60 {
        store.commit(&acme(), &intakes(group * 100 + 1..=group * 100 + 100)).unwrap();
    }
    let path = store.path().to_owned();
    drop(store);
    assert!(!path.with_extension("db-wal").exists(), "closing leaves one file");
    let mut store = Sqlite::open(path).unwrap();
    assert_eq!(sound(&mut store).len(), 6_000);
}
