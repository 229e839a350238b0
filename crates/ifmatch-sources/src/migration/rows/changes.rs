//! A scheduling engine's small changes: each line a verb, carried out on whatever the shift is by then.

use super::{ReadError, Reading, contradicting, duplicate, rejected};
use crate::migration::plan::{PlanRow, Verdict};
use crate::readers::scheduler::Reader;
use ifmatch_core::Change;
use std::collections::BTreeMap;

pub(super) fn rows(reading: &Reading<'_>, text: &str) -> Result<Vec<PlanRow>, ReadError> {
    let unsaid = ReadError::Unsaid { kind: reading.kind, what: "schedule" };
    let lines = Reader::new(reading.org, reading.schedule.ok_or(unsaid)?).changes(text);
    let mut first: BTreeMap<u64, (u64, Change)> = BTreeMap::new();
    let mut rows = Vec::with_capacity(lines.len());
    for (line, row) in lines.into_iter().zip(1..) {
        let change = match line {
            Ok(change) => change,
            Err(error) => {
                rows.push(rejected(row, &error));
                continue;
            }
        };
        let id = change.seq.to_string();
        rows.push(match first.get(&change.seq) {
            Some((earlier, same)) if *same == change.intent.change => duplicate(row, &id, *earlier),
            Some((earlier, _)) => {
                let reason = format!("row {earlier} has the same number and says something else");
                contradicting(row, &id, *earlier, &reason)
            }
            None => {
                first.insert(change.seq, (row, change.intent.change.clone()));
                PlanRow {
                    reason: format!("change {} of {}", change.seq, change.site),
                    ..PlanRow::applied(row, &id, reading.kind, Verdict::Update, change.intent)
                }
            }
        });
    }
    Ok(rows)
}
