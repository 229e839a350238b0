//! The schema, its versions, and which indexes the reads use.

use super::*;
use ifmatch_store::StoreError;

fn refused(prepare: &str) -> String {
    let folder = folder();
    let path = folder.path().join("ifmatch.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch(prepare).unwrap();
    match Sqlite::open(path) {
        Err(StoreError::Precondition { fact }) => fact,
        other => panic!("{prepare} must be refused, not {other:?}"),
    }
}

#[test]
fn newer_and_foreign_files_are_left_alone() {
    assert!(refused("CREATE TABLE customer (id)").contains("another program"));
    assert!(refused("PRAGMA application_id = 12").contains("another program"));
    let fact = refused("PRAGMA application_id = 0x69666d61; PRAGMA user_version = 999; CREATE TABLE x (y)");
    assert!(fact.contains("schema version 999"), "{fact}");
}

#[test]
fn opening_again_migrates_nothing() {
    let folder = folder();
    let schema = |store: &Sqlite| -> String {
        let sql = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema ORDER BY name)";
        store.writer.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let first = schema(&Sqlite::open_in(folder.path()).unwrap());
    let store = Sqlite::open_in(folder.path()).unwrap();
    assert_eq!(schema(&store), first);
    let version: i64 = store.writer.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}

#[test]
fn commits_are_synced() {
    let folder = folder();
    let store = Sqlite::open_in(folder.path()).unwrap();
    let text = |name: &str| store.writer.pragma_query_value(None, name, |row| row.get::<_, String>(0)).unwrap();
    let number = |name: &str| store.writer.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((text("journal_mode").as_str(), number("synchronous"), number("foreign_keys")), ("wal", 2, 0));
}

/// The plan of a query must search and never scan a table or sort.
fn check(sql: &str) {
    let folder = folder();
    let store = Sqlite::open_in(folder.path()).unwrap();
    let mut statement = store.writer.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps: Vec<String> =
        statement.query_map([], |row| row.get::<_, String>("detail")).unwrap().collect::<Result<_, _>>().unwrap();
    let plan = steps.join("; ");
    assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}: {plan}");
}

#[test]
fn a_start_searches_and_scans_nothing() {
    check("SELECT id, since FROM head WHERE org = 1 AND state = 'queued' ORDER BY place");
    check("SELECT place, record FROM attempt WHERE outcome IS NULL AND place BETWEEN 1 AND 2 ORDER BY place");
    check("SELECT place, key FROM dedupe WHERE place BETWEEN 1 AND 2 ORDER BY place");
    check("SELECT max(place) FROM head WHERE place BETWEEN 1 AND 2");
    check("SELECT key, value FROM keep WHERE org = 1 ORDER BY key");
}

#[test]
fn a_number_beyond_an_orgs_room_is_refused() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    let mut far = record(1);
    far.order = 1 << 40;
    let ops = vec![Op::Intake(Box::new(Intake::of(far)))];
    let refused = store.commit(&acme(), &[Commit { id: CommitId(1), ops }]);
    assert!(matches!(refused, Err(StoreError::Precondition { .. })), "{refused:?}");
}

#[test]
fn the_size_is_told() {
    let folder = folder();
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    let before = store.size().unwrap();
    store.commit(&acme(), &intakes(1..=200)).unwrap();
    let after = store.size().unwrap();
    assert!(after.database_bytes > before.database_bytes && after.log_bytes > 0, "{before:?} {after:?}");
}
