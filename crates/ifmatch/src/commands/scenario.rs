//! The arguments that say which scenario a sandbox plays.

use crate::error::{Failure, Kind};
use anyhow::Context as _;
use ifmatch_sandbox::Scenario;
use std::path::Path;

/// Which scenario, drawn from which seed, how fast.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Scenario")]
pub(crate) struct ScenarioArgs {
    /// A scenario by name (calm, calm-unlimited, hostile, i01 …) or a TOML file [default: calm].
    #[arg(long, value_name = "NAME|FILE")]
    scenario: Option<String>,
    /// Seed of everything that is drawn [default: 0].
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Seconds of scenario time per second of wall time [default: 1].
    #[arg(long, value_name = "N", value_parser = speed)]
    speed: Option<f64>,
}

impl ScenarioArgs {
    /// Whether one of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.scenario.is_some() || self.seed.is_some() || self.speed.is_some()
    }

    /// The seed.
    pub(crate) fn seed(&self) -> u64 {
        self.seed.unwrap_or(0)
    }

    /// The speed, above 0.
    pub(crate) fn speed(&self) -> f64 {
        self.speed.unwrap_or(1.0)
    }

    /// The scenario: one by name goes before a file of that name.
    ///
    /// # Errors
    /// Neither, or a file that is no scenario.
    pub(crate) fn scenario(&self) -> Result<Scenario, Failure> {
        let wanted = self.scenario.as_deref().unwrap_or("calm");
        if let Some(scenario) = Scenario::served(wanted, self.seed()) {
            return Ok(scenario);
        }
        if !Path::new(wanted).exists() {
            let names = Scenario::names().join(", ");
            return Err(Failure::user(format!("{wanted:?} is neither a scenario nor a file"))
                .hint(format!("the scenarios are {names}")));
        }
        let text = std::fs::read_to_string(wanted).with_context(|| format!("{wanted} cannot be read"));
        let scenario =
            text.and_then(|text| Scenario::from_toml(&text).with_context(|| format!("{wanted} cannot be used")));
        scenario.map_err(|error| Failure::new(Kind::User, error))
    }
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    match speed.is_finite() && speed > 0.0 {
        true => Ok(speed),
        false => Err("must be above 0".to_owned()),
    }
}

#[cfg(test)]
mod tests;
