//! A scheduling engine's week: one agent's shifts per line.

use super::{ReadError, Reading, contradicting, duplicate, rejected};
use crate::migration::plan::{PlanRow, Verdict};
use crate::readers::scheduler::{Reader, Week};
use std::collections::BTreeMap;

pub(super) fn rows(reading: &Reading<'_>, text: &str) -> Result<Vec<PlanRow>, ReadError> {
    let unsaid = ReadError::Unsaid { kind: reading.kind, what: "schedule" };
    let lines = Reader::new(reading.org, reading.schedule.ok_or(unsaid)?).weeks(text);
    let mut first: BTreeMap<String, (u64, Week)> = BTreeMap::new();
    let mut rows = Vec::with_capacity(lines.len());
    for (line, row) in lines.into_iter().zip(1..) {
        let week = match line {
            Ok(week) => week,
            Err(error) => {
                rows.push(rejected(row, &error));
                continue;
            }
        };
        let agent = week.intent.origin.as_ref().and_then(|origin| origin.record.clone()).unwrap_or_default();
        rows.push(match first.get(&agent) {
            Some((earlier, same)) if same.intent == week.intent => duplicate(row, &agent, *earlier),
            Some((earlier, _)) => {
                let reason = format!("row {earlier} has other shifts for the agent");
                contradicting(row, &agent, *earlier, &reason)
            }
            None => {
                first.insert(agent.clone(), (row, week.clone()));
                PlanRow {
                    reason: format!("the week of {}, from {}", week.week, week.site),
                    ..PlanRow::applied(row, &agent, reading.kind, Verdict::Update, week.intent)
                }
            }
        });
    }
    Ok(rows)
}
