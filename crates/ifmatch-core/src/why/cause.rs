//! What brought an open intent where it is: the evidence, the class that was concluded, the action.

use super::overwrote;
use super::sides::{self, cut};
use super::times::Times;
use super::{Outlook, ToldBy};
use crate::evidence::Class;
use crate::record::{Heard, IntentRecord};
use crate::states::State;

/// How many characters of the target's own words are told.
const WORDS_CHARS_MAX: usize = 200;

/// Evidence and class, then what is done about it.
pub(super) fn clauses(record: &IntentRecord, outlook: Option<&Outlook>, times: &Times) -> Vec<String> {
    let status = &record.status;
    let mut clauses: Vec<String> = match status.state {
        State::Review => review(record),
        _ => Vec::new(),
    };
    if let Some(heard) = &status.heard {
        clauses.push(join(&told(heard, times), &conclusion(record, heard, outlook)));
    }
    clauses.extend(action(record, outlook));
    clauses.extend(overwrote::clause(record));
    clauses
}

fn join(told: &str, concluded: &str) -> String {
    if concluded.is_empty() { told.to_owned() } else { format!("{told}{concluded}") }
}

/// The last answer: `the target refused it twice, last with 409 Conflict "…"`.
pub(super) fn told(heard: &Heard, times: &Times) -> String {
    let Heard { label, at, times: often, .. } = heard;
    let message = cut(&heard.message, WORDS_CHARS_MAX);
    let at = times.of(*at);
    if heard.class == Class::Ambiguous {
        return format!("a write of it came to nothing certain at {at} ({label}: {message})");
    }
    let last = if *often > 1 { ", last" } else { "" };
    let said = if message.is_empty() { String::new() } else { format!(" \"{message}\"") };
    format!("the target refused it {}{last} at {at} with {label}{said}", often_words(*often))
}

fn often_words(times: u32) -> String {
    match times {
        0 | 1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// What was concluded from the answer, label against probe; empty where nothing follows from it any more.
fn conclusion(record: &IntentRecord, heard: &Heard, outlook: Option<&Outlook>) -> String {
    let domain = outlook.map_or("its record", |outlook| outlook.domain.as_str());
    match record.status.code.as_deref().unwrap_or_default() {
        "parked/contended" => {
            let version = outlook.and_then(|outlook| outlook.contended_at);
            let version = version.map_or_else(|| "nothing newer".to_owned(), |version| format!("version {version}"));
            format!(" while reads still show {version}, so it is taken as a lock on {domain}")
        }
        "parked/lock" => format!(", so it is taken as a lock on {domain}"),
        "parked/dependency" => ", so that is waited for and never settled by us".to_owned(),
        "queued/stale" => ", so the record has moved".to_owned(),
        "queued/probe" => ", which a read must bear out before it counts".to_owned(),
        "deferred/throttled" => ", so the budget is closed".to_owned(),
        "deferred/unauthorised" => ", so a new token is asked for".to_owned(),
        "review/lock_wait_exhausted" => format!(", which was waited for as a lock on {domain}"),
        "review/dependency_wait_exhausted" => ", which was waited for and never settled by us".to_owned(),
        "ambiguous/no_answer" => ", so nobody can tell yet whether it took effect".to_owned(),
        code if code.starts_with("review/") && heard.class != Class::Ambiguous => {
            format!(", which is taken as {}", class_words(heard.class))
        }
        _ => String::new(),
    }
}

/// A class of refusal in words.
fn class_words(class: Class) -> &'static str {
    match class {
        Class::Stale => "made from an older version",
        Class::Lock => "a lock",
        Class::InProgress => "an operation that runs",
        Class::AlreadyDone => "done before",
        Class::Duplicate => "a record that exists already",
        Class::Dependency => "something that must be settled first",
        Class::Overlap => "an overlap of two times",
        Class::Rule => "a rule of the business",
        Class::Time => "a time that does not fit",
        Class::Unauthorised => "a token that is not valid",
        Class::Forbidden => "a right that the gateway lacks",
        Class::Throttled => "too many requests",
        Class::Ambiguous => "no certain answer",
        Class::Absent => "a record that does not exist",
        Class::Invalid => "a shape that the target refuses",
        Class::Precondition => "a precondition that is missing",
        Class::Bare | Class::BareShape => "a refusal that does not say why",
        Class::Unclassified => "something that no table knows",
    }
}

/// What is done about it.
fn action(record: &IntentRecord, outlook: Option<&Outlook>) -> Option<String> {
    let status = &record.status;
    let reason = || status.reason.clone();
    let unresolved = outlook.and_then(|outlook| outlook.unresolved);
    let behind = unresolved.is_some_and(|write| !write.own);
    match status.state {
        State::Accepted if behind => Some("it is stored, and waits behind a write for the same record".to_owned()),
        State::Accepted => Some(match outlook.and_then(|outlook| outlook.trouble.as_ref()) {
            Some(trouble) => format!("it is stored, and its record cannot be read ({trouble})"),
            None => "it is stored, and nothing was decided yet".to_owned(),
        }),
        State::Planned => Some("it is merged with what the target holds and about to be written".to_owned()),
        State::Sent => Some(format!("write {} of it is on its way", status.attempts)),
        State::Queued => match status.code.as_deref() {
            Some("queued/stale") => Some(match outlook.map(|outlook| outlook.merges_max) {
                Some(most) => {
                    format!("it is merged again with what the target holds, {} of {most} times", status.spent.merges)
                }
                None => "it is merged again with what the target holds".to_owned(),
            }),
            Some("queued/probe") => Some("its record is read, and it is sent once more".to_owned()),
            _ => reason(),
        },
        State::Deferred => match status.code.as_deref() {
            Some("deferred/throttled" | "deferred/unauthorised") => None,
            _ => reason(),
        },
        State::Ambiguous => Some(telling(unresolved.map_or(ToldBy::Reads, |write| write.told_by)).to_owned()),
        // A lock said its own words, and a review its reason.
        State::Parked => reason().filter(|_| status.heard.is_none()),
        State::Review => None,
        State::Tracking => reason(),
        State::Landed
        | State::Satisfied
        | State::Superseded
        | State::Rejected
        | State::Expired
        | State::Cancelled
        | State::Discarded => None,
    }
}

/// How it is told whether a write took effect.
fn telling(told_by: ToldBy) -> &'static str {
    match told_by {
        ToldBy::Copies => {
            "the same conditional write is sent again and the record read back until that is certain, and nothing else is \
             written there before"
        }
        ToldBy::Reads => "the record is read until that is certain, and nothing else is written there before",
        ToldBy::Horizon => {
            "the target checks no versions there, so nothing is sent until no copy of it can take effect any more, and then \
             the record is read"
        }
        ToldBy::Lookups => "the record is looked for, and made again only where it is not found",
        ToldBy::Operation => "the target is asked how the operation stands, and none is started before that is certain",
    }
}

/// A review: its reason and the sides of its conflict.
fn review(record: &IntentRecord) -> Vec<String> {
    let status = &record.status;
    // The target's own words are told with their label.
    let said = |reason: &&String| status.heard.as_ref().is_none_or(|heard| heard.message != **reason);
    let mut clauses: Vec<String> = status.reason.iter().filter(said).cloned().collect();
    clauses.extend(sides::clauses(record));
    clauses
}
