//! Quality reviews: one record has many rows, ordered by its counter and not by the file.
//!
//! A row whose counter came before is a replay. One that our own write-back made, and that says what the row before it said, is an
//! echo. Where two records of the source share agent, form and date, the second is for a person: the target keeps one of them.

use super::{ReadError, Reading, beside, contradicting, duplicate, rejected};
use crate::migration::plan::{PlanRow, Verdict};
use crate::readers::servicenow::{Reader, Review};
use ifmatch_core::{Change, Intent};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn rows(reading: &Reading<'_>, text: &str) -> Result<Vec<PlanRow>, ReadError> {
    let unsaid = ReadError::Unsaid { kind: reading.kind, what: "time zone" };
    let zone = reading.time_zone.ok_or(unsaid)?;
    let reader = Reader::new(reading.org, zone)
        .ok_or_else(|| ReadError::File(format!("{zone:?} is no IANA zone such as Europe/Paris")))?;
    let lines = reader.lines(text);
    let known = Known::of(
        &lines.iter().zip(1..).filter_map(|(line, row)| Some((row, line.as_ref().ok()?))).collect::<Vec<_>>(),
    );
    let judge = |(line, row): (Result<Review, _>, u64)| match line {
        Ok(review) => known.judge(reading, row, review),
        Err(error) => rejected(row, &error),
    };
    Ok(lines.into_iter().zip(1..).map(judge).collect())
}

/// What the file says of all records together.
struct Known {
    /// Row and content of each state, by record and counter; of replays the first.
    states: BTreeMap<(String, u64), (u64, Value)>,
    /// The record that has a natural key first, by that key.
    keys: BTreeMap<String, (String, u64)>,
}

impl Known {
    fn of(reviews: &[(u64, &Review)]) -> Self {
        let mut known = Self { states: BTreeMap::new(), keys: BTreeMap::new() };
        for (row, review) in reviews {
            let (id, count) = name(&review.intent);
            known.states.entry((id.clone(), count)).or_insert_with(|| (*row, state(review)));
            known.keys.entry(natural_key(review)).or_insert((id, *row));
        }
        known
    }

    fn judge(&self, reading: &Reading<'_>, row: u64, review: Review) -> PlanRow {
        let (id, count) = name(&review.intent);
        let said = state(&review);
        match self.states.get(&(id.clone(), count)) {
            Some((first, same)) if *first < row && *same == said => return duplicate(row, &id, *first),
            Some((first, _)) if *first < row => {
                let reason = format!("row {first} has the same counter and says something else");
                return contradicting(row, &id, *first, &reason);
            }
            _ => {}
        }
        if let Some((owner, first)) = self.keys.get(&natural_key(&review)).filter(|(owner, _)| *owner != id) {
            let reason = format!("row {first} (record {owner}) has the same agent, form and date");
            return beside(row, &id, (Verdict::Review, "id_used_twice"), *first, &reason);
        }
        let before = self.states.range(..(id.clone(), count)).next_back().filter(|((other, _), _)| *other == id);
        match before {
            Some((_, (first, same))) if review.writer == reading.echo_user && *same == said => {
                let reason = format!("our own write-back of row {first}: nothing but the counter changed");
                beside(row, &id, (Verdict::Equal, "satisfied/echo"), *first, &reason)
            }
            before => {
                let verdict = if before.is_some() { Verdict::Update } else { Verdict::Create };
                // The counter orders the rows of one record; the engine needs no base to tell late from new.
                PlanRow {
                    reason: format!("state {count} of the review"),
                    ..PlanRow::applied(row, &id, reading.kind, verdict, review.intent)
                }
            }
        }
    }
}

fn name(intent: &Intent) -> (String, u64) {
    let origin = intent.origin.as_ref();
    let record = origin.and_then(|origin| origin.record.clone()).unwrap_or_default();
    (record, origin.and_then(|origin| origin.sequence).unwrap_or(0))
}

fn state(review: &Review) -> Value {
    match &review.intent.change {
        Change::Desired(value) => value.clone(),
        _ => Value::Null,
    }
}

fn natural_key(review: &Review) -> String {
    let said = state(review);
    ["agent_email", "evaluation_form", "review_date"].map(|name| said[name].to_string()).join(" ")
}
