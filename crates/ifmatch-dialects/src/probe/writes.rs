//! The experiments with one record: a read of it, a change that is put back, writes from older versions and from none.

mod batch;
mod change;
mod refusals;
mod uploads;

use super::Announcement;
use super::book::{Book, OF_RECORDS, record};
use super::line::Halt;
use super::record::{Naming, Record, Want};
use super::session::{Session, Sight};
use ifmatch_core::{Call, Class, Fact, Resource};
use serde_json::{Value, json};

/// All experiments with a record, and with another one of its kind where there is one.
pub(super) async fn experiments(session: &mut Session, book: &mut Book, resource: &Resource, other: Option<&Resource>) {
    let kind = resource.kind.clone();
    let read = match session.settle().await {
        Ok(()) => session.read(resource).await,
        Err(halt) => Err(halt),
    };
    let sight = match read {
        Ok(sight) => sight,
        Err(halt) => return book.halted(OF_RECORDS, Some(&kind), &halt),
    };
    look(session, book, &sight, &kind);
    let mut one = Record::new(session, resource, &sight);
    change::experiment(session, book, &mut one).await;
    let restored = one.restore(session).await;
    if restored {
        match one.uploaded {
            true => uploads::stale(session, book, &mut one).await,
            false => refusals::experiments(session, book, &mut one).await,
        }
        batch::experiment(session, book, &mut one, other).await;
        past(session, book, &one).await;
    }
    if one.touched {
        let restored = one.restore(session).await;
        book.touch(resource, restored);
    }
    locks(book, &one);
    let tried =
        if restored { "it was not tried" } else { "the record could not be put back, so nothing more was tried" };
    book.halted(OF_RECORDS, Some(&kind), &Halt::Seen(tried.to_owned()));
}

/// What a read tells.
fn look(session: &Session, book: &mut Book, sight: &Sight, kind: &str) {
    let Some(spec) = session.dialect.kind(kind) else { return };
    let value = &sight.snapshot.value;
    let place = |name: &str| match &value[name] {
        Value::Number(_) | Value::String(_) => Some(format!("/{name}")),
        Value::Object(inside) if inside.contains_key("version") => Some(format!("/{name}/version")),
        _ => None,
    };
    let places: Vec<String> = spec.version_fields.iter().filter_map(place).collect();
    let evidence = || vec![sight.answered.exchange.clone()];
    match places.is_empty() {
        true => book.unknown("version_place", Some(kind), "the record shows no version"),
        false => book.found("version_place", Some(kind), places, evidence()),
    }
    let header = sight.answered.response.header("etag").filter(|tag| !tag.is_empty());
    let style = match (header, sight.snapshot.version) {
        (None, _) => "none",
        (Some(_), _) if sight.snapshot.etag.is_none() => {
            return book.unknown("version_tag", Some(kind), "the tag of the answer is that of the document around it");
        }
        (Some(tag), _) if tag.starts_with("W/") => "weak",
        (Some(tag), Some(version)) if tag.trim_matches('"') == version.to_string() => "strong",
        _ => "opaque",
    };
    book.found("version_tag", Some(kind), style, evidence());
}

/// What is announced before a record is written.
pub(super) fn announce(session: &Session, one: &Record, want: Want, writes: u32, effect: String) -> Announcement {
    let request = session.preview(vec![one.item(want, &Naming::Current)]);
    let request = match one.uploaded {
        true => "upload of the schedule (address, PUT, POST …/update)".to_owned(),
        false => super::line::named(&request),
    };
    let undone = match (want, &one.mark) {
        (Want::Mark, Some(mark)) => {
            format!("{} is written back to {}", mark.pointer, mark.before())
        }
        _ => "nothing to undo: the record keeps its values".to_owned(),
    };
    Announcement { record: record(&one.resource), request, writes, effect, undone }
}

/// Reads the record as it was at its first version.
async fn past(session: &mut Session, book: &mut Book, one: &Record) {
    let kind = Some(one.resource.kind.as_str());
    if !session.dialect.keeps_versions(&one.resource.kind) {
        return;
    }
    let Some((version, _)) = one.older.first() else {
        return book.unknown("old_versions", kind, "no version is known that the record once had");
    };
    let call = Call::Past { resource: one.resource.clone(), version: *version };
    match session.call(&call).await {
        Ok((Some(Fact::Observed(snapshot)), answered)) => {
            let value = if snapshot.version == Some(*version) { "kept" } else { "not_kept" };
            let words = format!("asked for {version}, shown {}", number(snapshot.version));
            book.found("old_versions", kind, value, vec![answered.exchange.showing(words)]);
        }
        Ok((Some(Fact::Absent), answered)) => book.found("old_versions", kind, "not_kept", vec![answered.exchange]),
        Ok(_) => book.unknown("old_versions", kind, "the answer shows no record"),
        Err(halt) => book.halted(&["old_versions"], kind, &halt),
    }
}

/// The locks that were met.
fn locks(book: &mut Book, one: &Record) {
    let kind = Some(one.resource.kind.as_str());
    let longest = one.locks.iter().max_by_key(|(at_least, ..)| *at_least);
    let Some((at_least, _, _)) = longest else {
        return book.unknown("lock_hold_ms", kind, "no lock was met");
    };
    let mut value = json!({"at_least": at_least, "seen": one.locks.len()});
    if let Some(at_most) = one.locks.iter().filter_map(|(_, at_most, _)| *at_most).max() {
        value["at_most"] = json!(at_most);
    }
    book.found("lock_hold_ms", kind, value, one.locks.iter().map(|(.., exchange)| exchange.clone()).collect());
}

/// Whether a refusal may be one for the version that a write named.
pub(super) fn is_of_version(class: Class) -> bool {
    matches!(class, Class::Stale | Class::Bare | Class::BareShape | Class::Unclassified)
}

pub(super) fn number(version: Option<u64>) -> String {
    version.map_or_else(|| "none".to_owned(), |version| version.to_string())
}
