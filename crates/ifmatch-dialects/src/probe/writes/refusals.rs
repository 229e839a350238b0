//! Writes that a guarded target refuses: from an older version, from an older tag, from none. They carry the record's own values,
//! so that a target that lets them through is left as it was.

use super::super::book::Book;
use super::super::line::{Answered, Halt};
use super::super::manner;
use super::super::record::{Naming, Record, Want, refused};
use super::super::session::Session;
use super::{announce, is_of_version, number};
use ifmatch_core::{Class, Evidence, Fact, Notes};
use serde_json::{Value, json};

/// What they tell.
const NAMES: &[&str] = &["guard", "stale_answer", "stale_answer_by_tag", "missing_version", "unchanged_write"];

/// All of them, and a write that must be accepted: without that, a refusal might be a lock's.
pub(super) async fn experiments(session: &mut Session, book: &mut Book, one: &mut Record) {
    let kind = one.resource.kind.clone();
    let kind = Some(kind.as_str());
    let unguarded = session.dialect.kind(&one.resource.kind).is_none_or(|spec| spec.guard.lets_through());
    if unguarded {
        let halt = Halt::Seen("the API has no version that a write of this kind could name".to_owned());
        return book.halted(&["guard", "stale_answer", "missing_version", "unchanged_write", "named_in"], kind, &halt);
    }
    let tags = manner::takes_tags(session.dialect.name(), &one.resource.kind) && one.current.etag.is_some();
    let by_tag = if tags { ", from an older tag" } else { "" };
    let effect = format!("writes the record's own values from an older version{by_tag}, from none, and from its own");
    let outcome = match session.consent(announce(session, one, Want::Same, 5, effect)).await {
        Ok(()) => run(session, book, one, tags).await,
        Err(halt) => Err(halt),
    };
    if let Err(halt) = outcome {
        let names = NAMES.iter().filter(|name| tags || **name != "stale_answer_by_tag");
        book.halted(&names.copied().collect::<Vec<_>>(), kind, &halt);
    }
}

async fn run(session: &mut Session, book: &mut Book, one: &mut Record, tags: bool) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let kind = Some(kind.as_str());
    // The first write tells whether the target counts a version in a header only.
    let named = one.put(session, Want::Same).await?;
    let place = if one.everywhere { "header" } else { "body" };
    book.found("named_in", kind, place, vec![named.1.exchange]);
    let stale = older(one)?;
    let naming = Naming::Version(stale.0, stale.1.clone());
    let (fact, answered) = one.send(session, Want::Same, &naming, Notes::default()).await?;
    let guard = tell(book, kind, "stale_answer", &fact, &answered, stale.0)?;
    book.found("guard", kind, guard, vec![answered.exchange.showing(format!("named version {}", stale.0))]);
    if tags {
        match stale.1 {
            Some(tag) => {
                let (fact, answered) = one.send(session, Want::Same, &Naming::Tag(tag), Notes::default()).await?;
                tell(book, kind, "stale_answer_by_tag", &fact, &answered, stale.0)?;
            }
            None => book.unknown("stale_answer_by_tag", kind, "no tag of an older version is known"),
        }
    }
    missing(session, book, one).await?;
    control(session, book, one).await
}

/// An older version with its tag: one that the record had, else the number below.
fn older(one: &Record) -> Result<(u64, Option<String>), Halt> {
    let below = || {
        let version = one.current.version?.checked_sub(1)?;
        let tag = one.current.etag.as_ref()?;
        let spelt = tag.replace(&one.current.version?.to_string(), &version.to_string());
        Some((version, Some(spelt).filter(|spelt| spelt != tag)))
    };
    let bare = || Some((one.current.version?.checked_sub(1)?, None));
    let found = one.older.last().cloned().or_else(below).or_else(bare);
    found.ok_or_else(|| Halt::Seen("no version is known that is older than the record's".to_owned()))
}

/// What a write from an older version came to.
fn tell(
    book: &mut Book,
    kind: Option<&str>,
    name: &str,
    fact: &Fact,
    answered: &Answered,
    version: u64,
) -> Result<&'static str, Halt> {
    match fact {
        Fact::Written(written) => {
            let words = format!("accepted from {version}, now {}", number(written.snapshot.version));
            book.found(name, kind, json!({"answer": "accepted"}), vec![answered.exchange.showing(words)]);
            Ok("ignored")
        }
        Fact::Refused(evidence) if is_of_version(evidence.class) => {
            book.found(
                name,
                kind,
                refusal(evidence, answered),
                vec![answered.exchange.showing(evidence.label.clone())],
            );
            Ok("checked")
        }
        Fact::Refused(evidence) => Err(refused(evidence)),
        other => Err(Halt::Seen(format!("a write from an older version was answered by {other:?}"))),
    }
}

/// A refusal as the certificate tells it.
pub(super) fn refusal(evidence: &Evidence, answered: &Answered) -> Value {
    let (status, code) = evidence.label.split_once(' ').unwrap_or((&evidence.label, ""));
    let status = status.parse().unwrap_or(answered.response.status);
    let current = match (&evidence.current, evidence.version) {
        (Some(_), _) => "record",
        (None, Some(_)) if answered.response.body.contains("current_version") => "version",
        _ => "none",
    };
    let tag = answered.response.header("etag").is_some();
    json!({"answer": "refused", "status": status, "code": code, "words": evidence.message, "current": current, "tag": tag})
}

/// A write that names no version.
async fn missing(session: &mut Session, book: &mut Book, one: &mut Record) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let (fact, answered) = one.send(session, Want::Same, &Naming::None, Notes::default()).await?;
    let value = match &fact {
        Fact::Written(_) => json!({"answer": "accepted"}),
        Fact::Refused(evidence) if !matches!(evidence.class, Class::Lock | Class::Throttled) => {
            refusal(evidence, &answered)
        }
        Fact::Refused(evidence) => return Err(refused(evidence)),
        other => return Err(Halt::Seen(format!("a write without a version was answered by {other:?}"))),
    };
    book.found("missing_version", Some(&kind), value, vec![answered.exchange]);
    Ok(())
}

/// A write of the record's own values from its own version. That it is accepted proves that no lock was in the way before.
async fn control(session: &mut Session, book: &mut Book, one: &mut Record) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let before = one.current.version;
    let (fact, answered) = one.send(session, Want::Same, &Naming::Current, Notes::default()).await?;
    let Fact::Written(written) = &fact else {
        book.withdraw(NAMES, Some(&kind));
        return Err(Halt::Seen(
            "a write from the current version was refused as well: somebody writes, or a lock".to_owned(),
        ));
    };
    let Some(after) = written.snapshot.version else {
        book.unknown("unchanged_write", Some(&kind), "the answer tells no version");
        return Ok(());
    };
    let value = if Some(after) == before { "keeps_version" } else { "raises_version" };
    let words = format!("version {} → {after}", number(before));
    book.found("unchanged_write", Some(&kind), value, vec![answered.exchange.showing(words)]);
    Ok(())
}
