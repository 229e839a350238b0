//! The quality scores as rows of a table, in the manner of a Table API: every value is text, the count of changes is told and
//! never looked at, a part of a query that is not understood is left out.

use serde_json::{Map, Value, json};

use crate::{
    access::json_response,
    api::{Call, Reply},
    http::Response,
    record::{Flat, Kind},
    refusal::{Checked, Refusal},
    target::Target,
    time::{format_instant, parse_instant},
};

/// Where the rows are.
pub(crate) const ROWS: &str = "/api/now/table/quality_score";

/// The most rows of one answer where the query says nothing.
const LIMIT: usize = 1_000;

impl Target {
    pub(crate) fn read_row(&self, id: &str, call: &Call) -> Checked<Reply> {
        let found = self.scores.get(id).and_then(|history| history.at(call.read_at));
        found.map(|score| Reply::new(200, json!({ "result": row(score) }))).ok_or_else(no_row)
    }

    pub(crate) fn list_rows(&self, call: &Call) -> Checked<Reply> {
        let query = call.query.get("sysparm_query").map(String::as_str).unwrap_or_default();
        let terms: Vec<(&str, &str)> = query.split('^').filter_map(|term| term.split_once('=')).collect();
        let limit = call.query.get("sysparm_limit").and_then(|limit| limit.parse().ok()).unwrap_or(LIMIT);
        let fits = |row: &Value| {
            let mut known = terms.iter().filter(|(name, _)| row.get(*name).is_some());
            known.all(|(name, value)| row[*name].as_str().is_some_and(|own| own.eq_ignore_ascii_case(value)))
        };
        let rows = self.scores.values().filter_map(|history| history.at(call.read_at)).map(|score| row(score));
        let rows: Vec<Value> = rows.filter(fits).take(limit).collect();
        Ok(Reply::new(200, json!({ "result": rows })))
    }

    /// The last writer wins.
    pub(crate) fn patch_row(&mut self, id: &str, call: &Call) -> Checked<Reply> {
        let Some(old) = self.flat(Kind::Score, id) else { return Err(no_row()) };
        let fields = self.patched_score(&old.fields, &typed(&call.body))?;
        self.check_constraints(call, &Kind::Score.path(id))?;
        self.commit_changed(call, Kind::Score, id, fields);
        Ok(self.row_reply(200, id))
    }

    /// A row of a key that exists is made again: only a unique index would refuse it, and this table has one.
    pub(crate) fn post_row(&mut self, call: &Call) -> Checked<Reply> {
        let made = self.create_score(&call.item(typed(&call.body)))?;
        let id = made.body["id"].as_str().unwrap_or_default().to_owned();
        if made.status == 200 {
            return Err(Refusal::new(403, "Operation Failed", "Error during insert: Unique Key violation detected"));
        }
        Ok(self.row_reply(201, &id))
    }

    fn row_reply(&self, status: u16, id: &str) -> Reply {
        let shown = self.flat(Kind::Score, id).map(|score| row(&score));
        Reply::new(status, json!({ "result": shown }))
    }
}

fn no_row() -> Box<Refusal> {
    Refusal::new(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
}

/// A record as a row.
fn row(score: &Flat) -> Value {
    let mut row: Map<String, Value> =
        score.fields.iter().map(|(name, value)| (name.clone(), json!(text(name, value)))).collect();
    row.insert("sys_mod_count".into(), json!(score.meta.version.to_string()));
    row.insert("sys_updated_on".into(), json!(seconds(score.meta.at)));
    row.insert("sys_updated_by".into(), json!(&*score.meta.by_name));
    Value::Object(row)
}

fn text(name: &str, value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(at) if name == "reviewed_at" => parse_instant(at).map_or_else(|| at.clone(), seconds),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// UTC, without a mark that says so.
fn seconds(ms: i64) -> String {
    let text = format_instant(ms);
    text.get(..19).unwrap_or(&text).replace('T', " ")
}

/// What a body says, with the types of the record.
fn typed(body: &Map<String, Value>) -> Map<String, Value> {
    let one = |(name, value): (&String, &Value)| {
        let value = match (name.as_str(), value) {
            ("comments" | "evaluation_form", _) => value.clone(),
            (_, Value::String(empty)) if empty.is_empty() => Value::Null,
            ("score", Value::String(digits)) => {
                digits.parse::<f64>().map_or_else(|_| value.clone(), |score| json!(score))
            }
            ("reviewed_at", Value::String(at)) => json!(format!("{}Z", at.replace(' ', "T"))),
            _ => value.clone(),
        };
        (name.clone(), value)
    };
    body.iter().map(one).collect()
}

/// A refusal in the shape of this API.
pub(crate) fn refused(refusal: &Refusal) -> Response {
    let body = json!({ "error": { "message": refusal.code, "detail": refusal.message }, "status": "failure" });
    let mut response = json_response(refusal.status, &body);
    response.headers.extend(refusal.headers.iter().cloned());
    response
}

/// Whether a path is one of a table's.
pub(crate) fn owns(path: &str) -> bool {
    path == ROWS || path.strip_prefix(ROWS).is_some_and(|rest| rest.starts_with('/'))
}
