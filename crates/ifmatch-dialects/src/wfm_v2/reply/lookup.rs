//! Look-ups: the records of a list that a creation may have made, or that hold its natural key.

use super::{Answer, Asked, absent_or_refused, record_id};
use crate::instants;
use crate::wfm_v2::evidence::Purpose;
use crate::wfm_v2::kinds::{AGENT, SCHEDULE, SCORE, TRADE};
use crate::wfm_v2::{mark, same, snapshot};
use ifmatch_core::{Creation, Fact, Name, Snapshot};
use serde_json::Value;

impl Answer<'_> {
    pub(super) fn lookup(&self, creation: &Creation) -> Fact {
        let list = self.body.get("entities").and_then(Value::as_array).or_else(|| self.body.as_array());
        if !self.response.is_success()
            && let Some(refusal) = self.refusal(Asked::of(Purpose::Read))
        {
            return match absent_or_refused(refusal) {
                Fact::Absent => Fact::Found(Vec::new()),
                refused => refused,
            };
        }
        if creation.resource.kind == AGENT {
            return self.lookup_agent(creation);
        }
        let Some(list) = list else {
            return self.lookup_one(creation);
        };
        let found: Vec<(String, Snapshot)> = list
            .iter()
            .filter(|value| is_meant(creation, value))
            .filter_map(|value| {
                let id = record_id(value)?;
                let value =
                    if creation.resource.kind == SCHEDULE { snapshot::schedule(value.clone()) } else { value.clone() };
                Some((id, snapshot::of(value, None, self.now)))
            })
            .collect();
        let total = self.body["total"].as_u64().unwrap_or_default();
        // A trade has an id of ours, so that the target refuses a second one, whatever further pages hold.
        if found.is_empty() && total > list.len() as u64 && creation.resource.kind != TRADE {
            return self.strange("the list has more records than one page holds");
        }
        Fact::Found(found)
    }

    fn lookup_agent(&self, creation: &Creation) -> Fact {
        if !self.body["agents"].is_array() {
            return self.strange("the answer is no schedule with agents");
        }
        let found = self.agent_snapshot(&creation.resource);
        let id = creation.resource.id().unwrap_or_default().to_owned();
        Fact::Found(found.map(|snapshot| (id, snapshot)).into_iter().collect())
    }

    /// The record itself, where the look-up asked for it by id.
    fn lookup_one(&self, creation: &Creation) -> Fact {
        let record = self.record(&creation.resource.kind);
        let Some((id, value)) = record.and_then(|value| Some((record_id(&value)?, value))) else {
            return self.strange("the answer is neither a list nor a record");
        };
        Fact::Found(vec![(id, snapshot::of(value, snapshot::tag(self.response), self.now))])
    }
}

/// Whether a found record may be the one that a creation means, by its key or by its mark.
fn is_meant(creation: &Creation, found: &Value) -> bool {
    let key: Value = match &creation.resource.name {
        Name::Key(key) => serde_json::from_str(key).unwrap_or_default(),
        Name::Id(id) => return record_id(found).as_ref() == Some(id),
        Name::External { .. } => Value::Null,
    };
    let text = |name: &str| creation.value.get(name).or_else(|| key.get(name)).and_then(Value::as_str);
    let agrees = |name: &str| text(name).is_some_and(|wanted| !wanted.is_empty() && found[name] == wanted);
    match creation.resource.kind.as_str() {
        TRADE => agrees("swap_request_id") || agrees("trade_id") || same::is_one_swap(&creation.value, found),
        SCORE => {
            let email = text("agent_email").map(str::to_lowercase);
            let theirs = found["agent_email"].as_str().map(str::to_lowercase);
            let date = text("review_date").map(str::to_owned).or_else(|| review_date(&creation.value));
            let same_day = date.is_some() && found["review_date"].as_str() == date.as_deref();
            let key = email.is_some() && email == theirs && agrees("evaluation_form") && same_day;
            key || agrees("correlation_id")
        }
        SCHEDULE => mark::is_on(found, &creation.resource),
        _ => false,
    }
}

/// The local date of a review, computed from its instant in its zone; UTC without one.
pub(crate) fn review_date(value: &Value) -> Option<String> {
    let at = instants::instant(value.get("reviewed_at")?.as_str()?).ok()?;
    let zone = match value.get("time_zone") {
        Some(Value::String(name)) => instants::zone(name)?,
        _ => jiff::tz::TimeZone::UTC,
    };
    Some(at.to_zoned(zone).date().to_string())
}
