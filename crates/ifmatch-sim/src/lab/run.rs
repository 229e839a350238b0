//! Runs strategies over the worlds of a scenario and adds up what came of it.

use super::bound::Bound;
use super::course::Course;
use super::figures::Figures;
use super::judge::judge;
use super::scenario::{Field, Scenario, ScenarioError};
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
    /// Whether locks or publishes refuse first tries as well, beside edits.
    pub is_busy: bool,
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

impl Comparison {
    /// Strategies of which nothing has run yet.
    #[must_use]
    pub fn of(scenario: &Scenario, strategies: &[&'static Entry], first_seed: u64, seeds: u64) -> Self {
        Self {
            scenario: scenario.name.clone(),
            title: scenario.title.clone(),
            numbers: scenario.numbers.clone(),
            is_busy: !scenario.lockers.is_empty() || scenario.sources.iter().any(|one| one.changes == Field::Publish),
            first_seed,
            seeds,
            strategies: strategies.iter().map(|entry| Figures::of(entry.name)).collect(),
        }
    }

    /// Judges what came of a strategy in one world and adds it to its figures; `place` is the
    /// strategy's among those asked for.
    pub fn add(&mut self, place: usize, workload: &Workload, course: &Course) {
        if let Some(figures) = self.strategies.get_mut(place) {
            figures.add(course, &judge(&workload.items, course), &Bound::of(workload));
        }
    }
}

/// The worlds of a scenario for some seeds, in order, each with its seed.
pub fn worlds(
    scenario: &Scenario,
    first_seed: u64,
    seeds: u64,
) -> impl Iterator<Item = Result<(u64, Workload), ScenarioError>> {
    let all = first_seed..first_seed.saturating_add(seeds);
    all.flat_map(move |seed| {
        let places = scenario.worlds().into_iter().enumerate();
        places.map(move |(place, world)| {
            // Each world of a seed has draws of its own.
            let drawn = seed.wrapping_add(1_000_003 * place as u64);
            Ok((seed, Workload::draw(scenario, world, drawn)?))
        })
    })
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
    let mut compared = Comparison::of(scenario, strategies, first_seed, seeds);
    for world in worlds(scenario, first_seed, seeds) {
        let (seed, workload) = world?;
        for (place, entry) in strategies.iter().enumerate() {
            tell(Round { strategy: entry.name, seed });
            let course = match entry.make {
                Some(make) => drive::drive(&workload, entry.name, make),
                None => gateway::drive(&workload),
            };
            compared.add(place, &workload, &course);
        }
    }
    Ok(compared)
}
