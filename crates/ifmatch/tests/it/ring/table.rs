//! A table of ServiceNow as far as the Table API shows it: everything is text, `sys_mod_count` counts changes and guards nothing,
//! and a business rule tells of each change.

use crate::sinks::{Came, Other};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Where the rows are.
const ROWS: &str = "/api/now/table/u_review/";

/// A change of a row, as a business rule sees it: `current` and `previous`.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) id: String,
    pub(super) count: u64,
    pub(super) by: String,
    pub(super) before: Value,
    pub(super) after: Value,
}

#[derive(Debug, Default)]
struct Rows {
    rows: BTreeMap<String, Value>,
    changes: Vec<Changed>,
}

/// The table, and the socket that it is asked at.
pub(super) struct Table {
    rows: Arc<Mutex<Rows>>,
    http: Other,
}

impl Table {
    /// A table with these rows, at their first count.
    pub(super) fn start(ids: &[String], score: u64) -> Self {
        let row = |id: &String| {
            let row = json!({
                "sys_id": id, "sys_mod_count": "0", "sys_updated_on": "2026-10-20 08:00:00", "sys_updated_by": "admin",
                "u_score": score.to_string(), "u_comments": "", "u_unused": "",
            });
            (id.clone(), row)
        };
        let rows = Rows { rows: ids.iter().map(row).collect(), ..Rows::default() };
        let rows = Arc::new(Mutex::new(rows));
        let asked = Arc::clone(&rows);
        Self { rows, http: Other::start(move |came| answer(&mut asked.lock().unwrap(), came)) }
    }

    pub(super) fn url(&self) -> &str {
        &self.http.url
    }

    /// A person's edit in a form.
    pub(super) fn edit(&self, id: &str, patch: &Value) {
        self.rows.lock().unwrap().write(id, patch, "ada.lehmann").unwrap();
    }

    /// The score of a row.
    pub(super) fn score(&self, id: &str) -> String {
        self.rows.lock().unwrap().rows[id]["u_score"].as_str().unwrap().to_owned()
    }

    /// Every change since one, in order.
    pub(super) fn changes(&self, since: usize) -> Vec<Changed> {
        self.rows.lock().unwrap().changes[since..].to_vec()
    }

    /// Requests that came.
    pub(super) fn requests(&self) -> usize {
        self.http.came().len()
    }
}

impl Rows {
    /// The row after a write; what changes nothing is not counted, and no rule runs.
    fn write(&mut self, id: &str, patch: &Value, by: &str) -> Option<Value> {
        let row = self.rows.get_mut(id)?;
        let before = row.clone();
        for (name, value) in patch.as_object().into_iter().flatten().filter(|(name, _)| before.get(*name).is_some()) {
            row[name.as_str()] = value.clone();
        }
        if *row != before {
            let count = before["sys_mod_count"].as_str()?.parse::<u64>().ok()? + 1;
            row["sys_mod_count"] = json!(count.to_string());
            row["sys_updated_by"] = json!(by);
            let (id, by, after) = (id.to_owned(), by.to_owned(), row.clone());
            self.changes.push(Changed { id, count, by, before, after });
        }
        Some(self.rows[id].clone())
    }
}

fn answer(rows: &mut Rows, came: &Came) -> (u16, Value) {
    let failed = |status: u16, message: &str| {
        (status, json!({ "error": { "message": message, "detail": "" }, "status": "failure" }))
    };
    if came.headers.value("authorization").is_none_or(|value| !value.starts_with("Basic ")) {
        return failed(401, "User Not Authenticated");
    }
    let mut words = came.line.split(' ');
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let id = path.split('?').next().and_then(|path| path.strip_prefix(ROWS)).unwrap_or_default();
    let row = match method {
        "GET" => rows.rows.get(id).cloned(),
        "PATCH" => rows.write(id, &came.json(), "ifmatch"),
        _ => return failed(405, "Method not supported"),
    };
    row.map_or_else(|| failed(404, "No Record found"), |row| (200, json!({ "result": row })))
}
