//! What theory allows at best, from the workload alone.
//!
//! The formulas, for people's edits at rate λ on one guard unit and δ between a read and the check
//! of the write made from it: an attempt conflicts with p = 1 − e^(−λδ). With an unknown version a
//! change costs 2/(1−p) requests, with one known for τ it costs 1 + 2·p₀/(1−p), p₀ = 1 − e^(−λτ);
//! the known one is worth using while τ < δ + ln 2/λ. What is ready together shares a write.

use super::workload::{Item, Workload};
use crate::script::Op;
use ifmatch_sandbox::AgentWriteRaises;
use serde::Serialize;
use std::collections::BTreeMap;

/// The bound for one or several worlds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Bound {
    /// Expected requests of one writer per guard unit that coalesces what is ready.
    pub requests: f64,
    /// The changes that these requests land.
    pub changes: u64,
    /// Edits of people per second on a guard unit that has any, the mean.
    pub people_per_second: f64,
    /// Milliseconds from a read to the check of the write made from it.
    pub window_ms: f64,
    #[serde(skip)]
    worlds: u32,
}

impl Bound {
    /// The bound for a world.
    #[must_use]
    pub fn of(workload: &Workload) -> Self {
        let options = &workload.setup.scenario.options;
        let window_ms = (options.latency_ms_min + options.latency_ms_max) as f64 / 2.0;
        let units = Units::of(workload);
        let seconds = workload.setup.calm_at as f64 / 1_000.0;
        let rates: Vec<f64> = units.edits.values().map(|edits| *edits as f64 / seconds).collect();
        let people_per_second = if rates.is_empty() { 0.0 } else { rates.iter().sum::<f64>() / rates.len() as f64 };
        let requests = units.ready.iter().map(|(unit, ready)| {
            let lambda = units.edits.get(unit).map_or(0.0, |edits| *edits as f64 / seconds);
            one_writer(ready, lambda, window_ms)
        });
        let changes = workload.items.len() as u64;
        Self { requests: requests.sum::<f64>() + units.alone, changes, people_per_second, window_ms, worlds: 1 }
    }

    /// Adds the bound of another world; rates and windows become means.
    pub fn add(&mut self, other: &Self) {
        let (mine, theirs) = (f64::from(self.worlds), f64::from(other.worlds));
        let mean = |a: f64, b: f64| if mine + theirs > 0.0 { (a * mine + b * theirs) / (mine + theirs) } else { 0.0 };
        self.people_per_second = mean(self.people_per_second, other.people_per_second);
        self.window_ms = mean(self.window_ms, other.window_ms);
        self.requests += other.requests;
        self.changes += other.changes;
        self.worlds += other.worlds;
    }

    /// Requests per landed change at best.
    #[must_use]
    pub fn per_change(&self) -> f64 {
        if self.changes == 0 { 0.0 } else { self.requests / self.changes as f64 }
    }
}

/// What is guarded by one version: its edits, and when its changes are ready.
#[derive(Default)]
struct Units {
    edits: BTreeMap<String, u64>,
    ready: BTreeMap<String, Vec<i64>>,
    /// Requests of what no version guards: one for each new record.
    alone: f64,
}

impl Units {
    fn of(workload: &Workload) -> Self {
        let by_document = workload.setup.scenario.options.agent_write_raises == AgentWriteRaises::AgentAndDocument;
        let unit = |path: &str| match path.split_once("/agents/").filter(|_| by_document) {
            Some((document, _)) => document.to_owned(),
            None => path.to_owned(),
        };
        let mut units = Self::default();
        let mut locks: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        for (at, op) in &workload.setup.ops {
            match op {
                Op::Edit { path, .. } => *units.edits.entry(unit(path)).or_default() += 1,
                Op::Lock { path, seconds } => {
                    let until = at + i64::try_from(*seconds).unwrap_or(0) * 1_000;
                    locks.entry(path).or_default().push((*at, until));
                }
                _ => {}
            }
        }
        for item in &workload.items {
            if item.is_new() {
                units.alone += 1.0;
            } else {
                let held = locks.get(item.path.as_str()).map_or(&[][..], Vec::as_slice);
                units.ready.entry(unit(&item.path)).or_default().push(free_at(item, held));
            }
        }
        units
    }
}

/// When no lock is in an item's way any more.
fn free_at(item: &Item, locks: &[(i64, i64)]) -> i64 {
    // Locks are in the order in which they begin.
    locks.iter().fold(item.at_ms, |at, (from, until)| if (*from..*until).contains(&at) { *until } else { at })
}

/// Expected requests of one writer of a unit that takes whatever is ready each time.
fn one_writer(ready: &[i64], lambda: f64, window_ms: f64) -> f64 {
    let mut ready = ready.to_vec();
    ready.sort_unstable();
    let delta = window_ms / 1_000.0;
    let mut known_at: Option<f64> = None;
    let mut requests = 0.0;
    let mut next = 0;
    let mut free = f64::MIN;
    while let Some(first) = ready.get(next) {
        let at = free.max(*first as f64 / 1_000.0);
        next += ready[next..].iter().take_while(|ready| **ready as f64 / 1_000.0 <= at).count();
        let cost = cost(lambda, delta, known_at.map(|known| at - known));
        requests += cost;
        free = at + cost * delta;
        known_at = Some(free);
    }
    requests
}

/// Expected requests of one write, with the version known for `age` seconds or unknown.
fn cost(lambda: f64, delta: f64, age: Option<f64>) -> f64 {
    let p = 1.0 - (-lambda * delta).exp();
    let read_first = 2.0 / (1.0 - p);
    let speculative = age.map(|age| 1.0 + 2.0 * (1.0 - (-lambda * age).exp()) / (1.0 - p));
    speculative.map_or(read_first, |speculative| speculative.min(read_first))
}

/// What a share of conflicts says of who causes it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Inference {
    /// The share of first tries that conflict, 0 to 1.
    pub share: f64,
    /// Seconds from the read to the check of the write.
    pub window_seconds: f64,
    /// Edits per second on one guard unit that explain the share: −ln(1 − share) / window.
    pub needed_per_second: f64,
    /// Edits per second that people make on it in truth.
    pub people_per_second: f64,
    /// The share that those explain: 1 − e^(−λ·window).
    pub people_share: f64,
}

/// Which rate of foreign edits would explain a share of conflicts, and what people explain of it.
#[must_use]
pub fn inference(share: f64, bound: &Bound) -> Inference {
    let window_seconds = bound.window_ms / 1_000.0;
    let share = share.clamp(0.0, 0.999_999);
    let needed_per_second = if window_seconds > 0.0 { -(1.0 - share).ln() / window_seconds } else { 0.0 };
    let people_share = 1.0 - (-bound.people_per_second * window_seconds).exp();
    Inference { share, window_seconds, needed_per_second, people_per_second: bound.people_per_second, people_share }
}
