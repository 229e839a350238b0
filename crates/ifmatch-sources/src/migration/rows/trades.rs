//! Swap requests: the reader's verdicts are the plan's.

use super::{ReadError, Reading};
use crate::migration::plan::{PlanRow, Verdict};
use crate::readers::zendesk::{self, Options, Row};

pub(super) fn rows(reading: &Reading<'_>, text: &str) -> Result<Vec<PlanRow>, ReadError> {
    let options = Options {
        org: reading.org,
        agents: reading.agents.map(|agents| &agents.0),
        history: reading.history,
        local_times: reading.local_times,
        week_starts: reading.week_starts,
    };
    let rows = zendesk::read(&options, text).map_err(|error| ReadError::File(error.to_string()))?;
    Ok(rows.into_iter().map(|row| planned(reading, row)).collect())
}

fn planned(reading: &Reading<'_>, row: Row) -> PlanRow {
    let verdict = match row.verdict {
        zendesk::Verdict::Create => Verdict::Create,
        zendesk::Verdict::Duplicate => Verdict::Duplicate,
        zendesk::Verdict::Equal => Verdict::Equal,
        zendesk::Verdict::Hold => Verdict::Hold,
        zendesk::Verdict::Review => Verdict::Review,
        zendesk::Verdict::Reject => Verdict::Reject,
    };
    let planned = match row.intent {
        Some(intent) => PlanRow::applied(row.row, &row.source_id, reading.kind, verdict, intent),
        None => PlanRow::stopped(row.row, &row.source_id, verdict, row.code, ""),
    };
    PlanRow {
        reason: row.reason,
        field: row.field.map(str::to_owned),
        candidates: row.candidates,
        winner_row: row.winner_row,
        ..planned
    }
}
