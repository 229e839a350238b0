//! One write of two records, the first from an older version: does the other one land?

use super::super::book::Book;
use super::super::line::Halt;
use super::super::record::{Naming, Record, Want};
use super::super::session::Session;
use super::{announce, is_of_version};
use ifmatch_core::{Fact, Notes, Resource};

/// The experiment. The second record is marked, so that it can be seen, and put back.
pub(super) async fn experiment(session: &mut Session, book: &mut Book, one: &mut Record, other: Option<&Resource>) {
    let kind = one.resource.kind.clone();
    if session.dialect.envelope(&one.resource).is_none() {
        return book.unknown("batch", Some(&kind), "the API writes records of this kind one by one");
    }
    let Some(other) = other.filter(|other| session.dialect.envelope(other) == session.dialect.envelope(&one.resource))
    else {
        return book.unknown("batch", Some(&kind), "two records of one envelope must be named: --record twice");
    };
    let mut second = match session.read(other).await {
        Ok(sight) => Record::new(session, other, &sight),
        Err(halt) => return book.halted(&["batch"], Some(&kind), &halt),
    };
    second.everywhere = one.everywhere;
    if let Err(halt) = run(session, book, one, &mut second).await {
        book.halted(&["batch"], Some(&kind), &halt);
    }
    if second.touched {
        let restored = second.restore(session).await;
        book.touch(other, restored);
    }
    one.locks.append(&mut second.locks);
}

async fn run(session: &mut Session, book: &mut Book, one: &mut Record, second: &mut Record) -> Result<(), Halt> {
    let kind = one.resource.kind.clone();
    let (Some(mark), Some(stale)) = (second.mark.clone(), one.current.version.and_then(|now| now.checked_sub(1)))
    else {
        return Err(Halt::Seen("the second record has nothing that can be changed and put back".to_owned()));
    };
    let effect = format!(
        "writes {} together with an older version of {}; sets {} to {}, where that lands",
        super::super::book::record(&second.resource),
        super::super::book::record(&one.resource),
        mark.pointer,
        mark.to
    );
    session.consent(announce(session, second, Want::Mark, 4, effect)).await?;
    let stale = one.older.last().cloned().unwrap_or((stale, None));
    let items =
        vec![one.item(Want::Same, &Naming::Version(stale.0, stale.1)), second.item(Want::Mark, &Naming::Current)];
    (one.touched, second.touched) = (true, true);
    second.note_mark(session, true);
    let outcome = session.write(items, Notes::default()).await?;
    let [first_fact, fact] = outcome.facts.as_slice() else {
        return Err(Halt::Seen("the answer does not have a line for each record".to_owned()));
    };
    second.take(session, Want::Mark, fact);
    let value = match (first_fact, fact) {
        (Fact::Processing(_), _) if second.is_carried_out(session).await? => "one_by_one",
        (Fact::Processing(_), _) => "whole",
        (Fact::Written(_), _) => "ignored",
        (Fact::Refused(stale), Fact::Written(_)) if is_of_version(stale.class) => "one_by_one",
        (Fact::Refused(stale), Fact::Refused(_)) if is_of_version(stale.class) => "whole",
        (first, other) => return Err(Halt::Seen(format!("the two were answered by {first:?} and {other:?}"))),
    };
    if value == "whole" && !second.lands(session).await? {
        return Err(Halt::Seen("the second record is not written by itself either: a lock, or a rule".to_owned()));
    }
    let words = format!("answered {}", outcome.answered.response.status);
    book.found("batch", Some(&kind), value, vec![outcome.answered.exchange.showing(words)]);
    Ok(())
}
