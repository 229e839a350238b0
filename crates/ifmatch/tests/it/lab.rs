//! `ifmatch lab` as a user runs it: what it prints, the report's files, what it refuses, and the
//! same over HTTP. The scenario is the example of the manual.

use crate::run::{Ran, command, finish, ifmatch};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The manual of the lab.
const MANUAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/LAB.md");

/// How an intent can end.
const ENDS: [&str; 9] =
    ["landed", "satisfied", "superseded", "rejected", "expired", "cancelled", "discarded", "review", "pending"];

const ALL: [&str; 8] = [
    "blind-retry",
    "backoff-same-etag",
    "naive-refresh",
    "jitter-200-500",
    "recursion-1-5s",
    "terraform",
    "kubernetes",
    "ifmatch",
];

/// The example of the manual, as it stands there.
fn example() -> String {
    let manual = std::fs::read_to_string(MANUAL).unwrap();
    let (_, rest) = manual.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// Runs the lab in a folder in which the example is `my-load.toml`.
fn lab(folder: &Path, args: &[&str]) -> Ran {
    std::fs::write(folder.join("my-load.toml"), example()).unwrap();
    finish(&mut command(folder, &[&["lab", "run"], args].concat()))
}

/// Holds the figures of a report against the contract.
fn check_figures(figures: &Value) {
    let count = |name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name}: {figures}"));
    assert_eq!(ENDS.iter().map(|end| count(end)).sum::<u64>(), count("intents"), "{figures}");
    for name in ["lost_edits", "duplicates", "requests", "throttled", "early", "edits", "unproven"] {
        assert!(figures[name].is_u64(), "{name}: {figures}");
    }
    assert!(count("intents") > 20 && count("edits") > 5 && count("landed") > 0, "{figures}");
    assert!(count("requests") >= count("landed"), "{figures}");
}

fn strategy<'a>(page: &'a Value, name: &str) -> &'a Value {
    let all = page["strategies"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name}: {page}"))
}

/// What must hold of a report, in virtual time and over HTTP.
fn check_report(page: &Value) {
    let all = page["strategies"].as_array().unwrap();
    all.iter().for_each(check_figures);
    assert!(strategy(page, "naive-refresh")["lost_edits"].as_u64() > Some(0), "{page}");
    let ours = strategy(page, "ifmatch");
    for name in ["lost_edits", "duplicates", "unproven", "early", "pending", "discarded", "rejected"] {
        assert_eq!(ours[name], 0, "{name}: {ours}");
    }
    // All strategies met the same people.
    assert!(all.iter().all(|one| one["edits"] == ours["edits"] && one["intents"] == ours["intents"]), "{page}");
    assert!(page["bound"]["requests_per_landed"].as_f64() > Some(0.5), "{page}");
}

#[test]
fn people_get_a_table_with_a_line_for_each_strategy() {
    let folder = tempfile::tempdir().unwrap();
    let ran = lab(folder.path(), &["my-load.toml", "--seeds", "2"]).expect(0);
    assert!(ran.out.starts_with("two-teams: "), "{}", ran.out);
    assert!(ran.out.contains("\nseeds 1 to 2, in virtual time\n"), "{}", ran.out);
    let names: Vec<&str> = ran.out.lines().filter_map(|line| ALL.into_iter().find(|name| starts(line, name))).collect();
    assert_eq!(names, ALL, "{}", ran.out);
    assert!(ran.out.contains("\nexpected: "), "{}", ran.out);
    // Who collides is part of the founding claim; here nobody does.
    assert!(!ran.out.contains("who collides"), "{}", ran.out);
}

fn starts(line: &str, name: &str) -> bool {
    line.split(' ').next() == Some(name)
}

#[test]
fn the_founding_claim_comes_with_the_inference_of_who_collides() {
    let ran = ifmatch(&["lab", "run", "n2", "--strategy", "naive-refresh", "--seeds", "1"]).expect(0);
    assert!(ran.out.contains("\nwho collides: 1"), "{}", ran.out);
    assert!(ran.out.contains("% conflicts at 180 ms need "), "{}", ran.out);
}

#[test]
fn programs_get_the_figures_and_the_same_ones_each_time() {
    let folder = tempfile::tempdir().unwrap();
    let run = || lab(folder.path(), &["my-load.toml", "--strategy", "naive-refresh,ifmatch", "--json"]).expect(0);
    let first = run();
    let page = first.json();
    check_report(&page);
    assert_eq!((&page["first_seed"], &page["seeds"], &page["live_speed"]), (&1.into(), &3.into(), &Value::Null));
    assert_eq!(strategy(&page, "ifmatch")["violations"], Value::Array(Vec::new()));
    assert_eq!(first.out, run().out);
}

#[test]
fn the_report_has_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let ran = lab(folder.path(), &["my-load.toml", "--report", "out/lab", "--json"]).expect(0);
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out/lab").join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read("report.json")).unwrap(), ran.json());
    for name in ["lost-edits.svg", "landed.svg", "requests.svg"] {
        let plot = read(name);
        assert!(plot.starts_with("<svg ") && plot.trim_end().ends_with("</svg>"), "{name}: {plot}");
    }
    let page = read("index.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"), "{page}");
    assert!(ALL.iter().all(|name| page.contains(name)), "{page}");
    assert!(ran.err.contains("report: out/lab/index.html"), "{}", ran.err);
}

/// A command line that is refused with 2, nothing on standard output, and these words.
fn check_refused(args: &[&str], words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let Ran { code, out, err } = lab(folder.path(), args);
    assert_eq!((code, out.as_str()), (2, ""), "{args:?} {err}");
    assert!(words.iter().all(|word| err.contains(word)), "{args:?}: {err}");
}

#[test]
fn what_cannot_be_run_is_refused_with_2_and_what_would_be_right() {
    check_refused(&["N6"], &["\"N6\" is neither a scenario nor a file", "hint: `ifmatch lab list`"]);
    check_refused(&["N2", "--strategy", "naive"], &["no strategy has the name \"naive\"", "naive-refresh"]);
    check_refused(&["N2", "--seeds", "0"], &["0 is not in 1..=10000"]);
    check_refused(&["N2", "--speed", "5"], &["--live"]);
    check_refused(&["N2", "--live", "--speed", "101"], &["101 is not in 1..=100"]);
    check_refused(
        &["my-load.toml", "--strategy", "ifmatch", "--report", "my-load.toml/out"],
        &["cannot write my-load.toml/out", "--report"],
    );
}

#[test]
fn a_scenario_that_is_wrong_is_refused_with_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let check = |from: &str, to: &str, words: &str| {
        let text = example().replacen(from, to, 1);
        assert_ne!(text, example(), "{from}");
        std::fs::write(folder.path().join("wrong.toml"), text).unwrap();
        let ran = lab(folder.path(), &["wrong.toml"]).expect(2);
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
        assert!(ran.err.contains("hint: docs/LAB.md describes every field"), "{}", ran.err);
    };
    check("copies = 2", "copees = 2", "unknown field `copees`");
    check("minutes = 1", "minutes = 0", "minutes is 1 to 10080, not 0");
    check("scores = 12", "scorez = 12", "scorez");
    check("changes = \"score\"", "changes = \"colour\"", "colour");
}

/// What each part of a scenario may have, as the reader of scenarios says it.
#[test]
fn the_manual_describes_every_field() {
    let manual = std::fs::read_to_string(MANUAL).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let locker = "[[locker]]\nbogus = 1\nlocks = \"score\"\nhold_seconds_min = 1\nhold_seconds_max = 2\n";
    let variant = "[[variant]]\nbogus = 1\ntime_zone = \"Europe/Paris\"\nstart = \"2026-10-20T08:00:00Z\"\n";
    let bogus = [
        format!("bogus = 1\n{}", example()),
        example().replacen("[[source]]", "[[source]]\nbogus = 1", 1),
        example().replacen("[[editor]]", "[[editor]]\nbogus = 1", 1),
        format!("{}\n{locker}", example()),
        format!("{}\n{variant}", example()),
    ];
    let mut fields = 0;
    for text in bogus {
        std::fs::write(folder.path().join("bogus.toml"), text).unwrap();
        let ran = lab(folder.path(), &["bogus.toml"]).expect(2);
        let (_, known) = ran.err.split_once("expected ").unwrap_or_else(|| panic!("{}", ran.err));
        for field in known.lines().next().unwrap().split('`').skip(1).step_by(2) {
            assert!(manual.contains(&format!("`{field}`")), "docs/LAB.md does not describe {field}");
            fields += 1;
        }
    }
    assert!(fields > 35, "{fields}");
}

#[test]
fn over_http_all_strategies_meet_the_same_people_and_ifmatch_keeps_its_promises() {
    let folder = tempfile::tempdir().unwrap();
    let ran = lab(folder.path(), &["my-load.toml", "--live", "--json", "--report", "out"]).expect(0);
    let page = ran.json();
    check_report(&page);
    assert_eq!((&page["seeds"], &page["live_speed"]), (&1.into(), &10.into()));
    let names: Vec<&str> =
        page["strategies"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ALL);
    // The same seed in virtual time is the same workload.
    let virtually = lab(folder.path(), &["my-load.toml", "--seeds", "1", "--json"]).expect(0).json();
    assert_eq!(strategy(&virtually, "ifmatch")["intents"], strategy(&page, "ifmatch")["intents"]);
    assert_eq!(strategy(&virtually, "naive-refresh")["edits"], strategy(&page, "naive-refresh")["edits"]);
    let written = std::fs::read_to_string(folder.path().join("out/index.html")).unwrap();
    assert!(written.contains("over HTTP at 10 times the wall clock"), "{written}");
    assert!(ran.err.contains("takes 6 s or longer, "), "{}", ran.err);
}

#[test]
fn a_live_run_that_is_interrupted_judges_nothing_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let temporary = TempDir::new_in(folder.path()).unwrap();
    let left = || std::fs::read_dir(temporary.path()).unwrap().count();
    let mut command = command(folder.path(), &["lab", "run", "N2", "--live", "--speed", "1", "--strategy", "ifmatch"]);
    let command = command.env("TMPDIR", temporary.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let child = command.spawn().unwrap();
    // Its gateway's folder is there: it runs.
    while left() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-s", "INT", &id]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(5), 0));
    assert_eq!(left(), 0);
}

#[test]
fn the_list_names_every_scenario_and_every_strategy() {
    let ran = ifmatch(&["lab", "list"]).expect(0);
    for name in ["N1", "N2", "N3", "N4", "N5", "N18", "N21"].into_iter().chain(ALL) {
        assert!(ran.out.contains(&format!("\n{name} ")), "{name}: {}", ran.out);
    }
}
