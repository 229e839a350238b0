//! Incidents and outcomes in ServiceNow. Incidents go by an import set whose transform map coalesces on the correlation id, else by the Table API.
//!
//! The Table API has no precondition and no unique key, so a record is looked for by its correlation id first. A part of a query that an
//! instance does not understand is left out there, and every row answers: a hit counts only where its `correlation_id` is the one asked
//! for (ServiceNow, REST API: Table API; `glide.invalid_query.returns_no_rows`).

use super::{Heard as Next, Line, Teller};
use ifmatch_core::{Failure, Method, Request, Response, Timestamp};
use serde_json::{Value, json};

/// Where incidents are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// The staging table of an import set, for example `u_ifmatch_incident`; without one the Table API is used.
    pub staging: Option<String>,
    /// The table of incidents.
    pub table: String,
    /// Fields that every new incident gets, for example `assignment_group`.
    pub fields: Vec<(String, String)>,
}

/// What an incident shall say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) correlation: String,
    pub(super) sys_id: Option<String>,
    pub(super) is_open: bool,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) note: String,
}

/// One step of writing a ticket.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Writing {
    ticket: Ticket,
    step: Deed,
    request: Request,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Import,
    Find,
    Create,
    Change,
}

/// What an answer comes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Heard {
    /// Another request follows.
    Go(Writing),
    /// It stands there, under this id where that is known.
    Done(Option<String>, Ticket),
    /// It does not; why.
    Failed(String),
}

impl Writing {
    pub(super) fn request(&self) -> Request {
        self.request.clone()
    }
}

/// The longest short description that an instance takes as it comes.
const SUMMARY_MAX: usize = 160;

impl Desk {
    /// Begins to write a ticket.
    pub(super) fn write(&self, ticket: Ticket) -> Writing {
        match (&self.staging, &ticket.sys_id) {
            (Some(staging), _) => self.import(staging, ticket),
            (None, Some(_)) => self.change(ticket),
            (None, None) => self.find(ticket),
        }
    }

    /// Every value of an import set is text.
    fn import(&self, staging: &str, ticket: Ticket) -> Writing {
        let mut row = self.row(&ticket);
        row["correlation_id"] = json!(ticket.correlation);
        let request = Request::json(Method::Post, format!("/api/now/import/{staging}"), &row);
        Writing { ticket, step: Deed::Import, request: with_accept(request) }
    }

    fn find(&self, ticket: Ticket) -> Writing {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("sysparm_query", &format!("correlation_id={}^ORDERBYsys_created_on", ticket.correlation))
            .append_pair("sysparm_fields", "sys_id,number,correlation_id,state")
            .append_pair("sysparm_exclude_reference_link", "true")
            .append_pair("sysparm_limit", "20")
            .finish();
        let request = Request::bare(Method::Get, format!("/api/now/table/{}?{query}", self.table));
        Writing { ticket, step: Deed::Find, request: with_accept(request) }
    }

    fn create(&self, ticket: Ticket) -> Writing {
        let mut row = self.row(&ticket);
        row["correlation_id"] = json!(ticket.correlation);
        let path = format!("/api/now/table/{}?sysparm_fields=sys_id,number,correlation_id", self.table);
        Writing { request: with_accept(Request::json(Method::Post, path, &row)), ticket, step: Deed::Create }
    }

    fn change(&self, ticket: Ticket) -> Writing {
        let id = ticket.sys_id.clone().unwrap_or_default();
        let path = format!("/api/now/table/{}/{id}?sysparm_fields=sys_id,number,correlation_id", self.table);
        let request = with_accept(Request::json(Method::Patch, path, &self.row(&ticket)));
        Writing { ticket, step: Deed::Change, request }
    }

    fn row(&self, ticket: &Ticket) -> Value {
        let mut row = json!({"work_notes": ticket.note, "correlation_display": "ifmatch"});
        match ticket.is_open {
            true => {
                let summary: String = ticket.summary.chars().take(SUMMARY_MAX).collect();
                row["short_description"] = json!(summary);
                row["description"] = json!(ticket.description);
                row["urgency"] = json!("2");
                row["impact"] = json!("2");
                for (field, value) in &self.fields {
                    row[field.as_str()] = json!(value);
                }
            }
            false => {
                row["state"] = json!("6");
                row["close_code"] = json!("Resolved by caller");
                row["close_notes"] = json!(ticket.note);
            }
        }
        row
    }

    /// Reads an answer.
    pub(super) fn hear(&self, writing: Writing, answer: Result<&Response, &Failure>) -> Heard {
        let Ok(answer) = answer else { return Heard::Failed(format!("no answer to {}", named(&writing.request))) };
        let body = answer.json().unwrap_or_default();
        if writing.step == Deed::Change && answer.status == 404 {
            // Somebody deleted it, or may not show it: it is looked for by its name.
            return Heard::Go(self.find(Ticket { sys_id: None, ..writing.ticket }));
        }
        if !answer.is_success() {
            return Heard::Failed(failure(&writing.request, answer));
        }
        match writing.step {
            Deed::Import => match row_taken(&writing.request, &body) {
                Ok(id) => Heard::Done(id, writing.ticket),
                Err(why) => Heard::Failed(why),
            },
            Deed::Find => self.found(writing, &body),
            Deed::Create | Deed::Change => match body["result"]["sys_id"].as_str() {
                Some(id) => Heard::Done(Some(id.to_owned()), writing.ticket),
                None => Heard::Failed(format!("the answer to {} has no sys_id", named(&writing.request))),
            },
        }
    }

    fn found(&self, writing: Writing, body: &Value) -> Heard {
        let Some(rows) = body["result"].as_array() else {
            return Heard::Failed(format!("the answer to {} has no rows", named(&writing.request)));
        };
        let ticket = writing.ticket;
        let own = rows.iter().find(|row| row["correlation_id"].as_str() == Some(&ticket.correlation));
        match (own.and_then(|row| row["sys_id"].as_str()), ticket.is_open) {
            (Some(id), _) => Heard::Go(self.change(Ticket { sys_id: Some(id.to_owned()), ..ticket })),
            (None, true) => Heard::Go(self.create(ticket)),
            // Nobody was told that it is open, so nobody has to hear that it is over.
            (None, false) => Heard::Done(None, ticket),
        }
    }
}

/// The record that the row of an import set became, where it is named; or why it was not taken.
fn row_taken(request: &Request, body: &Value) -> Result<Option<String>, String> {
    let row = &body["result"][0];
    match row["status"].as_str() {
        Some("inserted" | "updated" | "ignored" | "skipped") => Ok(row["sys_id"].as_str().map(str::to_owned)),
        _ => {
            let words = row["error_message"].as_str().or(row["status_message"].as_str()).unwrap_or("no status");
            let words: String = words.chars().take(200).collect();
            Err(format!("the row of {} was not taken: {words}", named(request)))
        }
    }
}

/// Both are needed by an instance, also where one has no body.
fn with_accept(mut request: Request) -> Request {
    request.headers.push(("accept".to_owned(), "application/json".to_owned()));
    request
}

/// Method and path; a query may hold names.
fn named(request: &Request) -> String {
    format!("{} {}", request.method, request.path.split('?').next().unwrap_or_default())
}

/// Tells outcomes by rows of an import set. Its transform map coalesces on `u_intent`, so that a row that is sent again, and a later
/// outcome of the same intent, change the first one.
///
/// Shape of a row, all text: `{"u_intent": "int_…", "u_source", "u_kind", "u_resource", "u_record": "9f1c…", "u_sequence": "7",
/// "u_state": "landed", "u_code": "", "u_reason": "…", "u_at": "2026-11-16 07:00:04"}`. Times are in UTC, as ServiceNow stores them.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The staging table, for example `u_ifmatch_outcome`.
    pub staging: String,
}

impl Teller for Rows {
    fn begin(&self, _: Timestamp, line: &Line) -> Option<Request> {
        let origin = line.origin.as_ref();
        let row = json!({
            "u_intent": line.intent,
            "u_source": line.source,
            "u_kind": line.resource.kind,
            "u_resource": line.resource.id().unwrap_or_default(),
            "u_record": origin.and_then(|origin| origin.record.as_deref()).unwrap_or_default(),
            "u_sequence": origin.and_then(|origin| origin.sequence).map(|it| it.to_string()).unwrap_or_default(),
            "u_state": line.to,
            "u_code": line.code.as_deref().unwrap_or_default(),
            "u_reason": line.reason.as_deref().unwrap_or_default(),
            "u_at": line.at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        });
        Some(with_accept(Request::json(Method::Post, format!("/api/now/import/{}", self.staging), &row)))
    }

    fn hear(&self, _: Timestamp, _: &Line, request: &Request, answer: Result<&Response, &Failure>) -> Next {
        let Ok(answer) = answer else { return Next::Again(format!("no answer to {}", named(request))) };
        if !answer.is_success() {
            return Next::Again(failure(request, answer));
        }
        match row_taken(request, &answer.json().unwrap_or_default()) {
            Ok(_) => Next::Done,
            // The instance took the request and refused the row: another attempt meets the same rule.
            Err(why) => Next::GiveUp(why),
        }
    }
}

/// What a refusal says, in a few words.
fn failure(request: &Request, answer: &Response) -> String {
    let body = answer.json().unwrap_or_default();
    let words: String = body["error"]["message"].as_str().unwrap_or_default().chars().take(200).collect();
    format!("{} to {}: {words}", answer.status, named(request))
}
