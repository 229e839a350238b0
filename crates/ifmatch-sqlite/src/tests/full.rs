//! No space, and no right to write.

use super::*;
use ifmatch_store::StoreError;

fn unavailable<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    match result {
        Err(StoreError::Unavailable { cause }) => cause,
        other => panic!("it must be unavailable, not {other:?}"),
    }
}

#[test]
fn a_full_disk_refuses_and_the_store_goes_on_when_there_is_space() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    store.commit(&acme(), &intakes(1..=20)).unwrap();
    let pages: i64 = store.writer.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let limit = |store: &Sqlite, pages: i64| {
        store.writer.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(())).unwrap();
    };
    limit(&store, pages + 4);
    for _ in 0..3 {
        let cause = unavailable(store.commit(&acme(), &intakes(21..=120)));
        assert!(cause.contains("full"), "{cause}");
        assert_eq!(sound(&mut store), (1..=20).collect::<Vec<_>>());
    }
    // What fits is still taken.
    store.commit(&acme(), &[step(1, State::Accepted, State::Queued)]).unwrap();
    limit(&store, 1_000_000);
    store.commit(&acme(), &intakes(21..=120)).unwrap();
    assert_eq!(sound(&mut store).len(), 120);
    let path = store.path().to_owned();
    drop(store);
    assert_eq!(sound(&mut Sqlite::open(path).unwrap()).len(), 120);
}

#[test]
fn a_file_that_turns_read_only_refuses_and_goes_on_afterwards() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    store.commit(&acme(), &intakes(1..=1)).unwrap();
    // SQLite answers as for a read-only file, also where the tests run with every right.
    store.writer.pragma_update(None, "query_only", true).unwrap();
    unavailable(store.commit(&acme(), &intakes(2..=2)));
    assert_eq!(sound(&mut store), [1], "it can still be read");
    store.writer.pragma_update(None, "query_only", false).unwrap();
    store.commit(&acme(), &intakes(2..=2)).unwrap();
    assert_eq!(sound(&mut store), [1, 2]);
}

#[test]
fn a_folder_that_cannot_be_written_is_unavailable_and_named() {
    let folder = folder();
    let file = folder.path().join("file");
    std::fs::write(&file, "no folder").unwrap();
    for cause in [unavailable(Sqlite::open_in(&file)), unavailable(Sqlite::open(file.join("ifmatch.db")))] {
        assert!(cause.contains("file"), "{cause}");
    }
    // Nobody can make files here, whatever the rights of the tests.
    if cfg!(target_os = "linux") {
        let cause = unavailable(Sqlite::open_in("/proc/self"));
        assert!(cause.contains("/proc/self/ifmatch.db"), "{cause}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_data() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let data = folder.path().join("data");
    let mut store = Sqlite::open_in(&data).unwrap();
    store.commit(&acme(), &intakes(1..=1)).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
