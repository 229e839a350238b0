//! Quality reviews out of ServiceNow: the body of an outbound call per line, into the desired state
//! of a quality score.
//!
//! ServiceNow writes times in UTC without a mark, numbers as text, and counts the changes of a
//! record in `sys_mod_count`; that count orders the lines of one record, whatever order they
//! arrive in.

use super::{JsonLine, LineError};
use ifmatch_core::{Change, Intent, Name, OrgName, Origin, Resource, Timestamp};
use ifmatch_dialects::instants;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// The system's name in resources and origins.
pub const SYSTEM: &str = "servicenow";

/// Translates the lines of one org.
#[derive(Debug, Clone)]
pub struct Reader {
    org: OrgName,
    zone_name: String,
    zone: TimeZone,
}

/// One line, translated.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    /// The line in the file, from 1.
    pub line: u64,
    /// The desired state of the score.
    pub intent: Intent,
    /// Who changed the record last, for telling our own write-back from a person's edit.
    pub writer: String,
    /// When that was.
    pub updated_at: Timestamp,
}

impl Reader {
    /// A reader for an org whose review dates are local dates in a zone, for example
    /// `Europe/Paris`. `None` for a name that is no IANA zone.
    #[must_use]
    pub fn new(org: &OrgName, time_zone: &str) -> Option<Self> {
        let zone = instants::zone(time_zone)?;
        Some(Self { org: org.clone(), zone_name: time_zone.to_owned(), zone })
    }

    /// Translates every line that is not blank.
    #[must_use]
    pub fn lines(&self, text: &str) -> Vec<Result<Review, LineError>> {
        let numbered = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        numbered.map(|(line, number)| self.line(number, line)).collect()
    }

    /// Translates one line.
    ///
    /// # Errors
    /// The field at fault: `invalid_json`, `missing_field`, `invalid_number`, `invalid_score` or
    /// `invalid_time`.
    pub fn line(&self, number: u64, text: &str) -> Result<Review, LineError> {
        let line = JsonLine::parse(number, text)?;
        let sys_id = line.text("sys_id")?.to_owned();
        let count = line.number("sys_mod_count")?;
        let resource =
            Resource::new(&self.org, "quality-score", Name::External { system: SYSTEM.to_owned(), id: sys_id.clone() });
        let intent = Intent {
            idempotency_key: Some(format!("{SYSTEM}:{sys_id}:{count}")),
            origin: Some(Origin { system: SYSTEM.to_owned(), record: Some(sys_id), sequence: Some(count) }),
            ..Intent::new(resource, Change::Desired(self.score(&line)?))
        };
        Ok(Review {
            line: number,
            intent,
            writer: line.text("sys_updated_by")?.to_owned(),
            updated_at: utc(&line, "sys_updated_on")?,
        })
    }

    fn score(&self, line: &JsonLine) -> Result<Value, LineError> {
        let reviewed_at = utc(line, "reviewed_at")?;
        let comments = line.at("comments").and_then(Value::as_str).unwrap_or_default();
        Ok(json!({
            "agent_email": line.text("agent.email")?.to_lowercase(),
            "evaluation_form": line.text("evaluation_form")?,
            "correlation_id": line.text("correlation_id")?,
            "score": points(line)?,
            "comments": comments,
            "reviewed_at": reviewed_at.to_string(),
            "time_zone": self.zone_name,
            "review_date": reviewed_at.to_zoned(self.zone.clone()).date().to_string(),
        }))
    }
}

/// A time in UTC without a mark, `2026-10-24 22:30:00`. One that does carry an offset is believed.
fn utc(line: &JsonLine, field: &str) -> Result<Timestamp, LineError> {
    let text = line.text(field)?;
    if let Ok(at) = instants::instant(text) {
        return Ok(at);
    }
    let at = text.parse::<DateTime>().ok().filter(|_| text.contains(':'));
    let at = at.and_then(|at| at.to_zoned(TimeZone::UTC).ok());
    at.map(|at| at.timestamp())
        .ok_or_else(|| line.error(field, "invalid_time", "must be a time in UTC such as 2026-10-24 22:30:00"))
}

/// A score as text or number; whole points stay whole.
fn points(line: &JsonLine) -> Result<Value, LineError> {
    let value = match line.at("score") {
        Some(Value::String(text)) => serde_json::from_str(text.trim()).unwrap_or(Value::Null),
        Some(other) => other.clone(),
        None => Value::Null,
    };
    let fits = value.as_f64().is_some_and(|score| (0.0..=100.0).contains(&score));
    if fits { Ok(value) } else { Err(line.error("score", "invalid_score", "must be a number from 0 to 100")) }
}
