//! The experiments with one record: a read of it, a change that is put back, writes from older versions and from none.

mod batch;
mod refusals;
mod uploads;

use super::Announcement;
use super::book::{Book, OF_RECORDS, record};
use super::line::Halt;
use super::manner;
use super::record::{Naming, Record, Span, Want, refused};
use super::session::{Session, Sight};
use ifmatch_core::{Call, Class, Fact, Guard, Resource, Snapshot};
use serde_json::{Value, json};

/// How often the mark is set and taken away.
const ROUNDS: usize = 3;

/// What the change of a record tells.
const OF_CHANGE: &[&str] = &["write_answer", "version_step", "monotonic", "read_lag_ms", "reads_go_back"];

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
    let outcome = change(session, book, &mut one).await;
    let restored = one.restore(session).await;
    if let Err(halt) = outcome {
        book.halted(OF_CHANGE, Some(&kind), &halt);
        let uploaded = one.uploaded.then_some("processing_ms");
        let inside = manner::document(session.dialect.name(), resource).map(|_| "document_raised");
        let more: Vec<&str> = uploaded.into_iter().chain(inside).collect();
        book.halted(&more, Some(&kind), &halt);
    }
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
    let place = |name: &&'static str| match &value[*name] {
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
            let from = mark.from.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
            format!("{} is written back to {from}", mark.pointer)
        }
        _ => "nothing to undo: the record keeps its values".to_owned(),
    };
    Announcement { record: record(&one.resource), request, writes, effect, undone }
}

/// Changes one field and puts it back, a few times.
async fn change(session: &mut Session, book: &mut Book, one: &mut Record) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let kind = Some(kind.as_str());
    let Some(mark) = one.mark.clone() else {
        return Err(Halt::Seen("nothing in the record can be changed and put back without effect".to_owned()));
    };
    let times = u32::try_from(ROUNDS * 2).unwrap_or_default();
    let effect = format!("sets {} to {} and back, {ROUNDS} times", mark.pointer, mark.to);
    session.consent(announce(session, one, Want::Mark, times, effect)).await?;

    let document = manner::document(session.dialect.name(), &one.resource);
    let before = match &document {
        Some(document) => Some(session.read(document).await?),
        None => None,
    };
    let (mut lag, mut went_back, mut grew, mut evidence) = (Span::default(), false, true, Vec::new());
    let mut answer = "nothing";
    let mut seen = 0_u64;
    for want in [Want::Mark, Want::Unmark].into_iter().cycle().take(ROUNDS * 2) {
        let old = one.current.version;
        let (fact, wrote) = one.put(session, want).await?;
        let found = match &fact {
            Fact::Written(written) => {
                answer = match (written.shown, written.snapshot.version) {
                    (true, _) => "record",
                    (false, Some(_)) => "version",
                    _ => "nothing",
                };
                let written = written.snapshot.version;
                let shows = |snapshot: &Snapshot| match written {
                    Some(written) => snapshot.version >= Some(written),
                    None => mark.is_in(&snapshot.value) == (want == Want::Mark),
                };
                one.until(session, &wrote, shows).await?
            }
            Fact::Processing(_) => {
                answer = "later";
                let shows = |snapshot: &Snapshot| mark.is_in(&snapshot.value) == (want == Want::Mark);
                one.until(session, &wrote, shows).await?
            }
            Fact::Refused(evidence) => return Err(refused(evidence)),
            other => return Err(Halt::Seen(format!("a write was answered by {other:?}"))),
        };
        let new = found.sight.snapshot.version;
        if answer != "record" && answer != "version" {
            if let (Some(old), Some(new)) = (old, new)
                && new != old
            {
                one.steps.push(new.saturating_sub(old));
                one.older.push((old, None));
            }
            one.current = found.sight.snapshot.clone();
            one.note_mark(session, want == Want::Mark);
        }
        grew &= new > old;
        went_back |= found.went_back;
        lag = Span { at_least: lag.at_least.max(found.span.at_least), at_most: lag.at_most.max(found.span.at_most) };
        seen += 1;
        let versions = format!("version {} → {}", number(old), number(new));
        evidence.push(wrote.exchange.showing(versions));
    }
    let span = json!({"at_least": lag.at_least, "at_most": lag.at_most, "writes": seen});
    let first = evidence[..1].to_vec();
    book.found("write_answer", kind, answer, first.clone());
    session.slowest_ms = session.slowest_ms.max(lag.at_most);
    if answer == "later" {
        book.found("processing_ms", kind, span, evidence.clone());
        book.unknown("read_lag_ms", kind, "what is processed and what reads do not show yet cannot be told apart");
    } else {
        book.found("read_lag_ms", kind, span, evidence.clone());
    }
    book.found("reads_go_back", kind, went_back, evidence.clone());
    let unversioned = session.dialect.kind(&one.resource.kind).is_none_or(|spec| spec.guard == Guard::Unguarded);
    match (one.steps.iter().min(), one.steps.iter().max()) {
        (Some(least), Some(most)) if !unversioned => {
            let value = json!({"least": least, "most": most, "writes": one.steps.len()});
            book.found("version_step", kind, value, evidence.clone());
            book.found("monotonic", kind, grew, evidence);
        }
        _ => {
            let halt = Halt::Seen("the records of this kind have no version that counts".to_owned());
            book.halted(&["version_step", "monotonic"], kind, &halt);
        }
    }
    if one.uploaded {
        book.found("named_in", kind, "body", first);
    }
    if let (Some(document), Some(before)) = (document, before) {
        raised(session, book, kind, &document, &before).await?;
    }
    Ok(())
}

/// Whether the version of the document moved with those of its agent. Reads may be behind: it is looked at after a while, more
/// than once.
async fn raised(
    session: &mut Session,
    book: &mut Book,
    kind: Option<&str>,
    document: &Resource,
    before: &Sight,
) -> Result<(), Halt> {
    session.settle().await?;
    let mut newest = None;
    let mut evidence = Vec::new();
    for _ in 0..2 {
        let sight = session.read(document).await?;
        newest = newest.max(sight.snapshot.version);
        let words = format!("version {} → {}", number(before.snapshot.version), number(newest));
        evidence = vec![sight.answered.exchange.showing(words)];
    }
    book.found("document_raised", kind, newest > before.snapshot.version, evidence);
    Ok(())
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
