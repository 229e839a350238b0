//! The formula with figures.

use super::*;
use crate::migration::{Checked, Kind};
use std::collections::BTreeMap;

fn of(creates: usize, updates: usize) -> Forecast {
    let totals = BTreeMap::from([(Verdict::Create, creates), (Verdict::Update, updates), (Verdict::Review, 9)]);
    let plan = Plan {
        file: String::new(),
        sha256: String::new(),
        kind: Kind::ZendeskShiftTrades,
        org: None,
        target: Checked::Checked,
        rows: Vec::new(),
        totals,
        forecast: None,
    };
    Forecast::of(&plan, Assumed::at(300))
}

#[test]
fn requests_at_the_budget_and_nothing_for_nothing() {
    let trades = of(365, 0);
    assert_eq!((trades.requests, trades.seconds, trades.expected_conflicts), (730, 147, 0.0));
    let nothing = of(0, 0);
    assert_eq!((nothing.requests, nothing.seconds, nothing.expected_conflicts), (0, 0, 0.0));
}

#[test]
fn ten_thousand_one_by_one_take_an_hour_and_meet_edits() {
    let updates = of(0, 10_000);
    assert!((20_000..20_010).contains(&updates.requests), "{updates:?}");
    assert!((4_000..4_010).contains(&updates.seconds), "66.7 minutes: {updates:?}");
    // 10,000 × (1 − e^(−33.4/60))
    assert!((4_260.0..4_280.0).contains(&updates.expected_conflicts), "{updates:?}");
}
