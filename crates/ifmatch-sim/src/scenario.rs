//! Worlds by name, and worlds drawn from a seed.

mod backlog;
mod fate;
mod i01;
mod i05;
mod pairs;
mod platform;
mod rekeyed;
mod rest;
mod schedules;
mod scores;
mod silent;
mod trades;
mod whole;

pub(crate) use i05::intent;

use crate::rng::Rng;
use crate::script::{Op, Setup, SourceSpec};
use ifmatch_core::{OnOverwrite, Timestamp};
use ifmatch_sandbox::{OldVersions, Sandbox, Versions};
use serde_json::Value;

/// One in so many worlds is about shift trades.
const TRADES: u64 = 6;

/// One in so many worlds of scores has a target that ignores versions.
const UNGUARDED: u64 = 16;

/// In one of so many worlds of schedules shifts are made again under other ids.
const REKEYED: u64 = 3;

/// In one of so many other worlds of schedules sources change two agents as a pair, and have agents swap shifts.
const PAIRED: u64 = 2;

/// What drawn worlds are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Play {
    Scores,
    Schedules,
    Trades,
    Platform,
}

impl Play {
    fn draw(self, seed: u64, beside: &str) -> Setup {
        match self {
            Self::Scores => scores::draw(seed, beside),
            Self::Schedules => schedules::draw(seed, beside),
            Self::Trades => trades::draw(seed, beside),
            Self::Platform => platform::draw(seed, beside),
        }
    }
}

/// One in so many worlds has a target that accepts writes and does not apply them.
const SILENT: u64 = 12;

/// The names that [`named`] knows.
pub const NAMES: [&str; 13] = [
    "i01",
    "i05",
    "backlog",
    "scores",
    "schedules",
    "trades",
    "undone",
    "unguarded",
    "rekeyed",
    "pairs",
    "silent",
    "platform",
    "rest",
];

/// A founding incident by its name, `i01` or `i05`; `backlog`; or the world that a seed draws of
/// `scores`, `schedules` or `trades`, whatever it draws without a name; `undone` is one of scores or schedules in which
/// somebody takes back what landed; `unguarded` is the one of `scores`, in a target
/// that ignores the versions of writes; `rekeyed` is the one of `schedules`, with shifts that go by another id from some
/// moment on; `pairs` is that one of `schedules` with changes of two agents that land together, and swaps; `platform` is that
/// of `schedules` behind the vendor's platform API; `silent` is the one of any of them, in a target that accepts writes and
/// does not apply them; `rest` is the one of `scores`, in a target that a description makes known.
#[must_use]
pub fn named(name: &str, seed: u64) -> Option<Setup> {
    let mut setup = drawn(name, seed)?;
    setup.scenario_name = Some(name.to_owned());
    Some(setup)
}

fn drawn(name: &str, seed: u64) -> Option<Setup> {
    match name {
        "i01" => Some(i01::setup(seed)),
        "i05" => Some(i05::setup(seed)),
        "backlog" => Some(backlog::setup(seed)),
        "scores" => Some(of(Play::Scores, seed)),
        "schedules" => Some(of(Play::Schedules, seed)),
        "trades" => Some(of(Play::Trades, seed)),
        "undone" => Some(undone(of(if seed.is_multiple_of(3) { Play::Schedules } else { Play::Scores }, seed), seed)),
        "rekeyed" => Some(rekeyed::rekeyed(of(Play::Schedules, seed), seed)),
        "platform" => Some(of(Play::Platform, seed)),
        "rest" => Some(rest::described(of(Play::Scores, seed))),
        "pairs" => Some(pairs::paired(of(Play::Schedules, seed), seed)),
        "unguarded" => Some(unguarded(of(Play::Scores, seed))),
        "silent" => Some(silent::silent(draw_plain(seed))),
        _ => None,
    }
}

/// Draws a world from a seed: quality scores, the agents of one schedule and its publish, or shift
/// trades. One in four has a neighbour: another org, of the same process, whose records have the same ids.
#[must_use]
pub fn draw(seed: u64) -> Setup {
    let setup = draw_plain(seed);
    if Rng::named(seed, "silent or not").below(SILENT) == 0 { silent::silent(setup) } else { setup }
}

/// The same without a target that accepts writes and does not apply them.
fn draw_plain(seed: u64) -> Setup {
    let play = match () {
        () if Rng::named(seed, "trades or not").below(TRADES) == 0 => Play::Trades,
        () if Rng::named(seed, "world").percent(70) => Play::Scores,
        () => Play::Schedules,
    };
    let setup = of(play, seed);
    match play {
        Play::Scores if Rng::named(seed, "unguarded").below(UNGUARDED) == 0 => unguarded(setup),
        Play::Schedules if Rng::named(seed, "rekeyed or not").below(REKEYED) == 0 => rekeyed::rekeyed(setup, seed),
        Play::Schedules if Rng::named(seed, "paired or not").below(PAIRED) == 0 => pairs::paired(setup, seed),
        _ => setup,
    }
}

/// The target ignores the versions that writes name, and counts them one by one: a write that slipped over another one
/// can be told by that. Of a copy that the network makes of a write nothing tells. In half of these worlds it keeps old
/// versions, and each source has a policy of its own.
fn unguarded(mut setup: Setup) -> Setup {
    let mut rng = Rng::named(setup.seed, "overwritten");
    let keeps = rng.percent(50);
    let policies = [OnOverwrite::Repair, OnOverwrite::Repair, OnOverwrite::Review, OnOverwrite::Report];
    setup.sources.iter_mut().for_each(|source| source.on_overwrite = *rng.pick(&policies));
    let ignore = |scenario: &mut ifmatch_sandbox::Scenario| {
        scenario.options.versions = Versions::Ignored;
        scenario.options.version_step_max = 1;
        if keeps {
            scenario.options.old_versions = OldVersions::Kept;
        }
        scenario.faults.duplicate_delivery = 0.0;
    };
    ignore(&mut setup.scenario);
    if let Some(neighbour) = &mut setup.neighbour {
        ignore(&mut neighbour.scenario);
    }
    setup
}

/// A keeper, who wishes nothing else, takes back what others landed, and now and then what it took back itself.
fn undone(mut setup: Setup, seed: u64) -> Setup {
    let mut rng = Rng::named(seed, "undone");
    let keeper = SourceSpec::edits("keeper");
    for _ in 0..rng.between(2, 9) {
        let newer = usize::try_from(rng.between(0, 4)).unwrap_or(0);
        setup.ops.push((rng.between(0, setup.calm_at), Op::Undo { source: keeper.name.clone(), newer }));
    }
    setup.ops.sort_by_key(|(at, _)| *at);
    setup.sources.push(keeper);
    setup
}

/// In one world of eight a source has recordings of some agents exported, which locks their records.
fn export(setup: &mut Setup, seed: u64) {
    let mut rng = Rng::named(seed, "exports");
    if !rng.percent(12) {
        return;
    }
    let start: Timestamp = setup.start.parse().expect("a world starts at an instant");
    let world = Sandbox::new(setup.scenario.clone(), setup.seed, start.as_millisecond()).records();
    let agents: Vec<String> =
        world["agents"].as_array().into_iter().flatten().map(|agent| text(&agent["id"])).collect();
    let most = i64::try_from(agents.len()).unwrap_or(0);
    if most == 0 {
        return;
    }
    setup.scenario.options.recording_job_ms = rng.between(5_000, 300_000);
    for _ in 0..rng.between(1, 4) {
        let source = rng.pick(&setup.sources).name.clone();
        let agents = (0..rng.between(1, most + 1)).map(|_| rng.pick(&agents).clone()).collect();
        setup.ops.push((rng.between(0, setup.calm_at), Op::Export { source, agents }));
    }
    setup.ops.sort_by_key(|(at, _)| *at);
}

/// A text of a document that a world is made from.
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of(play: Play, seed: u64) -> Setup {
    let mut rng = Rng::named(seed, "world");
    // The first number says what the world is about.
    rng.draw();
    let mut setup = play.draw(seed, "");
    take_back(&mut setup, seed);
    if play != Play::Platform {
        export(&mut setup, seed);
    }
    if rng.percent(25) {
        setup.neighbour = Some(Box::new(play.draw(seed, "neighbour").of_org("neighbour")));
    }
    setup
}

/// In one world of ten a source takes some intents back as soon as they are sent.
fn take_back(setup: &mut Setup, seed: u64) {
    let mut rng = Rng::named(seed, "taken back");
    let sent = |op: &Op| matches!(op, Op::Wish(_) | Op::Submit { .. });
    let times: Vec<i64> = setup.ops.iter().filter(|(_, op)| sent(op)).map(|(at, _)| *at).collect();
    if times.is_empty() || !rng.percent(10) {
        return;
    }
    for _ in 0..rng.between(1, 4) {
        let at = *rng.pick(&times) + rng.between(5, 500);
        setup.ops.push((at, Op::Withdraw { newer: 0 }));
    }
    setup.ops.sort_by_key(|(at, _)| *at);
}
