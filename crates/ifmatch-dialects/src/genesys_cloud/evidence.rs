//! From a refusal to a class of outcome: one table, read from the top, the first entry that fits.
//!
//! The order: statuses that mean one thing whatever is said; machine codes; words, for the codes that are told for several
//! things; then the status as far as it tells. A refusal whose words and code nobody knows is unclassified.

use super::refusals::Told;
use crate::table::{self, Entry, Shown};
use crate::words::plain;
use ifmatch_core::Class;

#[cfg(test)]
mod tests;

/// What the refused request wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// Codes of the table are those with which a code begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// A `Retry-After` header came along.
    Waits,
    /// There is neither a code nor a word.
    Wordless,
    /// The same, and the request wanted to change something.
    WordlessWrite,
}

const fn status(status: &'static [u16], when: When, class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase: &[], when, class }
}

const fn code(status: &'static [u16], code: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status, code, phrase: &[], when: When::Always, class }
}

const fn phrase(status: &'static [u16], phrase: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase, when: When::Always, class }
}

const TABLE: &[Entry<When>] = &[
    status(&[401], When::Always, Class::Unauthorised),
    status(&[429], When::Always, Class::Throttled),
    status(&[403, 413, 503], When::Waits, Class::Throttled),
    status(&[408, 500, 502, 503, 504], When::Always, Class::Ambiguous),
    // The version that the body names is not the current one.
    code(&[], &["wfmtransactionconflict", "generalconflict", "invalidupdatewrongversion"], Class::Stale),
    phrase(
        &[400, 409, 412],
        &[
            "does not match the current version",
            "does not match the version",
            "must match the version",
            "modified by another request",
            "version mismatch",
        ],
        Class::Stale,
    ),
    // Something runs, and lets nobody else in while it does.
    code(&[], &["wfmhistoricalrunningrequest", "qualityevaluationalreadyinprogress"], Class::InProgress),
    phrase(&[400, 409], &["in progress", "processing state", "already running"], Class::InProgress),
    // There is one already.
    code(&[], &["qualityevaluationalreadyexists", "evaluationnameconflict", "surveynameconflict"], Class::Duplicate),
    phrase(&[400, 409], &["already a work plan with the name", "already exists"], Class::Duplicate),
    // The state of things refuses, and no time changes that.
    code(
        &[],
        &[
            "wfmnotallowed",
            "wfmconfigurationconflict",
            "qualityevaluationinvalidstate",
            "qualityevaluationcannotchange",
            "qualityevaluationnoanswers",
            "evaluationcannotbedeleted",
            "surveycannotbedeleted",
        ],
        Class::Rule,
    ),
    code(&[], &["notauser"], Class::Forbidden),
    code(&[404], &["notfound", "wfmentitynotfound", "wfmbusinessunitnotfound", "jobnotfound"], Class::Absent),
    // A conflict without a reason: a lock, a state, a version.
    code(&[409], &["requestconflict"], Class::Bare),
    // The body is not as it should be.
    code(
        &[400],
        &[
            "wfmvalidation",
            "wfmentitynotfound",
            "wfmbadrequest",
            "wfmtoomanyteams",
            "badrequest",
            "constraintvalidation",
            "invalid",
            "clientfailedrequest",
            "responseentitytoolarge",
            "maxuserids",
            "qualityquery",
        ],
        Class::Invalid,
    ),
    // What the target, or a stand-in for it, does not do.
    code(&[501], &["notemulated"], Class::Invalid),
    status(&[403], When::Always, Class::Forbidden),
    status(&[404, 410], When::Always, Class::Absent),
    status(&[405, 413, 415], When::Always, Class::Invalid),
    status(&[412], When::Always, Class::Stale),
    status(&[409], When::Wordless, Class::Bare),
    status(&[400], When::WordlessWrite, Class::BareShape),
    status(&[400], When::Wordless, Class::Invalid),
];

/// The class of a refusal.
pub(crate) fn class(status: u16, told: &Told, waits: bool, purpose: Purpose) -> Class {
    let codes: Vec<String> = told.codes.iter().map(|code| plain(code)).collect();
    let words = told.message.to_lowercase();
    let wordless = codes.is_empty() && words.is_empty();
    let holds = |when: When| match when {
        When::Always => true,
        When::Waits => waits,
        When::Wordless => wordless,
        When::WordlessWrite => wordless && purpose == Purpose::Write,
    };
    let shown = Shown { status, codes: &codes, words: &words };
    table::class(TABLE, &shown, |code, known| code.starts_with(known), holds)
}
