//! Makes a failing setup small: fewer ops, fewer faults, a plainer target, as long as the same
//! promise is violated.
//!
//! Delta debugging over the list of ops (Zeller and Hildebrandt, 2002), then one plainer option at a
//! time. Taking an op away moves every later draw of the target, so what is left may fail in
//! another place; that it breaks the same promise is what counts.

use crate::run::run_silently;
use crate::script::{Events, Setup};
use ifmatch_sandbox::{FaultRates, Options};
use std::collections::BTreeSet;

/// How often a setup may be run while it is made small.
pub const RUNS_MAX: u32 = 400;

/// A setup while it is made small.
struct Shrink<'a> {
    setup: Setup,
    /// The promises that the first run broke.
    promises: BTreeSet<String>,
    runs_left: u32,
    fails: &'a dyn Fn(&Setup) -> BTreeSet<String>,
}

/// A smaller setup that breaks one of the promises that this one breaks; the same setup where it
/// breaks none.
#[must_use]
pub fn shrink(setup: &Setup) -> Setup {
    shrink_by(setup, &|setup| run_silently(setup.clone()).violations.into_iter().map(|broken| broken.promise).collect())
}

fn shrink_by(setup: &Setup, fails: &dyn Fn(&Setup) -> BTreeSet<String>) -> Setup {
    let promises = fails(setup);
    if promises.is_empty() {
        return setup.clone();
    }
    let mut shrink = Shrink { setup: setup.clone(), promises, runs_left: RUNS_MAX, fails };
    shrink.alone();
    shrink.fewer_ops();
    shrink.plainer_target();
    shrink.fewer_ops();
    shrink.setup
}

impl Shrink<'_> {
    /// Takes over a setup if it still fails.
    fn try_setup(&mut self, setup: Setup) -> bool {
        if self.runs_left == 0 {
            return false;
        }
        self.runs_left -= 1;
        let still = (self.fails)(&setup).intersection(&self.promises).next().is_some();
        if still {
            self.setup = setup;
        }
        still
    }

    /// Leaves the neighbour out, or as little of what it does as can be.
    fn alone(&mut self) {
        self.try_plainer(|setup| setup.neighbour = None);
        self.try_plainer(|setup| {
            if let Some(neighbour) = setup.neighbour.take() {
                *setup = *neighbour;
            }
        });
        let Some(neighbour) = self.setup.neighbour.as_ref() else { return };
        for _ in 0..neighbour.ops.len() {
            let halve = |setup: &mut Setup| {
                if let Some(neighbour) = &mut setup.neighbour {
                    neighbour.ops.truncate(neighbour.ops.len() / 2);
                }
            };
            if !self.try_plainer(halve) {
                return;
            }
        }
    }

    /// Leaves out ever smaller runs of ops.
    fn fewer_ops(&mut self) {
        let mut size = self.setup.ops.len().div_ceil(2);
        while size > 0 && self.runs_left > 0 {
            let mut at = 0;
            while at < self.setup.ops.len() {
                let mut smaller = self.setup.clone();
                smaller.ops.drain(at..(at + size).min(smaller.ops.len()));
                if !self.try_setup(smaller) {
                    at += size;
                }
            }
            size = if size == 1 { 0 } else { size.div_ceil(2) };
        }
    }

    /// Takes faults, people, locks and odd options away, one at a time.
    fn plainer_target(&mut self) {
        let plainer: [fn(&mut Setup); 10] = [
            |setup| setup.events = Events::default(),
            |setup| setup.scenario.editors.clear(),
            |setup| setup.scenario.lockers.clear(),
            |setup| setup.scenario.faults = FaultRates::default(),
            |setup| setup.scenario.options.family_limits.clear(),
            |setup| setup.scenario.options.rate_limit_per_minute = None,
            |setup| setup.scenario.options.replica_lag_ms = 0,
            |setup| setup.scenario.options.version_step_max = 1,
            |setup| setup.scenario.options.envelopes = Options::default().envelopes,
            |setup| setup.scenario.options = Options::default(),
        ];
        for plain in plainer {
            self.try_plainer(plain);
        }
    }

    fn try_plainer(&mut self, plain: impl Fn(&mut Setup)) -> bool {
        let mut setup = self.setup.clone();
        plain(&mut setup);
        setup != self.setup && self.try_setup(setup)
    }
}

#[cfg(test)]
mod tests;
