//! An external scheduling engine: whole weeks per agent, and small changes as verbs.
//!
//! The engine knows agents and shifts, not the target's schedules: the schedule's id is given. The
//! site that sent a change comes along, for callers that keep one source per site.

use super::{JsonLine, LineError};
use ifmatch_core::{Change, Intent, OrgName, Origin, Resource, Urgency, Verb};
use jiff::civil::Date;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// The system's name in origins.
pub const SYSTEM: &str = "scheduler";

/// Translates the lines for one schedule of one org.
#[derive(Debug, Clone)]
pub struct Reader {
    org: OrgName,
    schedule_id: String,
}

/// One small change, translated.
#[derive(Debug, Clone, PartialEq)]
pub struct SmallChange {
    /// The line in the file, from 1.
    pub line: u64,
    /// Place in the order of the engine's changes.
    pub seq: u64,
    /// The site that sent it.
    pub site: String,
    /// The verb on the agent's schedule.
    pub intent: Intent,
}

/// One agent's whole week, translated.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// The line in the file, from 1.
    pub line: u64,
    /// The site that sent it.
    pub site: String,
    /// The first day of the week.
    pub week: Date,
    /// The desired state of the agent's schedule: its shifts, and nothing of its availability.
    pub intent: Intent,
}

impl Reader {
    /// A reader for one schedule.
    #[must_use]
    pub fn new(org: &OrgName, schedule_id: &str) -> Self {
        Self { org: org.clone(), schedule_id: schedule_id.to_owned() }
    }

    /// Translates every line of changes that is not blank.
    #[must_use]
    pub fn changes(&self, text: &str) -> Vec<Result<SmallChange, LineError>> {
        numbered(text).map(|(line, number)| self.change(number, line)).collect()
    }

    /// Translates every line of weeks that is not blank.
    #[must_use]
    pub fn weeks(&self, text: &str) -> Vec<Result<Week, LineError>> {
        numbered(text).map(|(line, number)| self.week(number, line)).collect()
    }

    /// Translates one change. Its arguments are all fields that do not say where it belongs.
    ///
    /// # Errors
    /// The field at fault: `invalid_json`, `missing_field`, `invalid_number` or `unknown_verb`.
    pub fn change(&self, number: u64, text: &str) -> Result<SmallChange, LineError> {
        let line = JsonLine::parse(number, text)?;
        let seq = line.number("seq")?;
        let shift_id = line.text("shift_id")?.to_owned();
        let verb = Verb { name: verb(&line)?.to_owned(), args: args(&line) };
        let mut intent = self.intent(line.text("agent_id")?, Change::Verb(verb));
        intent.idempotency_key = Some(format!("{SYSTEM}:{seq}"));
        intent.origin = Some(Origin { system: SYSTEM.to_owned(), record: Some(shift_id), sequence: None });
        Ok(SmallChange { line: number, seq, site: line.text("site")?.to_owned(), intent })
    }

    /// Translates one agent's week.
    ///
    /// # Errors
    /// The field at fault: `invalid_json`, `missing_field` or `invalid_date`.
    pub fn week(&self, number: u64, text: &str) -> Result<Week, LineError> {
        let line = JsonLine::parse(number, text)?;
        let agent = line.text("agent_id")?;
        let shifts = line.at("shifts").filter(|shifts| shifts.is_array());
        let shifts = shifts.ok_or_else(|| line.error("shifts", "missing_field", "a list of shifts is needed"))?;
        let week = line.text("week")?.parse();
        let week = week.map_err(|_| line.error("week", "invalid_date", "must be a date such as 2026-11-23"))?;
        let mut intent = self.intent(agent, Change::Desired(json!({"agent_id": agent, "shifts": shifts})));
        intent.class = Urgency::Bulk;
        intent.origin = Some(Origin { system: SYSTEM.to_owned(), record: Some(agent.to_owned()), sequence: None });
        Ok(Week { line: number, site: line.text("site")?.to_owned(), week, intent })
    }

    fn intent(&self, agent: &str, change: Change) -> Intent {
        Intent::new(Resource::by_id(&self.org, "agent-schedule", &format!("{}/{agent}", self.schedule_id)), change)
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (&str, u64)> {
    text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty())
}

fn verb(line: &JsonLine) -> Result<&str, LineError> {
    let name = line.text("verb")?;
    if ["move-shift", "extend-shift", "add-activity", "remove-shift"].contains(&name) {
        return Ok(name);
    }
    Err(line.error("verb", "unknown_verb", "must be move-shift, extend-shift, add-activity or remove-shift"))
}

fn args(line: &JsonLine) -> Value {
    let place = |name: &str| ["seq", "site", "agent_id", "verb"].contains(&name);
    let members = line.value.as_object().into_iter().flatten();
    let args = members.filter(|(name, _)| !place(name)).map(|(name, value)| (name.clone(), value.clone()));
    Value::Object(args.collect::<Map<String, Value>>())
}
