//! Tests of the lab as a whole.

use super::*;
use crate::script::Op;

fn runs(scenario: &str, names: &[&str], seeds: u64) -> Comparison {
    let scenario = Scenario::named(scenario).expect("a scenario with a name");
    let strategies: Vec<&'static Entry> = names.iter().map(|name| entry(name).expect("a strategy")).collect();
    run(&scenario, &strategies, 1, seeds, &mut |_| {}).expect("the scenario can be run")
}

fn figures<'a>(compared: &'a Comparison, name: &str) -> &'a Figures {
    compared.strategies.iter().find(|figures| figures.name == name).expect("it took part")
}

/// ifmatch lands everything that needs no person, and breaks no promise.
fn check_promises(compared: &Comparison) {
    let ours = figures(compared, "ifmatch");
    assert_eq!(ours.violations, Vec::<String>::new(), "{}", compared.scenario);
    assert_eq!((ours.lost_edits, ours.duplicates, ours.unproven, ours.early), (0, 0, 0, 0), "{:?}", ours.examples);
    assert!(ours.visible_percent() < 1.0, "{}: {:.2} % visible", compared.scenario, ours.visible_percent());
    let ends = ours.landed + ours.satisfied + ours.superseded + ours.rejected + ours.expired;
    assert_eq!(ours.intents, ends + ours.cancelled + ours.discarded + ours.review + ours.pending);
}

#[test]
fn every_scenario_with_a_name_can_be_read_and_drawn() {
    for (name, _) in BUILT_IN {
        let scenario = Scenario::named(name).expect("a scenario with a name");
        assert_eq!(scenario.name, *name);
        for world in scenario.worlds() {
            let workload = Workload::draw(&scenario, world, 1).expect("it can be drawn");
            assert!(!workload.items.is_empty(), "{name}");
            assert!(workload.setup.ops.is_sorted_by_key(|(at, _)| *at), "{name}");
        }
    }
}

#[test]
fn a_workload_is_the_same_twice_and_another_one_for_another_seed() {
    let scenario = Scenario::named("N4").expect("a scenario with a name");
    let draw = |seed| Workload::draw(&scenario, None, seed).expect("it can be drawn");
    assert_eq!(draw(7).setup, draw(7).setup);
    assert_ne!(draw(7).setup.ops, draw(8).setup.ops);
}

#[test]
fn a_run_is_the_same_twice() {
    let names = ["naive-refresh", "recursion-1-5s", "ifmatch"];
    assert_eq!(runs("N18", &names, 1), runs("N18", &names, 1));
}

#[test]
fn peoples_edits_do_not_depend_on_the_strategy() {
    let compared = runs("N2", &["blind-retry", "naive-refresh", "kubernetes", "ifmatch"], 1);
    let edits: Vec<u64> = compared.strategies.iter().map(|figures| figures.edits).collect();
    assert!(edits[0] > 50 && edits.iter().all(|taken| *taken == edits[0]), "{edits:?}");
}

#[test]
fn n2_naive_meets_fifteen_percent_and_ifmatch_shows_under_one_and_loses_nothing() {
    let compared = runs("N2", &["naive-refresh", "kubernetes", "ifmatch"], 3);
    let naive = figures(&compared, "naive-refresh");
    assert!((13.0..=17.0).contains(&naive.conflict_percent()), "{:.2} %", naive.conflict_percent());
    assert!(naive.lost_edits > 50, "{}", naive.lost_edits);
    check_promises(&compared);
    let inferred = inference(naive.conflict_percent() / 100.0, &naive.bound);
    assert!(inferred.needed_per_second > 5.0 * inferred.people_per_second, "{inferred:?}");
}

#[test]
fn n1_and_n3_cost_no_more_than_the_formulas_expect() {
    for name in ["N1", "N3"] {
        let compared = runs(name, &["ifmatch"], 2);
        check_promises(&compared);
        let ours = figures(&compared, "ifmatch");
        let (measured, expected) = (ours.requests_per_landed().expect("it landed"), ours.bound.per_change());
        // Envelopes wait a moment for company, which the formulas do not: below the expectation is possible.
        let ratio = measured / expected;
        assert!((0.75..=1.10).contains(&ratio), "{name}: {measured:.3} against {expected:.3}");
    }
}

#[test]
fn of_an_envelope_that_is_refused_in_part_those_who_are_locked_count_as_refused() {
    let compared = runs("N3", &["ifmatch"], 1);
    let ours = figures(&compared, "ifmatch");
    assert_eq!((ours.first_tries, ours.first_conflicts), (500, 50));
}

#[test]
fn the_other_scenarios_hold() {
    for name in ["N4", "N5", "N18", "N21"] {
        check_promises(&runs(name, &["ifmatch"], 1));
    }
}

#[test]
fn a_scenario_that_makes_no_sense_is_refused_with_the_field() {
    let base = BUILT_IN[0].1;
    let check = |from: &str, to: &str, what: &str| {
        let text = base.replacen(from, to, 1);
        assert_ne!(text, base);
        let error = Scenario::from_toml(&text).expect_err(what).to_string();
        assert!(error.contains(what), "{error}");
    };
    check("minutes = 10", "minutes = 0", "minutes is 1 to 10080, not 0");
    check("drain_minutes = 30", "drain_minutes = 10081", "drain_minutes is 1 to 10080");
    check("mean_ms = 15000", "", "source site: needs one of mean_ms, every_ms and burst");
    check("mean_ms = 15000", "mean_ms = 15000\nburst = 3", "source site: needs one of");
    check("mean_ms = 15000", "mean_ms = 0", "source site: mean_ms or every_ms is 1 to");
    check("mean_ms = 15000", "mean_ms = 1", "at most 200000 are taken");
    check("name = \"site\"", "name = \"a site\"", "letters, digits");
    check("copies = 15", "copies = 0", "copies is 1 to 1000, not 0");
    check("copies = 15", "copees = 15", "copees");
    check("workers = 4", "from_ms = -1", "from_ms is 0 to");
    check("looked_ms_min = 30000", "looked_ms_min = 400000", "looked_ms_min is at most looked_ms_max");
    check("agents = 300", "agentz = 300", "agentz");
    check("edits = \"availability\"", "edits = \"publish\"", "editor Wei Ling Tan: people edit");
    check("mean_ms = 20000", "mean_ms = 0", "editor Wei Ling Tan: mean_ms is 1 to");
    check("2026-11-20T02:00:00Z", "tomorrow", "start \"tomorrow\" is no RFC 3339 instant");
    let lock = "[[locker]]\nlocks = \"shift\"\nhold_seconds_min = 9\nhold_seconds_max = 3\n\n[[editor]]";
    check("[[editor]]", lock, "locker: hold_seconds_min is at most hold_seconds_max");
    let twice = "[[source]]\nname = \"site\"\nchanges = \"shift\"\nburst = 1\n\n[[editor]]";
    check("[[editor]]", twice, "two sources have the name \"site\"");
}

#[test]
fn sources_with_a_share_never_touch_the_same_record() {
    let scenario = Scenario::named("N1").expect("a scenario with a name");
    let workload = Workload::draw(&scenario, None, 3).expect("it can be drawn");
    for one in &workload.items {
        let others = workload.items.iter().filter(|other| other.path == one.path);
        assert!(others.map(|other| &other.source).all(|source| *source == one.source), "{}", one.path);
    }
    let looks = workload.setup.ops.iter().filter(|(_, op)| matches!(op, Op::Look { .. })).count();
    assert_eq!(looks, workload.items.len());
}
