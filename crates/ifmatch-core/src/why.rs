//! Why an intent stands where it stands, in one paragraph: evidence, class, action, when next.
//!
//! Pure: the stored record says what was heard and done, the engine's [`Outlook`] what comes next.
//! Without an outlook (the intent has settled, or the engine does not know it yet) that part is left
//! out. The paragraph has no line breaks, whatever the target's words hold.

mod cause;
mod ended;
mod next;
mod overwrote;
mod sides;
mod times;

use crate::engine::Doubt;
use crate::record::IntentRecord;
use crate::states::State;
use jiff::Timestamp;
use times::Times;

/// What an open intent waits for, as the engine knows it at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// What happens next and when.
    pub next: Next,
    /// The lock domain of its resource.
    pub domain: String,
    /// The version that reads went on to show after a write made from it was refused as stale.
    pub contended_at: Option<u64>,
    /// When a lock will have been waited for long enough; set while one is waited for.
    pub lock_ends: Option<Timestamp>,
    /// When what it depends on will have been waited for long enough; set as [`Outlook::lock_ends`] is.
    pub dependency_ends: Option<Timestamp>,
    /// Whether reads lag behind a version already seen or implied.
    pub lagging: bool,
    /// What the last read for it was answered, where that was nothing to go on with.
    pub trouble: Option<String>,
    /// A write that may have taken effect and must be resolved first.
    pub unresolved: Option<Unresolved>,
    /// After this instant the intent is worth nothing.
    pub deadline: Option<Timestamp>,
    /// Merges after a stale answer that it may use.
    pub merges_max: u32,
    /// Times that an unresolved write may be sent again in order to tell what it did.
    pub ambiguity_max: u32,
}

/// What happens next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Its turn is under way.
    Turn,
    /// The answer to its write is waited for until this instant.
    Answer(Timestamp),
    /// A probe of the lock domain, one for all records that wait for it.
    Probe {
        /// How many records wait for the domain, from 1.
        waiting: usize,
        /// When it goes out.
        at: Timestamp,
    },
    /// It is looked at again at this instant.
    Look(Timestamp),
    /// The target goes on with its write, and is asked how that stands.
    Outcome {
        /// When.
        at: Timestamp,
        /// Whether it may tell by itself before that.
        listens: bool,
    },
    /// It waits for a time of its own.
    NotBefore(Timestamp),
    /// Somebody must release the brake.
    Brake,
    /// Earlier changes that a publish must carry have to arrive.
    Barrier,
    /// It waits a moment for others of its envelope.
    Company,
    /// Its bucket of the budget is closed.
    Budget {
        /// The bucket, as the dialect names it.
        bucket: String,
        /// Until when.
        until: Timestamp,
    },
    /// The org has no token.
    Token {
        /// When it is asked for again; `None` while it is asked for.
        again_at: Option<Timestamp>,
    },
    /// It is next in line.
    Line,
    /// A person decides.
    Person,
    /// Nothing.
    Nothing,
}

/// A write that may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unresolved {
    /// When it was recorded.
    pub sent_at: Timestamp,
    /// After this instant no copy of it can take effect any more.
    pub horizon: Timestamp,
    /// How often the same bytes were sent again.
    pub resends: u32,
    /// Whether the intent is one of those that it carries.
    pub own: bool,
    /// What writes that failed in the same way turned out to have done.
    pub alike: Doubt,
    /// How it is told what it did.
    pub told_by: ToldBy,
}

/// How it is told what a write did that may have taken effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldBy {
    /// The same conditional write is sent again and the record read back.
    Copies,
    /// The target has taken it and goes on with it: the record is read.
    Reads,
    /// The target checks no versions: nothing is written before no copy can take effect any more, and then it is read.
    Horizon,
    /// It makes a record, which is looked for.
    Lookups,
    /// It starts an operation, which is asked after.
    Operation,
}

/// The paragraph about an intent; without a line break, ended by a full stop.
///
/// Shape: `int_… of servicenow for quality-score qs-118 is parked since 2026-03-29T06:02:10Z: the target refused it
/// twice, last with 409 ResourceConflictException "…" while reads still show version 14, so it is taken as a lock on
/// quality-score/qs-118; one probe for all 3 records that wait goes out at 06:04:31; it gives up at 06:47:10 and then a
/// person decides.` Times after the first are of the same day in UTC unless they say their date.
///
/// `back` is the intent that takes this one back as half a pair ([`crate::undo_of_half`]), where there is one.
#[must_use]
pub fn why(record: &IntentRecord, outlook: Option<&Outlook>, back: Option<&IntentRecord>) -> String {
    let status = &record.status;
    let since = status.settled_at.unwrap_or(status.since);
    let times = Times::after(since);
    let mut clauses = Vec::new();
    if status.state.is_terminal() {
        clauses.extend(ended::clauses(record, back, &times));
    } else {
        clauses.extend(cause::clauses(record, outlook, &times));
        clauses.extend(outlook.into_iter().flat_map(|outlook| next::clauses(record, outlook, &times)));
    }
    if clauses.is_empty() {
        clauses.push("nothing more is known".to_owned());
    }
    let (id, source, resource) = (record.id, &record.source, &record.resource);
    let head = format!("{id} of {source} for {resource} {} {}", stands(status.state), times::full(since));
    one_line(&format!("{head}: {}.", clauses.join("; ")))
}

/// The state as the words before a time.
fn stands(state: State) -> &'static str {
    match state {
        State::Accepted => "is accepted since",
        State::Queued => "is queued since",
        State::Planned => "is planned since",
        State::Sent => "is sent since",
        State::Tracking => "is tracking since",
        State::Ambiguous => "is ambiguous since",
        State::Parked => "is parked since",
        State::Deferred => "is deferred since",
        State::Review => "is in review since",
        State::Landed => "landed at",
        State::Satisfied => "was satisfied at",
        State::Superseded => "was superseded at",
        State::Rejected => "was rejected at",
        State::Expired => "expired at",
        State::Cancelled => "was cancelled at",
        State::Discarded => "was discarded at",
    }
}

/// A text with every run of white space and control characters as one space.
fn one_line(text: &str) -> String {
    let words = text.split(|character: char| character.is_whitespace() || character.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
