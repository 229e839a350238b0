//! From an answer to a class of outcome: one table, read from the top, the first entry that fits.
//!
//! Two orders meet in it. The order of the evidence: status where it settles the matter alone, then
//! machine codes that mean one thing, then key phrases, then codes that are told for several things,
//! then the status as far as it tells. And among phrases the order of the checks: in flight, lock,
//! stale, dependency, overlap, rule, duplicate; whether it was done before is told by the record, by
//! [`is_done`]. A refusal whose words nobody knows is unclassified; one without words is bare, since
//! a stale version, a lock and a rule may all be told so.

use super::envelopes::Told;
use crate::table::{self, Entry, Shown};
use crate::words::plain;
use ifmatch_core::Class;

#[cfg(test)]
mod tests;

/// What the refused request wanted; a refusal without words is read by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To read or look up.
    Read,
    /// To change records.
    Write,
    /// To create a record.
    Create,
    /// To start an operation, or ask for its status.
    Operate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// A `Retry-After` header came along.
    Waits,
    /// The refusal names the field at fault.
    NamesField,
    /// The refusal has no words.
    Wordless,
    /// The refusal says nothing: it has no words, and no code but one that repeats the status.
    Bare,
    /// The request wanted to change records.
    Write,
    /// The refusal says nothing, and the request wanted to change records.
    BareWrite,
    /// The same, and the request wanted to create.
    BareCreate,
    /// The same, and the request wanted to operate.
    BareOperate,
}

const fn status(status: &'static [u16], class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase: &[], when: When::Always, class }
}

const fn code(code: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status: &[], code, phrase: &[], when: When::Always, class }
}

const fn phrase(phrase: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status: &[], code: &[], phrase, when: When::Always, class }
}

const fn when(status: &'static [u16], when: When, class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase: &[], when, class }
}

const fn said(status: &'static [u16], phrase: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase, when: When::Always, class }
}

/// Codes of a body whose shape is refused.
const SHAPE: &[&str] = &["invalidjson", "invalidfield", "immutablefield"];

/// Codes and words that say no more than the status does.
const SAYS_NOTHING: &[&str] =
    &["conflict", "409conflict", "resourceconflict", "badrequest", "400badrequest", "error", "unprocessableentity"];

/// Statuses under which the business refuses.
const BUSINESS: &[u16] = &[400, 409, 422];

const TABLE: &[Entry<When>] = &[
    // Statuses that mean one thing whatever else is said.
    status(&[401], Class::Unauthorised),
    status(&[429], Class::Throttled),
    when(&[403, 404, 503], When::Waits, Class::Throttled),
    code(&["toomanyrequests", "ratelimited", "ratelimitexceeded"], Class::Throttled),
    status(&[408, 500, 501, 502, 503, 504, 507, 508, 509, 520, 521, 522, 523, 524], Class::Ambiguous),
    status(&[428], Class::Precondition),
    // Codes that mean one thing.
    code(&["unauthorized", "unauthorised", "badcredentials"], Class::Unauthorised),
    code(&["scheduleoverlap", "scheduleassignmentconflict"], Class::Overlap),
    code(&["invalidtransition"], Class::Rule),
    code(&["duplicate", "alreadyexists"], Class::Duplicate),
    code(&["invalidinterval", "invaliddaterange"], Class::Time),
    code(&["versionrequired", "preconditionrequired", "ifmatchrequired"], Class::Precondition),
    code(&["versionambiguous"], Class::Invalid),
    // The API refuses a shape with 400. The same code under 422 without a field is a label that
    // hides something else, such as a lagging read.
    Entry { status: &[400], ..code(SHAPE, Class::Invalid) },
    Entry { code: SHAPE, ..when(&[422], When::NamesField, Class::Invalid) },
    code(&["notfound"], Class::Absent),
    code(&["internalerror"], Class::Ambiguous),
    // A hold that only a person lifts. It is told as "in use", and is no lock: no time ends it.
    phrase(&["legal hold"], Class::Rule),
    // Words, for the codes that mean several things and for the shapes that carry none, in the order
    // of the checks. Words of a right that is missing stay with the code and the status.
    phrase(&["in progress", "already in a published state", "already running"], Class::InProgress),
    phrase(
        &[
            "being modified by another process",
            "locked",
            "in use",
            "concurrent edit",
            "concurrent modification",
            "concurrently modified",
            "adherence session",
        ],
        Class::Lock,
    ),
    phrase(
        &[
            "modified since",
            "version mismatch",
            "version conflict",
            "stale",
            "does not match the current version",
            "must match the",
            "precondition failed",
            "timestamp collision",
        ],
        Class::Stale,
    ),
    phrase(&["version of the record is required", "version is required", "must be conditional"], Class::Precondition),
    phrase(&["if-match is required", "if-match header is required", "precondition is required"], Class::Precondition),
    phrase(&["version in the body differ", "versions in the body differ"], Class::Invalid),
    phrase(
        &[
            "pending trade",
            "pending shift",
            "pending swap",
            "pending approval",
            "pending request",
            "trade is pending",
            "trades are pending",
            "swap is pending",
            "swaps are pending",
            "requests are pending",
            "awaiting approval",
            "conflicting shift request",
            "conflicting swap request",
        ],
        Class::Dependency,
    ),
    phrase(&["overlap"], Class::Overlap),
    said(
        &[400],
        &["outside", "interval", "not after the start", "offset", "timezone", "time zone", "date range"],
        Class::Time,
    ),
    phrase(&["cannot become", "invalid transition"], Class::Rule),
    said(
        BUSINESS,
        &[
            "rule",
            "violat",
            "compliance",
            "skill",
            "consecutive hours",
            "consecutive days",
            "minimum rest",
            "rest of",
            "staffing",
            "not allowed",
            "not permitted",
            "invalid swap",
        ],
        Class::Rule,
    ),
    said(&[409], &["gone", "given away", "does not belong to", "no receiving side"], Class::Rule),
    said(&[409], &["exists", "duplicate"], Class::Duplicate),
    // Codes that say that the business refuses, and not why.
    code(&["schedulepublishconflict", "scheduleconflict"], Class::Rule),
    Entry { status: &[409], ..code(&["invalidrequest"], Class::Rule) },
    Entry { status: &[409], ..code(&["resourceinuse"], Class::Lock) },
    code(&["forbidden", "missingpermissions"], Class::Forbidden),
    // What is left is told by the status, as far as it tells.
    status(&[403], Class::Forbidden),
    status(&[404, 410], Class::Absent),
    status(&[412], Class::Stale),
    status(&[423], Class::Lock),
    // Our own writes are well-formed, so a 400 without words may be a stale version told by a setting
    // that spells it so, and a 422, which the API does not document, hides a lagging read. Neither is
    // ever told for a lock.
    when(&[400], When::BareWrite, Class::BareShape),
    when(&[422], When::Write, Class::BareShape),
    status(&[400, 405, 413, 415], Class::Invalid),
    when(&[409], When::BareOperate, Class::InProgress),
    when(&[409], When::BareCreate, Class::Duplicate),
    when(&[409], When::Bare, Class::Bare),
    // Told for a stale version and for a lock; without words a read is asked which.
    Entry { code: &["resourceconflictexception"], ..when(&[409], When::Wordless, Class::Stale) },
];

/// The class of a refusal.
pub(crate) fn class(status: u16, told: &Told, waits: bool, purpose: Purpose) -> Class {
    let codes: Vec<String> = told.codes.iter().map(|code| plain(code)).collect();
    let words = told.message.to_lowercase();
    let says_nothing = |text: &str| text.is_empty() || SAYS_NOTHING.contains(&plain(text).as_str());
    let wordless = says_nothing(&words);
    let bare = wordless && codes.iter().all(|code| says_nothing(code));
    let holds = |when: When| match when {
        When::Always => true,
        When::Waits => waits,
        When::NamesField => told.field.is_some(),
        When::Wordless => wordless,
        When::Bare => bare,
        When::Write => purpose == Purpose::Write,
        When::BareWrite => bare && purpose == Purpose::Write,
        When::BareCreate => bare && purpose == Purpose::Create,
        When::BareOperate => bare && purpose == Purpose::Operate,
    };
    let shown = Shown { status, codes: &codes, words: &words };
    table::class(TABLE, &shown, |code, known| code == known, holds)
}

/// Whether a refusal says that a trade is settled in the status that was wanted, so that the write
/// was carried out before. Only the current record or the words can tell: a settled trade refuses
/// every write alike.
pub(crate) fn is_done(told: &Told, wanted: Option<&str>) -> bool {
    let Some(wanted) = wanted.filter(|status| ["approved", "denied", "cancelled", "expired"].contains(status)) else {
        return false;
    };
    if let Some(current) = &told.current {
        return current["status"] == wanted;
    }
    let words = told.message.to_lowercase();
    let transition =
        told.codes.iter().any(|code| plain(code) == "invalidtransition") || words.contains("cannot become");
    let says = |verb: &str| words.contains(&format!("{verb} {wanted}"));
    transition && (says("is") || says("already"))
}
