//! `/v1/files/{source}`: files of a source, sent over HTTP, and what became of them.

pub(crate) mod account;
pub(crate) mod list;
pub(crate) mod release;
pub(crate) mod send;
pub(crate) mod show;

use crate::app::{App, Principal};
use crate::config::SourceKind;
use crate::driver::OrgHandle;
use crate::files::{FileRecord, FilesDoor};
use crate::problem::Fault;
use ifmatch_sources::files::FileId;
use serde_json::{Value, json};

/// Records of files that are read at a time.
const PAGE: usize = 256;

/// The files of a source that the caller may see: its own, or any of its org where a person or the operator asks.
fn door<'a>(app: &'a App, principal: &Principal, source: &str) -> Result<(&'a FilesDoor, &'a OrgHandle), Fault> {
    let none = || Fault::NoFiles { name: source.chars().take(64).collect() };
    let door = app.files.get(source).ok_or_else(none)?;
    if let Principal::Source(account) = principal
        && (account.org != door.org || (account.name != door.source && account.kind != SourceKind::Person))
    {
        return Err(none());
    }
    let org = app.orgs.get(&door.org).ok_or(Fault::NotReady)?;
    if !org.is_ready() {
        return Err(Fault::NotReady);
    }
    Ok((door, org))
}

/// Every file of a source that is known, the newest first; those that wait for their turn before.
async fn records(door: &FilesDoor, org: &OrgHandle) -> Result<Vec<FileRecord>, Fault> {
    let (prefix, mut after, mut records) = (door.keys.files(), String::new(), Vec::new());
    loop {
        let (below, behind) = (prefix.clone(), after);
        let page = org.read(move |store, org| store.kept_below(org, &below, &behind, PAGE)).await?;
        let Some((last, _)) = page.last() else { break };
        after = last.clone();
        records.extend(page.into_iter().filter_map(|(_, value)| serde_json::from_value::<FileRecord>(value).ok()));
    }
    records.sort_by_key(|record| std::cmp::Reverse(if record.order == 0 { u64::MAX } else { record.order }));
    Ok(records)
}

/// A file by its id, or the newest of a name.
async fn find(door: &FilesDoor, org: &OrgHandle, file: &str) -> Result<FileRecord, Fault> {
    if let Some(id) = FileId::parse(file) {
        let key = door.keys.file(&id);
        let known = org.read(move |store, org| store.kept(org, &key)).await?;
        if let Some(record) = known.and_then(|value| serde_json::from_value(value).ok()) {
            return Ok(record);
        }
    }
    let found = records(door, org).await?.into_iter().find(|record| record.name == file);
    found.ok_or_else(|| Fault::UnknownFile { file: file.chars().take(200).collect() })
}

/// A file as it is shown: its record, with the rows so far while it is in work.
fn shown(door: &FilesDoor, record: &FileRecord) -> Value {
    let mut value = json!(record);
    if let Some((rows, totals)) = door.progress(&record.id).filter(|_| !record.has_ended()) {
        (value["rows_so_far"], value["totals"]) = (json!(rows), json!(totals));
    }
    value["source"] = json!(door.source);
    value["ended"] = json!(record.has_ended());
    value
}
