//! The comparison as a table for people.

use super::shown::Shown;
use super::summary::{inferred, ratio};
use crate::output::table;
use ifmatch_sim::lab::{Comparison, Figures};

const HEADINGS: [&str; 15] = [
    "STRATEGY",
    "INTENTS",
    "LANDED",
    "OTHER ENDS",
    "LOST EDITS",
    "DUPL.",
    "VISIBLE %",
    "CONFLICTS %",
    "REQUESTS",
    "PER LANDED",
    "X EXPECTED",
    "429",
    "EARLY",
    "SECONDS",
    "NOTES",
];

pub(super) fn text(shown: &Shown) -> String {
    let Comparison { scenario, title, numbers, strategies, .. } = &shown.compared;
    let mut lines = vec![format!("{scenario}: {title}")];
    if !numbers.is_empty() {
        lines.push(format!("stands for: {numbers}"));
    }
    lines.push(format!("{}, {}", shown.seeds(), shown.time()));
    lines.push(String::new());
    lines.push(table(&HEADINGS, strategies.iter().map(row).collect()));
    lines.push(String::new());
    lines.extend(expectation(&shown.compared).map(|text| format!("expected: {text}")));
    lines.extend(inference(&shown.compared).map(|text| format!("who collides: {text}")));
    lines.join("\n")
}

/// What the formulas expect of this workload.
pub(super) fn expectation(compared: &Comparison) -> Option<String> {
    let bound = &compared.strategies.first()?.bound;
    Some(format!(
        "{:.3} requests per landed change from one writer per guarded document that takes what is ready together \
         ({:.3} if each record had a version of its own); people edit a guarded document {:.3} times a second, {:.0} ms from read to write",
        bound.per_change(),
        bound.least_per_change(),
        bound.people_per_second,
        bound.window_ms,
    ))
}

fn row(figures: &Figures) -> Vec<String> {
    vec![
        figures.name.clone(),
        figures.intents.to_string(),
        figures.landed.to_string(),
        others(figures),
        figures.lost_edits.to_string(),
        figures.duplicates.to_string(),
        format!("{:.1}", figures.visible_percent()),
        format!("{:.1}", figures.conflict_percent()),
        figures.requests.to_string(),
        decimal(figures.requests_per_landed()),
        decimal(ratio(figures)),
        figures.throttled.to_string(),
        figures.early.to_string(),
        format!("{:.0}", figures.seconds),
        notes(figures),
    ]
}

/// The ends beside landed, those that occur.
pub(super) fn others(figures: &Figures) -> String {
    let ends = [
        ("satisfied", figures.satisfied),
        ("superseded", figures.superseded),
        ("rejected", figures.rejected),
        ("expired", figures.expired),
        ("cancelled", figures.cancelled),
        ("discarded", figures.discarded),
        ("review", figures.review),
        ("pending", figures.pending),
    ];
    let some: Vec<String> =
        ends.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}")).collect();
    if some.is_empty() { "-".to_owned() } else { some.join(", ") }
}

/// What else is to be said of a strategy; empty for nothing.
pub(super) fn notes(figures: &Figures) -> String {
    let mut notes = Vec::new();
    if figures.unproven > 0 {
        notes.push(format!("{} told as landed and not there", figures.unproven));
    }
    if figures.needless_reviews > 0 {
        notes.push(format!("{} needless reviews", figures.needless_reviews));
    }
    if !figures.violations.is_empty() {
        notes.push(format!("{} violations", figures.violations.len()));
    }
    notes.join(", ")
}

fn decimal(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

/// Who collides, as the share of conflicts of the naive loop shows.
pub(super) fn inference(compared: &Comparison) -> Option<String> {
    let inferred = inferred(compared)?;
    Some(format!(
        "{:.1} % conflicts at {:.0} ms need {:.2} edits a second on one document ({:.0} an hour); people make {:.3} a second, \
         which explains {:.1} %. {}",
        100.0 * inferred.share,
        1_000.0 * inferred.window_seconds,
        inferred.needed_per_second,
        3_600.0 * inferred.needed_per_second,
        inferred.people_per_second,
        100.0 * inferred.people_share,
        colliding(inferred.people_share / inferred.share),
    ))
}

/// Who it is, from the part of the conflicts that people explain.
fn colliding(explained: f64) -> &'static str {
    match explained {
        ..0.5 => "The writers collide among themselves.",
        ..0.8 => "Writers collide with people and among themselves.",
        _ => "The writers collide with people.",
    }
}

#[cfg(test)]
mod tests;
