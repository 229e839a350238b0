//! The first row of a plan goes ahead: a target that refuses all for a rule of its own hears of three, until somebody wants the rest
//! all the same.

use crate::http::Caller;
use crate::rig::Gateway;
use serde_json::Value;
use std::time::{Duration, Instant};

const CHANGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/scheduler-changes-singapore.ndjson");

/// Rows of the file that are imported.
const ROWS: usize = 40;

const SCENARIO: &str = r#"base = "calm-unlimited"
[world]
sample = "scheduler-week"
[[constraints]]
path = "/api/v2/wfm/schedules/"
status = 400
code = "invalid_interval"
message = "A shift must begin on a quarter of an hour"
"#;

/// A gateway whose target refuses every change of a shift, the file, and the schedule that it is about.
fn office() -> (tempfile::TempDir, Gateway, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("scenario.toml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let gateway = Gateway::start_with(&["--scenario", scenario.to_str().unwrap()]);
    let world = gateway.control("GET", "world", &Value::Null);
    let schedule = world["schedules"][0]["id"].as_str().unwrap().to_owned();
    let all = std::fs::read_to_string(CHANGES).unwrap();
    let file: String = all.split_inclusive('\n').take(ROWS).collect();
    std::fs::write(gateway.folder.path().join("changes.ndjson"), &file).unwrap();
    (folder, gateway, schedule, file)
}

/// Writes that the target was asked for.
fn asked(account: &Value) -> (u64, u64) {
    let total = |name: &str| account["totals"][name].as_u64().unwrap_or(0);
    (total("review"), total("skipped"))
}

#[test]
fn three_refused_alike_keep_the_rest_of_a_plan_here() {
    let (_folder, gateway, schedule, _) = office();
    let import = ["import", "scheduler-changes", "changes.ndjson", "--schedule", &schedule, "--plan", "plan.json"];
    gateway.run(&import).expect(0);
    for _ in 0..2 {
        let ran = gateway.run(&["apply", "plan.json", "--json"]).expect(2);
        assert_eq!(asked(&ran.json()), (3, 37));
        for words in ["the first 3 rows were refused alike (review/time)", "quarter of an hour", "--go-on"] {
            assert!(ran.err.contains(words), "{words}: {}", ran.err);
        }
    }
    let ran = gateway.run(&["apply", "plan.json", "--go-on", "--json"]).expect(4);
    assert_eq!(asked(&ran.json()), (40, 0));
}

#[test]
fn an_import_of_the_gateway_stops_as_well_and_says_why() {
    let (_folder, gateway, schedule, file) = office();
    let caller = Caller::new(gateway.said("url"));
    let source = caller.log_in(gateway.said("client_id"), gateway.said("client_secret"));
    let path = format!("/v1/imports?kind=scheduler-changes&file=changes.ndjson&schedule={schedule}&apply=true");
    let headers = [("content-type", "application/x-ndjson")];
    let begun = source.send("POST", &path, &headers, &file).expect(202).json();
    let id = begun["id"].as_str().unwrap();
    let ended = |state: &str| {
        let started = Instant::now();
        loop {
            let shown = source.get(&format!("/v1/imports/{id}")).expect(200).json();
            if shown["state"] == state {
                return shown;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{shown}");
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let stopped = ended("stopped");
    let reason = stopped["reason"].as_str().unwrap();
    assert!(reason.contains("the other 37 were not submitted") && reason.contains("quarter of an hour"), "{reason}");
    source.send("POST", &format!("/v1/imports/{id}/apply?go_on=true"), &[], "").expect(202);
    assert_eq!(asked(&ended("done")), (40, 0));
}
