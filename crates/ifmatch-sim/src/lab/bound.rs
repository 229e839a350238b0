//! What theory allows at best, from the workload alone.
//!
//! The formulas, for people's edits at rate λ on one guard unit and δ between a read and the check
//! of the write made from it: an attempt conflicts with p = 1 − e^(−λδ). With an unknown version a
//! change costs 2/(1−p) requests, with one known for τ it costs 1 + 2·p₀/(1−p), p₀ = 1 − e^(−λτ);
//! the known one is worth using while τ < δ + ln 2/λ. What is ready together shares a write.
//!
//! Two figures come of it. `requests` is the expectation under the scenario's guard: where one
//! version guards a whole schedule, λ counts every edit of it. `least` is what a client could reach
//! that writes each record under a version of its own, so that λ counts the edits of that record
//! alone, and that trusts what it knows of a record for as long as the learned λ allows.
//!
//! A publish costs two requests, the status and the start, and runs that go on are shared.

use super::workload::{Item, Workload};
use crate::script::Op;
use ifmatch_sandbox::AgentWriteRaises;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a probe costs, in seconds of delay.
const PROBE_SECONDS: f64 = 5.0;

/// The bound for one or several worlds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Bound {
    /// Expected requests of one writer per guard unit that coalesces what is ready.
    pub requests: f64,
    /// The same where each record is guarded by itself.
    pub least: f64,
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
        let sum = |guard: Guard| {
            let per_second = |edits: Option<&u64>| edits.map_or(0.0, |edits| *edits as f64 / seconds);
            let requests = units.ready.iter().map(|(unit, ready)| {
                let document = per_second(units.edits.get(unit));
                let lambda = |paths: &[&str]| match guard {
                    Guard::Record => paths.iter().map(|path| per_second(units.record_edits.get(*path))).sum(),
                    Guard::Document => document,
                };
                one_writer(ready, &lambda, window_ms / 1_000.0) + units.probes(unit)
            });
            requests.sum::<f64>() + units.alone + 2.0 * units.publishes(options.publish_ms) as f64
        };
        Self {
            requests: sum(Guard::Document),
            least: sum(Guard::Record),
            changes: workload.items.len() as u64,
            people_per_second,
            window_ms,
            worlds: 1,
        }
    }

    /// Adds the bound of another world; rates and windows become means.
    pub fn add(&mut self, other: &Self) {
        let (mine, theirs) = (f64::from(self.worlds), f64::from(other.worlds));
        let mean = |a: f64, b: f64| if mine + theirs > 0.0 { (a * mine + b * theirs) / (mine + theirs) } else { 0.0 };
        self.people_per_second = mean(self.people_per_second, other.people_per_second);
        self.window_ms = mean(self.window_ms, other.window_ms);
        self.requests += other.requests;
        self.least += other.least;
        self.changes += other.changes;
        self.worlds += other.worlds;
    }

    /// Expected requests per landed change.
    #[must_use]
    pub fn per_change(&self) -> f64 {
        if self.changes == 0 { 0.0 } else { self.requests / self.changes as f64 }
    }

    /// Requests per landed change where each record is guarded by itself.
    #[must_use]
    pub fn least_per_change(&self) -> f64 {
        if self.changes == 0 { 0.0 } else { self.least / self.changes as f64 }
    }
}

/// What one version stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guard {
    /// One record.
    Record,
    /// Everything that the target guards by one version.
    Document,
}

/// What is guarded by one version: its edits, and when its changes are ready.
#[derive(Default)]
struct Units<'a> {
    edits: BTreeMap<String, u64>,
    /// Edits of each record by itself.
    record_edits: BTreeMap<String, u64>,
    /// From when to when changes wait for locks, in milliseconds.
    waits: BTreeMap<String, Vec<(i64, i64)>>,
    /// When a change is ready, in milliseconds, and of which record.
    ready: BTreeMap<String, Vec<(i64, &'a str)>>,
    /// Requests of what no version guards: one for each new record.
    alone: f64,
    /// When publishes are asked for, by schedule, in milliseconds.
    publishes: BTreeMap<&'a str, Vec<i64>>,
}

impl<'a> Units<'a> {
    fn of(workload: &'a Workload) -> Self {
        let by_document = workload.setup.scenario.options.agent_write_raises == AgentWriteRaises::AgentAndDocument;
        let unit = |path: &str| match path.split_once("/agents/").filter(|_| by_document) {
            Some((document, _)) => document.to_owned(),
            None => path.to_owned(),
        };
        let mut units = Self::default();
        let mut locks: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
        for (at, op) in &workload.setup.ops {
            match op {
                Op::Edit { path, .. } => {
                    *units.edits.entry(unit(path)).or_default() += 1;
                    *units.record_edits.entry(path.clone()).or_default() += 1;
                }
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
            } else if item.is_publish() {
                units.publishes.entry(&item.path).or_default().push(item.at_ms);
            } else {
                let held = locks.get(item.path.as_str()).map_or(&[][..], Vec::as_slice);
                let free = free_at(item, held);
                let unit = unit(&item.path);
                if free > item.at_ms {
                    units.ready.entry(unit.clone()).or_default();
                    units.waits.entry(unit).or_default().push((item.at_ms, free));
                } else {
                    units.ready.entry(unit).or_default().push((free, &item.path));
                }
            }
        }
        units
    }

    /// Runs of publishes, each of which carries whatever was asked for before it started.
    fn publishes(&self, publish_ms: i64) -> usize {
        let runs = self.publishes.values().map(|asked| {
            let mut starts = 0;
            let (mut free, mut carried) = (0, i64::MIN);
            for at in asked.iter().filter(|at| **at >= 0) {
                if *at > carried {
                    carried = (*at).max(free);
                    free = carried + publish_ms;
                    starts += 1;
                }
            }
            starts
        });
        runs.sum()
    }

    /// Requests for changes that wait for locks: the refusal that tells of it, then one train of probes
    /// for all who wait under a guard at the same time. A probe is the write itself and lands whoever is
    /// free by then. With W waiting over T seconds the train that costs least goes every √(2·c_p·T/W)
    /// seconds, a probe being worth c_p seconds of one change's delay; for one waiter that is h*.
    fn probes(&self, unit: &str) -> f64 {
        let mut waits = self.waits.get(unit).cloned().unwrap_or_default();
        waits.sort_unstable();
        let mut trains: Vec<(i64, i64, u32)> = Vec::new();
        for (from, until) in waits {
            match trains.last_mut() {
                Some((_, end, waiting)) if from < *end => {
                    *end = (*end).max(until);
                    *waiting += 1;
                }
                _ => trains.push((from, until, 1)),
            }
        }
        let cost = |(from, until, waiting): (i64, i64, u32)| {
            let seconds = (until - from) as f64 / 1_000.0;
            let every = (2.0 * PROBE_SECONDS * seconds / f64::from(waiting)).sqrt().min(seconds);
            1.0 + seconds / every
        };
        trains.into_iter().map(cost).sum()
    }
}

/// When no lock is in an item's way any more.
fn free_at(item: &Item, locks: &[(i64, i64)]) -> i64 {
    // Locks are in the order in which they begin.
    locks.iter().fold(item.at_ms, |at, (from, until)| if (*from..*until).contains(&at) { *until } else { at })
}

/// Expected requests of one writer of a unit that takes whatever is ready each time. A record's
/// version is unknown until the record was touched.
fn one_writer(ready: &[(i64, &str)], lambda: &dyn Fn(&[&str]) -> f64, delta: f64) -> f64 {
    let mut ready: Vec<(f64, &str)> = ready.iter().map(|(ms, path)| (*ms as f64 / 1_000.0, *path)).collect();
    ready.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut known: BTreeMap<&str, f64> = BTreeMap::new();
    let mut requests = 0.0;
    let mut next = 0;
    let mut free = f64::MIN;
    while let Some((first, _)) = ready.get(next) {
        let at = free.max(*first);
        let together = ready[next..].iter().take_while(|(ready, _)| *ready <= at).count();
        let paths: Vec<&str> = ready[next..next + together].iter().map(|(_, path)| *path).collect();
        // One record of which nothing is known makes the whole write one that reads first.
        let ages = paths.iter().map(|path| known.get(path).map(|since| at - since));
        let oldest = ages.reduce(|a, b| Some(a?.max(b?))).flatten();
        let cost = cost(lambda(&paths), delta, oldest);
        requests += cost;
        free = at + cost * delta;
        known.extend(paths.iter().map(|path| (*path, free)));
        next += together;
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
