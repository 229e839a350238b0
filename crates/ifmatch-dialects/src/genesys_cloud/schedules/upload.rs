//! An upload: an address is asked for, the content is put there, and a last request has it processed. Only that one changes
//! anything, and what became of it the records themselves tell.

use super::place::{VERSION, path};
use super::{agents, schedule};
use crate::genesys_cloud::answer::{Answer, Facts, alike};
use crate::genesys_cloud::evidence::Purpose;
use crate::genesys_cloud::fields;
use crate::genesys_cloud::kinds::{AGENT, Kinds, METADATA};
use crate::genesys_cloud::lens;
use ifmatch_core::{Call, Fact, Method, Notes, Processing, Request, WriteItem};
use serde_json::{Map, Value, json};

/// The key of the upload.
pub(super) const KEY: &str = "upload/key";
/// The signed address.
pub(super) const URL: &str = "upload/url";
/// The headers that belong to it.
pub(super) const HEADERS: &str = "upload/headers";
/// That the content is there.
pub(super) const DONE: &str = "upload/done";

/// Asks for an address. The length is that of the text: how long it is compressed, the edge knows when it is sent.
pub(super) fn address(kinds: &Kinds, call: &Call, notes: &Notes) -> Request {
    let length = content(kinds, call, notes).to_string().len();
    Request::json(Method::Post, path(call, notes, "/update/uploadurl"), &json!({"contentLengthBytes": length}))
}

/// Puts the content at the address, with the headers that came along and no others.
pub(super) fn put(kinds: &Kinds, call: &Call, notes: &Notes) -> Request {
    let headers: Map<String, Value> =
        notes.get(HEADERS).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let header = |(name, value): (String, Value)| Some((name.to_ascii_lowercase(), value.as_str()?.to_owned()));
    Request {
        method: Method::Put,
        path: notes.get(URL).unwrap_or_default().to_owned(),
        headers: headers.into_iter().filter_map(header).collect(),
        body: content(kinds, call, notes).to_string(),
        signed: true,
    }
}

/// Has the content processed.
pub(super) fn process(call: &Call, notes: &Notes) -> Request {
    let key = notes.get(KEY).unwrap_or_default();
    Request::json(Method::Post, path(call, notes, "/update"), &json!({"uploadKey": key}))
}

/// What is uploaded. A change of the schedule itself names the version that it was made from; one of its agents, and a
/// publish, the one that stands there now.
fn content(kinds: &Kinds, call: &Call, notes: &Notes) -> Value {
    let current = notes.get(VERSION).and_then(|text| text.parse::<u64>().ok());
    match call {
        Call::Start(_) => json!({METADATA: {"version": current}, "published": true}),
        Call::Write(items) if items.iter().all(|item| item.resource.kind == AGENT) => {
            let kind = kinds.get(AGENT).expect("the table has the kind");
            let entries: Vec<Value> = items.iter().map(|item| agents::entry(kind, item)).collect();
            json!({METADATA: {"version": current}, "agentSchedules": entries})
        }
        Call::Write(items) => {
            let changed = |item: &WriteItem| lens::patch(fields::WEEK_SCHEDULE, &item.from, &item.to);
            let mut content = items.first().map(changed).unwrap_or_default();
            let version = items.first().and_then(|item| item.precondition.version).or(current);
            content.insert(METADATA.to_owned(), json!({"version": version}));
            Value::Object(content)
        }
        _ => json!({"id": schedule(call)}),
    }
}

impl Answer<'_> {
    /// What became of asking for an upload to be processed: nobody knows yet.
    pub(crate) fn uploaded(&self, items: &[WriteItem]) -> Facts {
        let fact = match self.refusal(Purpose::Write) {
            Some(evidence) => Fact::Refused(evidence),
            None if self.body["status"] == "Error" => {
                let words = "the upload failed, and the target does not say why";
                let class = ifmatch_core::Class::Bare;
                Fact::Refused(ifmatch_core::Evidence::bare(class, "status Error", words))
            }
            None => {
                let operation = self.body["operationId"].as_str().map(str::to_owned);
                Fact::Processing(Processing { operation, status: None })
            }
        };
        alike(items.iter().map(|item| &item.resource), &fact)
    }
}
