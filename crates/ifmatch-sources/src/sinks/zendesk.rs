//! Outcomes as private comments on the ticket that an intent came from.
//!
//! A ticket is written with `safe_update` and the `updated_at` that was read (`updated_stamp`), so that a comment takes nothing from
//! somebody who edits it (409: read again). Comments have no key: before one is added, the ticket's comments are looked through for
//! its mark, so that a repetition after a lost answer adds no second one.

use super::{Heard, Line, Teller};
use ifmatch_core::{Failure, Method, Request, Response, Timestamp};
use serde_json::json;

/// The system's name in origins.
const SYSTEM: &str = "zendesk";

/// Tells a ticket.
#[derive(Debug, Clone, Default)]
pub struct Comments;

impl Comments {
    fn read(ticket: &str) -> Request {
        Request::bare(Method::Get, format!("/api/v2/tickets/{ticket}.json"))
    }

    fn list(ticket: &str, updated_at: &str) -> Request {
        let mut request = Request::bare(
            Method::Get,
            format!("/api/v2/tickets/{ticket}/comments.json?sort_order=desc&page[size]=100"),
        );
        // Carried through the conversation: what the ticket was when its comments were looked at.
        request.headers.push((STAMP.to_owned(), updated_at.to_owned()));
        request
    }

    fn write(ticket: &str, updated_at: &str, line: &Line) -> Request {
        let reason = line.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let body = format!("{} of {} is {}{reason}\n{}", line.resource.kind, name_of(line), line.to, mark(line));
        let body = json!({"ticket": {
            "comment": {"body": body, "public": false},
            "updated_stamp": updated_at,
            "safe_update": true,
        }});
        Request::json(Method::Put, format!("/api/v2/tickets/{ticket}.json"), &body)
    }
}

/// A header of ours that a ticket system passes over.
const STAMP: &str = "x-ifmatch-ticket-updated-at";

/// What tells a comment of ours from every other, and from one about another outcome.
fn mark(line: &Line) -> String {
    format!("[ifmatch {} {}]", line.intent, line.to)
}

fn name_of(line: &Line) -> String {
    line.resource.id().map_or_else(|| "a new record".to_owned(), str::to_owned)
}

/// The ticket that an intent names; what is no number is none.
fn ticket(line: &Line) -> Option<&str> {
    let origin = line.origin.as_ref().filter(|origin| origin.system == SYSTEM)?;
    let record = origin.record.as_deref()?;
    (!record.is_empty() && record.bytes().all(|byte| byte.is_ascii_digit())).then_some(record)
}

impl Teller for Comments {
    fn begin(&self, _: Timestamp, line: &Line) -> Option<Request> {
        ticket(line).map(Self::read)
    }

    fn hear(&self, _: Timestamp, line: &Line, request: &Request, answer: Result<&Response, &Failure>) -> Heard {
        let named = || format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default());
        let Some(ticket) = ticket(line) else { return Heard::Done };
        let Ok(answer) = answer else { return Heard::Again(format!("no answer to {}", named())) };
        let body = answer.json().unwrap_or_default();
        match (request.method, answer.status) {
            (Method::Put, 200..=299) => Heard::Done,
            // Somebody edited the ticket meanwhile.
            (Method::Put, 409) => Heard::Go(Self::read(ticket)),
            (_, 404 | 422) => Heard::GiveUp(format!("{} to {}", answer.status, named())),
            (_, status) if !(200..300).contains(&status) => Heard::Again(format!("{status} to {}", named())),
            _ => match (body["ticket"]["updated_at"].as_str(), body["comments"].as_array()) {
                (Some(updated_at), _) => Heard::Go(Self::list(ticket, updated_at)),
                (None, Some(comments)) => {
                    let is_ours = |text: &str| text.contains(&mark(line));
                    let told = comments.iter().any(|comment| comment["body"].as_str().is_some_and(is_ours));
                    match request.header(STAMP) {
                        _ if told => Heard::Done,
                        Some(updated_at) => Heard::Go(Self::write(ticket, updated_at, line)),
                        None => Heard::Go(Self::read(ticket)),
                    }
                }
                (None, None) => Heard::Again(format!("the answer to {} is neither a ticket nor comments", named())),
            },
        }
    }
}
