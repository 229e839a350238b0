//! Who an e-mail address is in the target.

use super::plan::{Plan, PlanRow, Verdict, key_of};
use super::{Journal, Progress};
use ifmatch_core::Change;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ids of agents by e-mail address in small letters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Agents(pub BTreeMap<String, String>);

/// A text that is no list of agents.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AgentsError {
    /// It begins like JSON and is none of the two shapes.
    #[error("no JSON like {{\"ada@example.com\": \"id\"}} or [{{\"email\": …, \"id\": …}}]: {0}")]
    Json(String),
    /// It is no CSV with these columns.
    #[error("no CSV with the columns email and id: {0}")]
    Csv(String),
}

impl Agents {
    /// Reads a list: CSV with the columns `email` and `id` (or `agent_id`), a JSON object by address, or a JSON list of objects
    /// with `email` and `id`.
    ///
    /// # Errors
    /// None of these.
    pub fn read(text: &str) -> Result<Self, AgentsError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match text.trim_start().starts_with(['{', '[']) {
            true => Self::json(text),
            false => Self::csv(text),
        }
    }

    /// The members of a list of objects with `email` and `id`.
    #[must_use]
    pub fn of_list(list: &[Value]) -> Self {
        let pair = |agent: &Value| Some((agent["email"].as_str()?.to_lowercase(), agent["id"].as_str()?.to_owned()));
        Self(list.iter().filter_map(pair).collect())
    }

    fn json(text: &str) -> Result<Self, AgentsError> {
        let fail = |why: &str| AgentsError::Json(why.to_owned());
        match serde_json::from_str::<Value>(text).map_err(|error| fail(&error.to_string()))? {
            Value::Array(list) => {
                let agents = Self::of_list(&list);
                if agents.0.len() < list.len() {
                    Err(fail("an entry lacks email or id, or is there twice"))
                } else {
                    Ok(agents)
                }
            }
            Value::Object(members) => {
                let pair = |(email, id): (String, Value)| Some((email.to_lowercase(), id.as_str()?.to_owned()));
                let agents: Option<BTreeMap<_, _>> = members.into_iter().map(pair).collect();
                agents.map(Self).ok_or_else(|| fail("an id is no text"))
            }
            _ => Err(fail("it is neither")),
        }
    }

    fn csv(text: &str) -> Result<Self, AgentsError> {
        let fail = |why: String| AgentsError::Csv(why);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| fail(error.to_string()))?.clone();
        let place = |names: &[&str]| header.iter().position(|name| names.contains(&name.to_lowercase().as_str()));
        let (Some(email), Some(id)) = (place(&["email"]), place(&["id", "agent_id"])) else {
            return Err(fail(format!("the header has {}", header.iter().collect::<Vec<_>>().join(", "))));
        };
        let mut agents = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| fail(error.to_string()))?;
            let field = |at: usize| record.get(at).unwrap_or_default();
            agents.insert(field(email).to_lowercase(), field(id).to_owned());
        }
        Ok(Self(agents))
    }

    /// Puts ids in the place of addresses in every trade that is submitted; a row with an address that is nobody's is rejected.
    pub fn resolve(&self, plan: &mut Plan) {
        let kind = plan.kind;
        for row in plan.rows.iter_mut().filter(|row| row.verdict.is_applied()) {
            match self.resolved(row) {
                Ok(Some(body)) => {
                    let Some(intent) = &mut row.intent else { continue };
                    intent.change = Change::Create(body);
                    intent.idempotency_key = Some(key_of(kind, &row.source_id, intent));
                }
                Ok(None) => {}
                Err((side, email)) => {
                    row.stop(Verdict::Reject, "unknown_agent", format!("no agent has the address {email}"));
                    row.field = Some(format!("{side}/agent_email"));
                    row.resource = None;
                }
            }
        }
        plan.count();
    }

    /// The same for a plan that is being carried out: rows that have ended stay as they are, and a row of nobody's address is told as
    /// refused, for the journal.
    pub fn resolve_left(&self, plan: &mut Plan, journal: &Journal) -> Vec<Progress> {
        let ended = |row: u64| journal.rows.get(&row).is_some_and(Progress::has_ended);
        let mut resolved = plan.clone();
        self.resolve(&mut resolved);
        let mut refused = Vec::new();
        for (row, new) in plan.rows.iter_mut().zip(resolved.rows) {
            if new.verdict.is_applied() {
                *row = new;
            } else if row.verdict.is_applied() && !ended(row.row) {
                refused.push(Progress {
                    state: "refused".to_owned(),
                    code: new.code,
                    reason: Some(new.reason),
                    ..Progress::sent(row.row, None)
                });
            }
        }
        refused
    }

    fn resolved(&self, row: &PlanRow) -> Result<Option<Value>, (&'static str, String)> {
        let Some(Change::Create(body)) = row.intent.as_ref().map(|intent| &intent.change) else {
            return Ok(None);
        };
        let mut body = body.clone();
        let mut any = false;
        for side in ["initiating", "receiving"] {
            let Some(members) = body.get_mut(side).and_then(Value::as_object_mut) else { continue };
            let Some(email) = members.remove("agent_email") else { continue };
            let email = email.as_str().unwrap_or_default().to_lowercase();
            let id = self.0.get(&email).ok_or((side, email))?;
            members.insert("agent_id".to_owned(), json!(id));
            any = true;
        }
        Ok(any.then_some(body))
    }

    /// Whether a plan still names agents by address.
    #[must_use]
    pub fn are_missing(plan: &Plan) -> bool {
        let by_address = |row: &PlanRow| match row.intent.as_ref().map(|intent| &intent.change) {
            Some(Change::Create(body)) => {
                ["initiating", "receiving"].iter().any(|side| body.pointer(&format!("/{side}/agent_email")).is_some())
            }
            _ => false,
        };
        plan.rows.iter().any(by_address)
    }
}

#[cfg(test)]
mod tests;
