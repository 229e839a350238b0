//! The simulator itself: the same seed gives the same run, and a failure can be replayed. And a world
//! goes the same way whether its process serves another org or not.

use ifmatch_sandbox::{
    CurrentInRefusal, Envelope, EtagStyle, EventDelivery, Jobs, MissingVersion, Notices, RetryAfter,
    ShiftTradingCounts, StaleAgent, StaleStatus, StaleText, StaleUpload,
};
use ifmatch_sim::{Op, ReplayError, Setup, replay, run, run_seed, scenario};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn a_seed_runs_the_same_way_twice() {
    for seed in [3, 17, 58] {
        let (first, second) = (run_seed(seed), run_seed(seed));
        assert!(!first.log.lines.is_empty());
        assert_eq!(first.log.lines, second.log.lines, "seed {seed}");
        assert_eq!(first.tally, second.tally, "seed {seed}");
    }
}

#[test]
fn a_replay_file_goes_the_same_way_and_a_changed_one_is_told() {
    let report = run_seed(7);
    let mut file = serde_json::to_value(report.to_replay()).expect("a replay is JSON");
    assert_eq!(replay(&file.to_string()).expect("the same run").log.lines, report.log.lines);
    file["log"]["lines"][5] = "something else".into();
    assert!(matches!(replay(&file.to_string()), Err(ReplayError::Differs { line: 6, .. })));
    assert!(matches!(replay("{}"), Err(ReplayError::Unreadable(_))));
}

/// Whether an op happens to the process as a whole.
fn befalls_process(op: &Op) -> bool {
    matches!(op, Op::Crash(_) | Op::Pause { .. } | Op::SetClock { .. } | Op::FailCommits(_))
}

/// A world without what would fall on either org alike: nothing befalls the neighbour's process, and no
/// commit is ordered to fail, since the next one may be either org's.
fn apart(mut setup: Setup) -> Setup {
    setup.ops.retain(|(_, op)| !matches!(op, Op::FailCommits(_)));
    if let Some(neighbour) = &mut setup.neighbour {
        neighbour.ops.retain(|(_, op)| !befalls_process(op));
    }
    setup
}

#[test]
fn a_world_goes_the_same_way_with_and_without_its_neighbour() {
    let with_neighbour = (1..=150).map(scenario::draw).filter(|setup| setup.neighbour.is_some()).map(apart);
    let mut compared = 0;
    for setup in with_neighbour {
        let beside = run(setup.clone());
        let alone = run(Setup { neighbour: None, ..setup });
        let own: Vec<&String> = beside.log.lines.iter().filter(|line| !line.starts_with("neighbour: ")).collect();
        assert!(own.len() < beside.log.lines.len(), "{}: the neighbour has a log as well", beside.setup.name);
        assert_eq!(own, alone.log.lines.iter().collect::<Vec<_>>(), "{}", beside.setup.name);
        compared += 1;
    }
    assert!(compared > 20, "{compared} of the worlds have a neighbour");
}

#[test]
fn every_option_of_the_target_is_drawn_with_every_choice() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut plays = BTreeSet::new();
    for seed in 1..=600 {
        let setup = scenario::draw(seed);
        plays.insert(setup.sources.iter().map(|source| source.name.clone()).collect::<Vec<_>>().join(" "));
        let options = serde_json::to_value(&setup.scenario.options).expect("options are JSON");
        for (name, value) in options.as_object().expect("an object") {
            seen.entry(name.clone()).or_default().insert(value.to_string());
        }
    }
    // Those of scores also with a source that speaks by the clock.
    assert_eq!(plays.len(), 4, "{plays:?}");
    let choices = |name: &str, all: usize| assert_eq!(seen[name].len(), all, "{name}: {:?}", seen[name]);
    choices("envelopes", Envelope::ALL.len() + 1);
    choices("retry_after", RetryAfter::ALL.len());
    choices("etag", EtagStyle::ALL.len());
    choices("stale", StaleStatus::ALL.len());
    choices("stale_text", StaleText::ALL.len());
    choices("current_in_refusal", CurrentInRefusal::ALL.len());
    choices("events", EventDelivery::ALL.len());
    choices("version_step_max", 5);
    for (name, values) in &seen {
        assert!(values.len() > 1, "{name}: {values:?}");
    }
}

/// Each field of `[options.platform]`, and how many settings of it worlds must show. A choice has all of its own; of a number or an
/// id a few will do. A new field that is not listed fails, and so does one that is not drawn.
const PLATFORM: [(&str, usize); 12] = [
    ("stale_upload", StaleUpload::ALL.len()),
    ("stale_agent", StaleAgent::ALL.len()),
    ("client_acts_as_user", 2),
    ("clients_user", 2),
    ("upload_ms", 50),
    ("jobs", Jobs::ALL.len()),
    ("job_ms", 50),
    ("download_above", 10),
    ("notices", Notices::ALL.len()),
    ("missing_version", MissingVersion::ALL.len()),
    ("shift_trading_per_minute", 4),
    ("shift_trading_counts", ShiftTradingCounts::ALL.len()),
];

#[test]
fn what_the_vendor_leaves_undocumented_is_drawn() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut units = BTreeSet::new();
    for seed in 1..=200 {
        let setup = scenario::named("platform", seed).expect("a named scenario");
        units.insert(setup.scenario.world.management_units);
        let options = serde_json::to_value(&setup.scenario.options.platform).expect("options are JSON");
        for (name, value) in options.as_object().expect("an object") {
            seen.entry(name.clone()).or_default().insert(value.to_string());
        }
    }
    assert_eq!(units, BTreeSet::from([1, 2, 3]));
    let listed: BTreeSet<&str> = PLATFORM.iter().map(|(name, _)| *name).collect();
    assert_eq!(listed, seen.keys().map(String::as_str).collect(), "every option is listed");
    for (name, least) in PLATFORM {
        assert!(seen[name].len() >= least, "{name}: {:?}", seen[name]);
    }
}
