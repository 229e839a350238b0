//! Uploads from an older version: refused at once, or by an error later that nobody tells. They carry the mark, since reads alone
//! show whether one was carried out.

use super::super::book::Book;
use super::super::line::{Answered, Halt};
use super::super::manner;
use super::super::record::{Naming, Record, Want, refused};
use super::super::session::Session;
use super::{announce, is_of_version, refusals};
use ifmatch_core::{Fact, Notes};

/// What they tell.
const NAMES: &[&str] = &["guard", "stale_upload", "stale_answer"];

/// What is asked of uploads.
pub(super) async fn stale(session: &mut Session, book: &mut Book, one: &mut Record) {
    let kind = one.resource.kind.clone();
    let kind = Some(kind.as_str());
    let halt = Halt::Seen("an upload does not say what became of it".to_owned());
    book.halted(&["missing_version", "unchanged_write"], kind, &halt);
    let outcome = match run(session, book, one).await {
        Ok(()) => control(session, book, one).await,
        other => other,
    };
    if let Err(halt) = outcome {
        book.halted(NAMES, kind, &halt);
    }
}

/// An upload from the current version. That it is carried out proves that no lock was in the way before.
async fn control(session: &mut Session, book: &mut Book, one: &mut Record) -> Result<(), Halt> {
    if one.restore(session).await && one.lands(session).await? {
        return Ok(());
    }
    book.withdraw(NAMES, Some(&one.resource.kind));
    Err(Halt::Seen("an upload from the current version was not carried out either: a lock, or a rule".to_owned()))
}

async fn run(session: &mut Session, book: &mut Book, one: &mut Record) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let kind = Some(kind.as_str());
    let Some(mark) = one.mark.clone() else {
        return Err(Halt::Seen("nothing in the record can be changed and put back".to_owned()));
    };
    let effect =
        format!("uploads from older versions, with {} as {}, which a guarded target refuses", mark.pointer, mark.to);
    session.consent(announce(session, one, Want::Mark, 6, effect)).await?;

    // From an older version of the schedule. One of an agent names it beside the agent's own.
    let document = manner::document(session.dialect.name(), &one.resource);
    let stands = match &document {
        Some(document) => session.read(document).await?.snapshot.version,
        None => one.current.version,
    };
    let Some(older) = stands.and_then(|version| version.checked_sub(1)) else {
        return Err(Halt::Seen("the schedule shows no version".to_owned()));
    };
    let (naming, noted) = match document {
        Some(_) => (Naming::Current, manner::from_schedule(older)),
        None => (Naming::Version(older, None), Notes::default()),
    };
    let (landed, refusal, answered) = attempt(session, one, &naming, noted).await?;
    let value = match (landed, &refusal) {
        (true, _) => "ignored",
        (false, Some(_)) => "at_once",
        (false, None) => "later",
    };
    book.found("stale_upload", kind, value, vec![answered.exchange.clone()]);
    match refusal {
        Some(refusal) => book.found("stale_answer", kind, refusal, vec![answered.exchange.clone()]),
        None => book.unknown("stale_answer", kind, "the refusal comes later, and says nothing"),
    }
    if !one.restore(session).await {
        return Err(Halt::Seen("the record could not be put back".to_owned()));
    }
    if one.resource.kind == "week-schedule" {
        let guard = if landed { "ignored" } else { "checked" };
        book.found("guard", kind, guard, vec![answered.exchange]);
        return Ok(());
    }
    // From an older version of the agent, beside the current one of the schedule.
    let Some(older) = one.current.version.and_then(|version| version.checked_sub(1)) else {
        return Err(Halt::Seen("the record shows no version".to_owned()));
    };
    let (landed, _, answered) = attempt(session, one, &Naming::Version(older, None), Notes::default()).await?;
    let guard = if landed { "ignored" } else { "checked" };
    book.found("guard", kind, guard, vec![answered.exchange]);
    Ok(())
}

/// One upload with the mark: whether it was carried out, and the refusal where one came at once.
async fn attempt(
    session: &mut Session,
    one: &mut Record,
    naming: &Naming,
    noted: Notes,
) -> Result<(bool, Option<serde_json::Value>, Answered), Halt> {
    let (fact, answered) = one.send(session, Want::Mark, naming, noted).await?;
    match fact {
        Fact::Refused(evidence) if is_of_version(evidence.class) => {
            let refusal = refusals::refusal(&evidence, &answered);
            Ok((false, Some(refusal), answered))
        }
        Fact::Refused(evidence) => Err(refused(&evidence)),
        _ => {
            let landed = one.is_carried_out(session).await?;
            Ok((landed, None, answered))
        }
    }
}
