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
    let worst = loops.iter().max_by_key(|figures| figures.lost_edits);
    match (ours, worst) {
        (Some(ours), Some(worst)) if worst.lost_edits > 0 => {
            let least = if ours.lost_edits == 0 { "no edit".to_owned() } else { count(ours.lost_edits, "edit") };
            format!("ifmatch loses {least}, {} {}", worst.name, worst.lost_edits)
        }
        (None, Some(worst)) => format!("{} loses {}", worst.name, count(worst.lost_edits, "edit")),
        (Some(ours), _) => format!("ifmatch loses {}", count(ours.lost_edits, "edit")),
        (None, None) => "Lost edits".to_owned(),
    }
}

fn landed(ours: Option<&Figures>, loops: &[&Figures]) -> String {
    let done = |figures: &Figures| figures.intents - figures.visible;
    let worst = loops.iter().min_by_key(|figures| done(figures));
    let of = |figures: &Figures| format!("{} of {}", done(figures), figures.intents);
    match (ours, worst) {
        (Some(ours), Some(worst)) => format!("ifmatch gets {} done, {} {}", of(ours), worst.name, done(worst)),
        (Some(one), None) | (None, Some(&one)) => format!("{} gets {} done", one.name, of(one)),
        (None, None) => "Done over time".to_owned(),
    }
}

fn requests(ours: Option<&Figures>, loops: &[&Figures]) -> String {
    let cost = |figures: &&&Figures| figures.requests_per_landed();
    let mut costs: Vec<f64> = loops.iter().filter_map(|figures| cost(&figures)).collect();
    costs.sort_by(f64::total_cmp);
    match (ours.and_then(Figures::requests_per_landed), costs.first(), costs.last()) {
        (Some(mine), Some(low), Some(high)) => {
            format!(
                "ifmatch needs {} requests per landed change, the loops {} to {}",
                short(mine),
                short(*low),
                short(*high)
            )
        }
        (Some(mine), ..) => format!("ifmatch needs {} requests per landed change", short(mine)),
        _ => "Requests per landed change".to_owned(),
    }
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
