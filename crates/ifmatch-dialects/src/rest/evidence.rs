//! From a refusal to its class: what the description says of it first, then one table, read from the top.

use super::description::ErrorHint;
use super::kind::Kind;
use crate::headers::retry_after;
use crate::table::{self, Entry, Shown};
use crate::words::{plain, shortened};
use ifmatch_core::{About, Class, Evidence, Response, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// What the refused request wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Write,
    Create,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Always,
    /// A `Retry-After` came along.
    Waits,
    /// The refusal has neither words nor a code of its own, and the request wanted to change a record.
    BareWrite,
    /// The same, and it wanted to create one.
    BareCreate,
    /// It names no field, and the request wanted to change a record.
    UnnamedWrite,
}

const fn status(status: &'static [u16], class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase: &[], when: When::Always, class }
}

const fn code(code: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status: &[], code, phrase: &[], when: When::Always, class }
}

const fn said(status: &'static [u16], phrase: &'static [&'static str], class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase, when: When::Always, class }
}

const fn when(status: &'static [u16], when: When, class: Class) -> Entry<When> {
    Entry { status, code: &[], phrase: &[], when, class }
}

/// Statuses under which the business refuses.
const BUSINESS: &[u16] = &[400, 403, 409, 422];

const TABLE: &[Entry<When>] = &[
    status(&[401], Class::Unauthorised),
    status(&[429], Class::Throttled),
    when(&[403, 404, 503], When::Waits, Class::Throttled),
    status(&[207, 408, 500, 501, 502, 503, 504, 507, 508, 509, 520, 521, 522, 523, 524], Class::Ambiguous),
    status(&[412], Class::Stale),
    status(&[428], Class::Precondition),
    status(&[423], Class::Lock),
    code(&["updateconflict", "preconditionfailed", "versionconflict"], Class::Stale),
    code(&["recordnotfound", "notfound"], Class::Absent),
    code(&["recordinvalid"], Class::Invalid),
    said(&[409], &["locked", "in use", "being modified by another"], Class::Lock),
    said(
        &[400, 409],
        &["modified since", "safe update", "safe_update", "updated_stamp", "out of date", "version", "stale"],
        Class::Stale,
    ),
    said(BUSINESS, &["unique key", "duplicate", "already exists", "already been taken"], Class::Duplicate),
    // A table refuses by its rules with 403 as well, which is no missing right.
    said(BUSINESS, &["business rule", "data policy", "aborted by", "not allowed", "violat"], Class::Rule),
    status(&[403], Class::Forbidden),
    status(&[404, 410], Class::Absent),
    when(&[409], When::BareWrite, Class::Bare),
    when(&[409], When::BareCreate, Class::Duplicate),
    // Our own writes are well-formed: one that is refused without a field may be made from a version that reads do not show yet.
    when(&[422], When::UnnamedWrite, Class::BareShape),
    when(&[400], When::BareWrite, Class::BareShape),
    status(&[400, 405, 413, 415, 422], Class::Invalid),
];

/// What a refusal says.
#[derive(Debug, Default)]
struct Told {
    codes: Vec<String>,
    words: String,
    field: Option<String>,
}

/// How deep details of details are looked at.
const DEPTH_MAX: usize = 4;

impl Told {
    fn of(body: &Value) -> Self {
        let mut told = Self::default();
        told.look(body, 0);
        told.words = shortened(&told.words);
        told
    }

    fn look(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(members) if depth < DEPTH_MAX => {
                for (name, inner) in members {
                    self.member(name, inner, depth);
                }
            }
            Value::Array(items) if depth < DEPTH_MAX => items.iter().for_each(|item| self.look(item, depth + 1)),
            _ => {}
        }
    }

    fn member(&mut self, name: &str, value: &Value, depth: usize) {
        let Some(text) = value.as_str() else { return self.look(value, depth + 1) };
        match name {
            "code" | "errorCode" | "error_code" | "type" => self.codes.push(text.to_owned()),
            "error" | "title" if !text.contains(' ') => self.codes.push(text.to_owned()),
            "error" | "title" | "message" | "detail" | "details" | "description" | "error_description" => {
                self.say(text)
            }
            "field" | "fieldName" => self.field = self.field.take().or_else(|| Some(text.to_owned())),
            _ => {}
        }
    }

    fn say(&mut self, text: &str) {
        if text.is_empty() || self.words.contains(text) {
            return;
        }
        if !self.words.is_empty() {
            self.words.push_str("; ");
        }
        self.words.push_str(text);
    }
}

/// The status of an answer that refuses. Of a 207, which tells a result for each part, it is that of the part that was refused;
/// one that tells none leaves open what became of the request.
pub(super) fn refused_status(response: &Response, body: &Value) -> Option<u16> {
    match response.status {
        207 => {
            let mut parts = Vec::new();
            part_statuses(body, 0, &mut parts);
            match parts.iter().max() {
                None => Some(207),
                Some(worst) => Some(*worst).filter(|worst| *worst >= 400),
            }
        }
        _ if response.is_success() => None,
        status => Some(status),
    }
}

fn part_statuses(value: &Value, depth: usize, found: &mut Vec<u16>) {
    let below = depth + 1;
    match value {
        Value::Object(members) if depth < DEPTH_MAX => {
            for (name, inner) in members {
                match inner.as_u64().and_then(|status| u16::try_from(status).ok()) {
                    Some(status) if name == "status" && (200..600).contains(&status) => found.push(status),
                    _ => part_statuses(inner, below, found),
                }
            }
        }
        Value::Array(items) if depth < DEPTH_MAX => items.iter().for_each(|item| part_statuses(item, below, found)),
        _ => {}
    }
}

/// What a refusal with this status shows.
pub(super) fn evidence(
    kind: Option<&Kind>,
    now: Timestamp,
    (response, status): (&Response, u16),
    purpose: Purpose,
) -> Evidence {
    let body = response.json().unwrap_or(Value::Null);
    let told = Told::of(&body);
    let wait = retry_after(now, response);
    let hinted = kind.and_then(|kind| kind.errors.iter().find(|hint| fits(hint, status, &body, &told)));
    let class = hinted.map_or_else(|| by_table(status, &told, wait.is_some(), purpose), |hint| hint.class);
    let label = match told.codes.first() {
        Some(code) => format!("{status} {code}"),
        None => status.to_string(),
    };
    Evidence {
        class,
        label,
        message: told.words,
        version: None,
        current: None,
        retry_after: wait,
        field: told.field,
        about: About::Whole,
    }
}

fn fits(hint: &ErrorHint, status: u16, body: &Value, told: &Told) -> bool {
    let has_code = |code: &String| match &hint.at {
        Some(at) => body.pointer(at).and_then(super::snapshot::told).is_some_and(|found| plain(&found) == plain(code)),
        None => told.codes.iter().any(|found| plain(found) == plain(code)),
    };
    (hint.status.is_empty() || hint.status.contains(&status))
        && hint.code.as_ref().is_none_or(has_code)
        && hint.words.as_ref().is_none_or(|words| told.words.to_lowercase().contains(&words.to_lowercase()))
}

fn by_table(status: u16, told: &Told, waits: bool, purpose: Purpose) -> Class {
    let codes: Vec<String> = told.codes.iter().map(|code| plain(code)).collect();
    let words = told.words.to_lowercase();
    let says_nothing = |text: &str| ["", "conflict", "error", "failure"].contains(&plain(text).as_str());
    let bare = says_nothing(&words) && codes.iter().all(|code| says_nothing(code));
    let holds = |when: When| match when {
        When::Always => true,
        When::Waits => waits,
        When::BareWrite => bare && purpose == Purpose::Write,
        When::BareCreate => bare && purpose == Purpose::Create,
        When::UnnamedWrite => told.field.is_none() && purpose == Purpose::Write,
    };
    table::class(TABLE, &Shown { status, codes: &codes, words: &words }, |code, known| code == known, holds)
}
