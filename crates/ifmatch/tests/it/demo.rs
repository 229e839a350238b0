//! `ifmatch demo` as a user runs it: what it prints, how it exits, what `--keep` leaves.

use crate::http::Caller;
use crate::run::{command, ifmatch};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// How a wish can end.
const ENDS: [&str; 9] =
    ["landed", "satisfied", "superseded", "rejected", "expired", "cancelled", "discarded", "review", "pending"];

/// What else is counted of a strategy.
const COUNTS: [&str; 6] = ["lost_edits", "duplicates", "needless_reviews", "requests", "throttled", "early"];

/// Holds one strategy's figures against the contract.
fn check_figures(figures: &Value) {
    let count = |name: &str| figures[name].as_u64().unwrap_or_else(|| panic!("{name}: {figures}"));
    assert_eq!(ENDS.iter().map(|end| count(end)).sum::<u64>(), count("intents"), "{figures}");
    assert!(COUNTS.iter().all(|name| figures[*name].is_u64()), "{figures}");
    assert!(figures["seconds"].as_f64().is_some_and(|seconds| seconds > 0.0), "{figures}");
    let known: Vec<&str> = ENDS.into_iter().chain(COUNTS).chain(["name", "intents", "seconds"]).collect();
    assert!(figures.as_object().unwrap().keys().all(|name| known.contains(&name.as_str())), "{figures}");
}

/// The naive loop and ifmatch in one scenario.
fn strategies(scenario: &Value) -> [&Value; 2] {
    let list = scenario["strategies"].as_array().unwrap();
    assert_eq!(list.iter().map(|one| &one["name"]).collect::<Vec<_>>(), ["naive-refresh", "ifmatch"]);
    list.iter().for_each(check_figures);
    [&list[0], &list[1]]
}

#[test]
fn two_incidents_have_the_members_that_programs_read_and_every_promise_holds() {
    let ran = ifmatch(&["demo", "--json", "--only", "I03,i01", "--seed", "1"]);
    let page = ran.json();
    assert_eq!(page["promises"], json!({"P1": true, "P2": true, "P3": true, "P4": true, "P5": true, "P6": true}));
    assert_eq!(page["broken"], json!({}));
    assert_eq!((ran.code, &page["seed"]), (0, &json!(1)), "{}", ran.err);
    let scenarios = page["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.iter().map(|one| &one["id"]).collect::<Vec<_>>(), ["I01", "I03"]);
    for scenario in scenarios {
        let [naive, ours] = strategies(scenario);
        assert!(naive["lost_edits"].as_u64() > Some(0), "the loop of the reports loses edits: {naive}");
        for name in ["lost_edits", "duplicates", "needless_reviews", "early", "pending", "discarded"] {
            assert_eq!(ours[name], 0, "{name}: {ours}");
        }
        assert!(ours["landed"].as_u64() > Some(0), "{ours}");
    }
    let (naive, ours) = (&scenarios[1]["strategies"][0], &scenarios[1]["strategies"][1]);
    assert!(ours["landed"].as_u64() > naive["landed"].as_u64(), "most of the seats get through: {scenarios:?}");
}

#[test]
fn an_incident_that_is_not_there_is_refused_with_those_that_are() {
    let ran = ifmatch(&["demo", "--only", "I06"]).expect(2);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("I01, I02, I03, I04, I05"), "{}", ran.err);
}

/// A demonstration that runs in folders of its own.
struct Playing {
    child: Child,
    folder: TempDir,
}

impl Playing {
    fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = command(folder.path(), args);
        // Its temporary folders too: what it leaves behind is seen.
        command.env("TMPDIR", folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { child: command.spawn().unwrap(), folder }
    }

    /// Sends a signal and waits for the end; returns the exit code.
    fn end(&mut self, signal: &str) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }

    fn left_behind(&self) -> usize {
        std::fs::read_dir(self.folder.path()).unwrap().count()
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Plays one incident with `--keep`, uses what is left running, and ends it.
fn check_kept(signal: &str) {
    let mut playing = Playing::start(&["demo", "--json", "--keep", "--only", "I01"]);
    let mut talk = String::new();
    let line = loop {
        let mut byte = [0];
        playing.child.stderr.as_mut().unwrap().read_exact(&mut byte).unwrap();
        talk.push(char::from(byte[0]));
        if byte[0] == b'\n' {
            match serde_json::from_str::<Value>(&talk) {
                Ok(line) => break line,
                Err(_) => talk.clear(),
            }
        }
    };
    let mut report = String::new();
    BufReader::new(playing.child.stdout.as_mut().unwrap()).read_line(&mut report).unwrap();
    assert!(report.starts_with('{'), "the report comes first: {report}");

    let said = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name}: {line}"));
    let gateway = Caller::new(said("url"));
    gateway.get("/health/ready").expect(200);
    let world = Caller::new(said("sandbox")).get("/__sandbox/world").expect(200).json();
    let score = &world["quality_scores"][0];
    let script = gateway.log_in(said("client_id"), said("client_secret"));
    let intent = json!({
        "resource": {"org": "sandbox", "kind": "quality-score", "id": score["id"]},
        "change": {"merge_patch": {"comments": "after the demonstration"}},
    });
    let landed = script.post("/v1/intents?wait=600", &intent).expect(200).json();
    assert_eq!(landed["state"], "landed", "{landed}");

    assert_eq!(playing.end(signal), Some(0), "the promises held");
    assert_eq!(playing.left_behind(), 0);
}

#[test]
fn keep_leaves_both_running_until_ctrl_c() {
    check_kept("INT");
}

#[test]
fn keep_leaves_both_running_until_a_supervisor_ends_it() {
    check_kept("TERM");
}

#[test]
fn one_that_is_interrupted_judges_nothing_and_leaves_nothing_behind() {
    let mut playing = Playing::start(&["demo", "--json", "--only", "I01"]);
    // Its gateway's folder is there: it plays.
    while playing.left_behind() == 0 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(playing.end("INT"), Some(5));
    let mut report = String::new();
    playing.child.stdout.as_mut().unwrap().read_to_string(&mut report).unwrap();
    assert_eq!((report.as_str(), playing.left_behind()), ("", 0));
}
