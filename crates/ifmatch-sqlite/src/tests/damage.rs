//! A damaged row is named, and nothing else suffers.

use super::*;
use ifmatch_core::{AttemptId, AttemptRecord, Call, Method, Request, ResourceRow};
use ifmatch_store::{ListFilter, StoreError};

fn filled(folder: &TempDir) -> Sqlite {
    let mut store = Sqlite::open_in(folder.path()).unwrap();
    let attempt = AttemptRecord {
        id: AttemptId(7),
        call: Call::Write(Vec::new()),
        request: Request::bare(Method::Put, "/api").into(),
        intents: vec![id(2)],
        shares: [].into(),
        at: now(),
        horizon: now(),
        resends: 0,
        refused: false,
        taken: false,
    };
    let resource = record(1).resource;
    let ops = vec![
        Op::Attempt(attempt.into()),
        Op::Resource(ResourceRow::new(resource.clone()).into()),
        Op::Alias { from: record(9).resource, to: resource },
        Op::Keep { key: "gate".to_owned(), value: Some(json!(1)) },
    ];
    store.commit(&acme(), &intakes(1..=3)).unwrap();
    store.commit(&acme(), &[Commit { id: CommitId(9), ops }, step(2, State::Accepted, State::Queued)]).unwrap();
    store
}

/// Damages the file with a statement; `read` must then name the table, the column and the row.
fn check<T>(
    damage: &str,
    (table, column, row): (&str, &str, &str),
    read: impl FnOnce(&mut Sqlite) -> Result<T, StoreError>,
) {
    let folder = folder();
    let mut store = filled(&folder);
    assert_eq!(store.writer.execute(damage, []).unwrap(), 1, "{damage}");
    match read(&mut store) {
        Err(StoreError::Inconsistent { table: t, column: c, row: r, .. }) => {
            assert_eq!((t, c, r.as_str()), (table, column, row), "{damage}");
        }
        Err(other) => panic!("{damage}: {other}"),
        Ok(_) => panic!("{damage}: nobody noticed"),
    }
    assert!(store.commit(&acme(), &intakes(20..=20)).is_ok(), "other rows can still be written");
}

#[test]
fn a_damaged_intent_is_named() {
    let (first, second) = (id(1).to_string(), id(2).to_string());
    let of_second = "WHERE (place & 1099511627775) = 2";
    check(
        "UPDATE intent SET record = substr(record, 1, 40) WHERE (place & 1099511627775) = 1",
        ("intent", "record", &first),
        |store| store.intent(&acme(), id(1)),
    );
    check(&format!("DELETE FROM intent {of_second}"), ("intent", "record", &second), |store| {
        store.list(&acme(), &ListFilter::default())
    });
    check(
        &format!(
            "UPDATE intent SET record = (SELECT record FROM intent WHERE (place & 1099511627775) = 3) {of_second}"
        ),
        ("intent", "record", &second),
        |store| store.load(&acme(), &[], &[id(2)]),
    );
    check(&format!("UPDATE head SET status = '[]' {of_second}"), ("head", "status", &second), |store| {
        store.intent(&acme(), id(2))
    });
    check(&format!("UPDATE head SET state = 'parked' {of_second}"), ("head", "state", &second), |store| {
        store.intent(&acme(), id(2))
    });
    check(&format!("UPDATE head SET state = 'gone' {of_second}"), ("head", "state", &second), |store| {
        store.commit(&acme(), &[step(2, State::Queued, State::Planned)])
    });
}

#[test]
fn a_damaged_row_is_named_at_the_start() {
    let second = id(2).to_string();
    let recover = |store: &mut Sqlite| store.recover(&acme());
    let of_second = "WHERE (place & 1099511627775) = 2";
    check(&format!("UPDATE head SET since = 'soon' {of_second}"), ("head", "since", &second), recover);
    check(&format!("UPDATE head SET class = 'urgent' {of_second}"), ("head", "class", &second), recover);
    check(&format!("UPDATE head SET resource = '{{}}' {of_second}"), ("head", "resource", &second), recover);
    check(&format!("UPDATE dedupe SET key = x'00' {of_second}"), ("dedupe", "key", "2"), recover);
    check("UPDATE attempt SET record = '{'", ("attempt", "record", "7"), recover);
    check("UPDATE keep SET value = ''", ("keep", "value", "gate"), recover);
    let name = serde_json::to_string(&record(9).resource).unwrap();
    check("UPDATE alias SET target = 'qs-1'", ("alias", "target", &name), recover);
}

#[test]
fn damage_elsewhere_is_named_when_it_is_read() {
    check("UPDATE resource_row SET value = 'null'", ("resource_row", "value", "quality-score/id/qs-1"), |store| {
        store.row(&acme(), &record(1).resource)
    });
    check("UPDATE tally SET intents = -1 WHERE state = 'queued'", ("tally", "intents", "1"), |store| {
        store.counts(&acme())
    });
    check("UPDATE attempt SET outcome = 'fine'", ("attempt", "outcome", "7"), |store| {
        store.attempts_of(&acme(), id(2))
    });
    check("UPDATE audit_leaf SET hash = x'' WHERE (place & 1099511627775) = 1", ("audit_leaf", "hash", "1"), |store| {
        store.audit(&acme(), 0, 10)
    });
}

#[test]
fn a_changed_leaf_breaks_the_log_at_its_place() {
    let folder = folder();
    let mut store = filled(&folder);
    let sql = "UPDATE audit_leaf SET leaf = replace(leaf, 'servicenow', 'zendesk') WHERE (place & 1099511627775) = 2";
    assert_eq!(store.writer.execute(sql, []).unwrap(), 1);
    let mut verifier = ifmatch_audit::Verifier::new("acme");
    let records = store.audit(&acme(), 0, 10).unwrap();
    let fault = records.iter().find_map(|record| verifier.check(record).err()).expect("it must be found");
    assert_eq!(fault.index, 2);
}

#[test]
fn a_file_that_is_no_database_is_inconsistent() {
    let folder = folder();
    let path = folder.path().join("ifmatch.db");
    std::fs::write(&path, "not a database, and long enough to be looked at ".repeat(100)).unwrap();
    assert!(matches!(Sqlite::open(path), Err(StoreError::Inconsistent { .. })));
}
