//! What stands below the plots: what is drawn, and what it does not say.

use super::findings::range;
use ifmatch_sim::lab::Comparison;

pub(super) fn lost(compared: &Comparison) -> String {
    let edits = range(compared.strategies.iter().map(|figures| figures.edits)).unwrap_or_default();
    format!(
        "Values that another writer put into the target and that a strategy overwrote without having seen them, \
         judged from the target's ledger. People made {edits} edits over all seeds."
    )
}

pub(super) fn landed(compared: &Comparison) -> String {
    let lost = compared.strategies.iter().any(|figures| figures.lost_edits > 0);
    let warning =
        if lost { " A change that overwrote somebody's edit is done as well: see the lost edits." } else { "" };
    format!(
        "Changes whose sender has what it wanted, over time: landed, satisfied or superseded, in the first world of seed {}. \
         Lines that lie on each other hide each other; each has its name at its end.{warning}",
        compared.first_seed,
    )
}

pub(super) fn requests(compared: &Comparison) -> String {
    let ours = compared.strategies.iter().any(|figures| figures.name == "ifmatch");
    let below = if ours { " ifmatch can be below it: it lets a write wait a moment for company." } else { "" };
    format!(
        "HTTP requests that reached the target, reads and refused ones included, by landed change. The line is what the \
         formulas expect of one writer per guarded document that takes what is ready together.{below}"
    )
}
