//! What the plots say, as their titles.

use ifmatch_sim::lab::{Comparison, Figures};

/// One sentence per plot.
pub(super) struct Findings {
    pub(super) lost: String,
    pub(super) landed: String,
    pub(super) requests: String,
}

impl Findings {
    pub(super) fn of(compared: &Comparison) -> Self {
        let ours = compared.strategies.iter().find(|figures| figures.name == "ifmatch");
        let loops: Vec<&Figures> = compared.strategies.iter().filter(|figures| figures.name != "ifmatch").collect();
        Self { lost: lost(ours, &loops), landed: landed(ours, &loops), requests: requests(ours, &loops) }
    }
}

fn lost(ours: Option<&Figures>, loops: &[&Figures]) -> String {
    let theirs = range(loops.iter().map(|figures| figures.lost_edits));
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => format!("ifmatch loses {}, {} {theirs}", edits(ours.lost_edits), others(loops)),
        (Some(ours), None) => format!("ifmatch loses {}", edits(ours.lost_edits)),
        (None, Some(theirs)) => format!("{} lose {theirs} edits of others", others(loops)),
        (None, None) => "Lost edits".to_owned(),
    }
}

fn landed(ours: Option<&Figures>, loops: &[&Figures]) -> String {
    let theirs = range(loops.iter().map(|figures| figures.landed_at.len() as u64));
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            format!("ifmatch gets {} done, {} {theirs}", changes(ours.landed_at.len() as u64), others(loops))
        }
        (Some(ours), None) => format!("ifmatch gets {} done", changes(ours.landed_at.len() as u64)),
        (None, Some(theirs)) => format!("{} get {theirs} changes done", others(loops)),
        (None, None) => "Done over time".to_owned(),
    }
}

fn requests(ours: Option<&Figures>, loops: &[&Figures]) -> String {
    let mut costs: Vec<f64> = loops.iter().filter_map(|figures| figures.requests_per_landed()).collect();
    costs.sort_by(f64::total_cmp);
    let theirs = match (costs.first().map(|cost| short(*cost)), costs.last().map(|cost| short(*cost))) {
        (Some(low), Some(high)) if low != high => Some(format!("{low} to {high}")),
        (low, _) => low,
    };
    match (ours.and_then(Figures::requests_per_landed), theirs) {
        (Some(mine), Some(theirs)) => {
            format!("ifmatch needs {} requests per landed change, {} {theirs}", short(mine), others(loops))
        }
        (Some(mine), None) => format!("ifmatch needs {} requests per landed change", short(mine)),
        (None, Some(theirs)) => format!("{} need {theirs} requests per landed change", others(loops)),
        (None, None) => "Requests per landed change".to_owned(),
    }
}

/// The loops, by their name where there is one only.
fn others<'a>(loops: &[&'a Figures]) -> &'a str {
    match loops {
        [one] => &one.name,
        _ => "the loops",
    }
}

/// From the least to the most; `None` without any.
pub(super) fn range(values: impl Iterator<Item = u64>) -> Option<String> {
    let (low, high) = values.fold(None, |range: Option<(u64, u64)>, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((low.min(value), high.max(value)))
    })?;
    Some(if low == high { low.to_string() } else { format!("{low} to {high}") })
}

fn edits(number: u64) -> String {
    if number == 0 { "no edit".to_owned() } else { count(number, "edit") }
}

fn changes(number: u64) -> String {
    count(number, "change")
}

fn count(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// A figure with as many digits as it deserves.
pub(super) fn short(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value if value >= 1.0 => format!("{value:.2}"),
        value => format!("{value:.3}"),
    }
}
