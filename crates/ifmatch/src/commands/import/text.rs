//! A plan as a person reads it: totals, the rows that need somebody, what it will take, what to do next.

use super::needing;
use crate::commands::migration::listed;
use crate::output::table;
use ifmatch_sources::migration::{Checked, Forecast, Kind, Plan, PlanRow, Verdict};
use std::fmt::Write as _;
use std::path::Path;

/// What each verdict means, in a few words.
fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "shall exist in the target",
        Verdict::Update => "shall change in the target",
        Verdict::Equal => "nothing to land",
        Verdict::Duplicate => "another row says the same",
        Verdict::Hold => "not settled in the source",
        Verdict::Review => "a person must decide",
        Verdict::Reject => "the source must mend it",
    }
}

/// Whether rows of this kind are held against the target at all.
fn is_compared(kind: Kind) -> bool {
    matches!(kind, Kind::ZendeskShiftTrades | Kind::SchedulerWeek)
}

/// The whole page.
pub(super) fn summary(plan: &Plan, out: Option<&Path>, all: bool) -> String {
    let target = match plan.target {
        Checked::Checked => "checked against the target",
        Checked::Unchecked if !is_compared(plan.kind) => "unchecked: each row builds on the one before",
        Checked::Unchecked => "unchecked: the target was not asked",
    };
    let mut page = format!("{} ({}), {} rows, {target}\n\n", plan.file, plan.kind, plan.rows.len());
    let counted = Verdict::ALL.into_iter().filter(|verdict| plan.total(*verdict) > 0);
    let rows = counted
        .map(|verdict| vec![verdict.as_str().to_owned(), plan.total(verdict).to_string(), meaning(verdict).to_owned()]);
    page.push_str(&table(&["verdict", "rows", ""], rows.collect()));
    page.push('\n');
    page.push_str(&listed(needing(plan).map(line).collect(), all));
    if let Some(forecast) = &plan.forecast {
        page.push_str(&words(forecast));
    }
    page.push_str(&next(plan, out));
    page
}

fn line(row: &PlanRow) -> [String; 4] {
    let mut why = row.reason.clone();
    if let Some(field) = &row.field {
        why = format!("{field}: {why}");
    }
    if let [earlier, later] = row.candidates.as_slice() {
        why = format!("{why}; {earlier} or {later}");
    }
    let code = row.code.as_deref().unwrap_or_default();
    [row.row.to_string(), row.source_id.clone(), format!("{} {code}", row.verdict.as_str()), why]
}

fn words(forecast: &Forecast) -> String {
    let assumed = &forecast.assumed;
    format!(
        "\nforecast: {} requests, {} at {} requests a minute; {} conflicts to merge are expected\n\
         assumed: {} edit an hour on each record by others, {} s from read to write, no locks, nothing else on the budget\n",
        forecast.requests,
        duration(forecast.seconds),
        assumed.budget_per_minute,
        forecast.expected_conflicts,
        assumed.edits_per_record_per_hour,
        assumed.read_to_write_seconds,
    )
}

fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

fn next(plan: &Plan, out: Option<&Path>) -> String {
    let mut page = String::from("\nnext:\n");
    if plan.rows.iter().any(|row| row.verdict.needs_person()) {
        page.push_str(
            "  mend the rows above in the source and import again; `ifmatch explain CODE` says what each code means\n",
        );
    }
    if plan.rows.iter().any(|row| !row.candidates.is_empty()) {
        page.push_str("  or say what repeated local hours mean: --local-times earlier|later|compatible\n");
    }
    if plan.target == Checked::Unchecked && is_compared(plan.kind) {
        page.push_str("  import again with a gateway at hand to see what the target holds already\n");
    }
    match (plan.applied().count(), out) {
        (0, _) => page.push_str("  nothing is left to apply\n"),
        (rows, Some(out)) => {
            writeln!(page, "  ifmatch apply {}    lands {rows} rows", out.display()).expect("a text takes text");
        }
        (_, None) => page.push_str("  write the plan with --plan OUT.json, then `ifmatch apply OUT.json`\n"),
    }
    page
}
