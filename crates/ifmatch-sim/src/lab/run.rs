//! Runs strategies over the worlds of a scenario and adds up what came of it.

use super::bound::Bound;
use super::figures::Figures;
use super::judge::judge;
use super::scenario::{Scenario, ScenarioError};
use super::strategy::Entry;
use super::workload::Workload;
use super::{drive, gateway};
use serde::Serialize;

/// Strategies side by side.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// The figures of the field that it stands for.
    pub numbers: String,
    /// The first seed.
    pub first_seed: u64,
    /// How many seeds.
    pub seeds: u64,
    /// The strategies, in the order asked for.
    pub strategies: Vec<Figures>,
}

/// One strategy's run of one world, about to start; for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round<'a> {
    /// The strategy.
    pub strategy: &'a str,
    /// The seed.
    pub seed: u64,
}

/// Runs strategies over the worlds of a scenario, one seed after the other. `tell` hears of each run
/// before it starts.
///
/// # Errors
/// The sandbox refuses the scenario's target.
pub fn run(
    scenario: &Scenario,
    strategies: &[&'static Entry],
    first_seed: u64,
    seeds: u64,
    tell: &mut dyn FnMut(Round<'_>),
) -> Result<Comparison, ScenarioError> {
    let mut all: Vec<Figures> = strategies.iter().map(|entry| Figures::of(entry.name)).collect();
    for seed in first_seed..first_seed.saturating_add(seeds) {
        for (place, world) in scenario.worlds().into_iter().enumerate() {
            // Each world of a seed has draws of its own.
            let drawn = seed.wrapping_add(1_000_003 * place as u64);
            let workload = Workload::draw(scenario, world, drawn)?;
            let bound = Bound::of(&workload);
            for (entry, figures) in strategies.iter().zip(&mut all) {
                tell(Round { strategy: entry.name, seed });
                let course = match entry.make {
                    Some(make) => drive::drive(&workload, entry.name, make),
                    None => gateway::drive(&workload),
                };
                figures.add(&course, &judge(&workload.items, &course), &bound);
            }
        }
    }
    Ok(Comparison {
        scenario: scenario.name.clone(),
        title: scenario.title.clone(),
        numbers: scenario.numbers.clone(),
        first_seed,
        seeds,
        strategies: all,
    })
}
