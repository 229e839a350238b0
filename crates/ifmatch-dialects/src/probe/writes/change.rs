//! One field is changed and put back, a few times: what a write answers, by how much versions move, how far reads are behind.

use super::super::book::Book;
use super::super::certificate::Exchange;
use super::super::line::{Answered, Halt};
use super::super::manner::{self, Mark};
use super::super::record::{Record, Seen, Span, Want, refused};
use super::super::session::{Session, Sight};
use super::{announce, number};
use ifmatch_core::{Fact, Resource, Snapshot};
use serde_json::json;

/// How often the mark is set and taken away.
const ROUNDS: usize = 3;

/// What it tells of every kind.
const NAMES: &[&str] = &["write_answer", "version_step", "monotonic", "read_lag_ms", "reads_go_back"];

/// What the rounds showed.
#[derive(Debug)]
struct Rounds {
    /// What an accepted write answers with: `record`, `version`, `nothing`, `later`.
    answer: &'static str,
    /// The longest that reads did not show a write.
    span: Span,
    went_back: bool,
    /// Whether each write raised the version.
    grew: bool,
    /// One for each write.
    evidence: Vec<Exchange>,
}

/// The experiment. It leaves the record marked where it ends early.
pub(super) async fn experiment(session: &mut Session, book: &mut Book, one: &mut Record) {
    let kind = one.resource.kind.clone();
    let document = manner::document(session.dialect.name(), &one.resource);
    if let Err(halt) = run(session, book, one, document.as_ref()).await {
        let uploaded = one.uploaded.then_some("processing_ms");
        let inside = document.map(|_| "document_raised");
        let names: Vec<&str> = NAMES.iter().copied().chain(uploaded).chain(inside).collect();
        book.halted(&names, Some(&kind), &halt);
    }
}

async fn run(
    session: &mut Session,
    book: &mut Book,
    one: &mut Record,
    document: Option<&Resource>,
) -> Result<(), Halt> {
    let Some(mark) = one.mark.clone() else {
        return Err(Halt::Seen("nothing in the record can be changed and put back without effect".to_owned()));
    };
    let times = u32::try_from(ROUNDS * 2).unwrap_or_default();
    let effect = format!("sets {} to {} and back, {ROUNDS} times", mark.pointer, mark.to);
    session.consent(announce(session, one, Want::Mark, times, effect)).await?;
    let before = match document {
        Some(document) => Some(session.read(document).await?),
        None => None,
    };
    let rounds = rounds(session, one, &mark).await?;
    session.slowest_ms = session.slowest_ms.max(rounds.span.at_most);
    tell(session, book, one, rounds);
    if let (Some(document), Some(before)) = (document, before) {
        raised(session, book, &one.resource.kind, document, &before).await?;
    }
    Ok(())
}

/// Sets the mark and takes it away, and looks each time until reads show it.
async fn rounds(session: &mut Session, one: &mut Record, mark: &Mark) -> Result<Rounds, Halt> {
    let nothing = Span::default();
    let mut rounds = Rounds { answer: "nothing", span: nothing, went_back: false, grew: true, evidence: Vec::new() };
    for want in [Want::Mark, Want::Unmark].into_iter().cycle().take(ROUNDS * 2) {
        let old = one.current.version;
        let (fact, wrote) = one.put(session, want).await?;
        rounds.answer = answer(&fact)?;
        let seen = look(session, one, mark, want, (&fact, &wrote)).await?;
        let new = seen.sight.snapshot.version;
        if matches!(rounds.answer, "nothing" | "later") {
            // The answer told no version: what the read shows is how the record stands.
            one.note_step(old, new, None);
            one.current = seen.sight.snapshot;
            one.note_mark(session, want == Want::Mark);
        }
        rounds.grew &= new > old;
        rounds.went_back |= seen.went_back;
        rounds.span.at_least = rounds.span.at_least.max(seen.span.at_least);
        rounds.span.at_most = rounds.span.at_most.max(seen.span.at_most);
        let versions = format!("version {} → {}", number(old), number(new));
        rounds.evidence.push(wrote.exchange.showing(versions));
    }
    Ok(rounds)
}

/// What an accepted write answers with.
fn answer(fact: &Fact) -> Result<&'static str, Halt> {
    match fact {
        Fact::Written(written) if written.shown => Ok("record"),
        Fact::Written(written) if written.snapshot.version.is_some() => Ok("version"),
        Fact::Written(_) => Ok("nothing"),
        Fact::Processing(_) => Ok("later"),
        Fact::Refused(evidence) => Err(refused(evidence)),
        other => Err(Halt::Seen(format!("a write was answered by {other:?}"))),
    }
}

/// Reads until the write is shown: by its version, where the answer told one, else by the field.
async fn look(
    session: &mut Session,
    one: &Record,
    mark: &Mark,
    want: Want,
    (fact, wrote): (&Fact, &Answered),
) -> Result<Seen, Halt> {
    let written = match fact {
        Fact::Written(written) => written.snapshot.version,
        _ => None,
    };
    let shows = |snapshot: &Snapshot| match written {
        Some(written) => snapshot.version >= Some(written),
        None => mark.is_in(&snapshot.value) == (want == Want::Mark),
    };
    one.until(session, wrote, shows).await
}

/// Writes down what the rounds showed.
fn tell(session: &Session, book: &mut Book, one: &Record, rounds: Rounds) {
    let kind = Some(one.resource.kind.as_str());
    let Rounds { answer, span, went_back, grew, evidence } = rounds;
    let first = evidence[..1].to_vec();
    let span = json!({"at_least": span.at_least, "at_most": span.at_most, "writes": evidence.len()});
    book.found("write_answer", kind, answer, first.clone());
    if answer == "later" {
        book.found("processing_ms", kind, span, evidence.clone());
        book.unknown("read_lag_ms", kind, "what is processed and what reads do not show yet cannot be told apart");
    } else {
        book.found("read_lag_ms", kind, span, evidence.clone());
    }
    book.found("reads_go_back", kind, went_back, evidence.clone());
    if one.uploaded {
        book.found("named_in", kind, "body", first);
    }
    let unversioned = session.dialect.kind(&one.resource.kind).is_none_or(|spec| spec.guard.lets_through());
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
}

/// Whether the version of the document moved with those of its agent. Reads may be behind: it is looked at after a while, more
/// than once.
async fn raised(
    session: &mut Session,
    book: &mut Book,
    kind: &str,
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
    book.found("document_raised", Some(kind), newest > before.snapshot.version, evidence);
    Ok(())
}
