//! A migration of 423 swap requests: planned, applied, killed on the way, applied again, accounted for.

mod ahead;
mod killed;
mod time_off;

use crate::rig::Gateway;
use crate::run::{Ran, command, finish, ifmatch};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/zendesk-shift-trades.csv");

fn plan(gateway: &Gateway, file: &str, out: &str) -> Value {
    let ran = gateway.run(&["import", "zendesk-shift-trades", file, "--plan", out, "--checked", "--json"]).expect(0);
    let written: Value = serde_json::from_slice(&std::fs::read(gateway.folder.path().join(out)).unwrap()).unwrap();
    assert_eq!(ran.json(), written, "what is printed is what is written");
    written
}

fn apply(gateway: &Gateway, plan: &str, more: &[&str]) -> Ran {
    gateway.run(&[&["apply", plan, "--json"], more].concat())
}

fn totals(value: &Value, wanted: &[(&str, u64)]) {
    let totals: BTreeMap<String, u64> = serde_json::from_value(value["totals"].clone()).unwrap();
    let found: BTreeMap<&str, u64> =
        totals.iter().filter(|(_, count)| **count > 0).map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(found, wanted.iter().copied().collect());
    assert_eq!(totals.values().sum::<u64>(), 423, "every row is counted once");
}

const PLANNED: [(&str, u64); 6] =
    [("create", 365), ("equal", 34), ("duplicate", 2), ("hold", 14), ("review", 3), ("reject", 5)];
const APPLIED: [(&str, u64); 6] =
    [("landed", 365), ("equal", 34), ("duplicate", 2), ("hold", 14), ("review", 3), ("rejected", 5)];

/// A gateway in the world that fits the file: lagging reads, locks, 300 requests a minute.
fn gateway() -> Gateway {
    Gateway::playing("i02", "60")
}

/// Asks the control API of a sandbox.
type Asks<'a> = &'a dyn Fn(&str) -> Value;

/// The control API of a gateway's own sandbox.
fn asks(gateway: &Gateway) -> impl Fn(&str) -> Value {
    |path| gateway.control("GET", path, &Value::Null)
}

/// The target's own records, by the source's id and without what differs from run to run.
fn trades(ask: Asks<'_>) -> BTreeMap<String, Value> {
    let world = ask("world");
    let record = |trade: &Value| {
        let path = trade["path"].as_str().unwrap();
        let mut record = ask(&format!("record?path={path}"));
        if let Some(body) = record.get_mut("body") {
            record = body.take();
        }
        let fields = record.as_object_mut().unwrap();
        for name in ["trade_id", "id", "version", "entity_version", "date_modified", "modified_by", "settled_at"] {
            fields.remove(name);
        }
        (fields["swap_request_id"].as_str().unwrap().to_owned(), record)
    };
    world["shift_trades"].as_array().unwrap().iter().map(record).collect()
}

/// How often each request was made a trade, by the ledger.
fn creations(ask: Asks<'_>) -> BTreeMap<String, usize> {
    let ledger = ask("ledger");
    let mut made = BTreeMap::new();
    for entry in ledger.as_array().unwrap() {
        let is_trade = entry["path"].as_str().unwrap().contains("/scheduling/shifts/");
        if !is_trade || !entry["from_version"].is_null() {
            continue;
        }
        let changes = entry["changes"].as_array().unwrap().iter();
        let mut id = changes.filter_map(|change| match change["path"].as_str() {
            Some("") => change["after"]["swap_request_id"].as_str(),
            Some("/swap_request_id") => change["after"].as_str(),
            _ => None,
        });
        *made.entry(id.next_back().unwrap().to_owned()).or_default() += 1;
    }
    made
}

fn settled_once(ask: Asks<'_>) {
    let made = creations(ask);
    assert_eq!(made.len(), 365);
    assert_eq!(made.into_iter().find(|(_, times)| *times != 1), None, "no trade twice");
}

#[test]
fn offline_the_plan_has_an_entry_for_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let agents = sample_agents();
    std::fs::write(folder.path().join("agents.csv"), agents).unwrap();
    let args = ["import", "zendesk-shift-trades", SAMPLE, "--plan", "p.json", "--offline", "--agents", "agents.csv"];
    let ran = finish(&mut command(folder.path(), &args)).expect(0);
    assert!(ran.out.contains("unchecked") && ran.out.contains("730 requests, 2 min 27 s at 300"), "{}", ran.out);
    assert!(ran.out.contains("ifmatch apply p.json") && ran.out.contains("--all lists them"), "{}", ran.out);
    let plan: Value = serde_json::from_slice(&std::fs::read(folder.path().join("p.json")).unwrap()).unwrap();
    totals(&plan, &PLANNED);
    assert_eq!((&plan["target"], &plan["kind"]), (&json!("unchecked"), &json!("zendesk-shift-trades")));
    let check = |row: usize, verdict: &str, code: Value| {
        let entry = &plan["rows"][row - 1];
        assert_eq!(
            (&entry["row"], &entry["verdict"], &entry["code"]),
            (&json!(row), &json!(verdict), &code),
            "{entry}"
        );
    };
    check(11, "review", json!("ambiguous_local_time"));
    check(12, "create", Value::Null);
    check(13, "equal", json!("history_not_wanted"));
    check(15, "reject", json!("unknown_agent"));
    check(16, "reject", json!("end_before_start"));
    check(17, "reject", json!("same_agent"));
    check(18, "reject", json!("unmapped_status"));
    check(19, "reject", json!("unknown_time_zone"));
    check(25, "hold", json!("source_unsettled"));
    check(33, "review", json!("id_used_twice"));
    check(201, "duplicate", json!("duplicate_row"));
    assert_eq!(plan["rows"][10]["candidates"], json!(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"]));
    let nine_hours = &plan["rows"][11]["intent"]["change"]["create"]["initiating"];
    assert_eq!(
        (&nine_hours["start"], &nine_hours["end"]),
        (&json!("2026-10-24T22:00:00+02:00"), &json!("2026-10-25T06:00:00+01:00"))
    );

    let more =
        ["--offline", "--agents", "agents.csv", "--local-times", "later", "--history", "--json", "--detailed-exitcode"];
    let args = [&["import", "zendesk-shift-trades", SAMPLE][..], &more[..]].concat();
    let plan = finish(&mut command(folder.path(), &args)).expect(4).json();
    assert_eq!(plan["rows"][10]["intent"]["change"]["create"]["initiating"]["start"], "2026-10-25T02:30:00+01:00");
    assert_eq!(plan["totals"]["equal"], 0);
}

/// Every address of the file but the one that is nobody's.
fn sample_agents() -> String {
    let text = std::fs::read_to_string(SAMPLE).unwrap();
    let fields = text.lines().skip(1).flat_map(|line| line.split(',').skip(4).take(2));
    let known = fields.filter(|email| *email != "unknown.person@example.com");
    known.fold("email,id\n".to_owned(), |text, email| format!("{text}{email},id-of-{email}\n"))
}

#[test]
fn a_wrong_kind_file_or_plan_is_2_and_says_what_is_right() {
    let check = |args: &[&str], words: &str| {
        let ran = ifmatch(args).expect(2);
        assert!(ran.err.contains(words), "{}", ran.err);
    };
    check(&["import", "zendesk", SAMPLE], "the kinds are zendesk-shift-trades, servicenow-quality-reviews");
    check(&["import"], "<KIND>");
    check(&["import", "zendesk-shift-trades", "no-such-file", "--offline"], "no-such-file cannot be read");
    check(&["import", "servicenow-quality-reviews", SAMPLE, "--offline"], "--time-zone");
    check(&["import", "scheduler-week", SAMPLE, "--offline"], "--schedule");
    check(&["apply", SAMPLE], "is no plan");
    let folder = tempfile::tempdir().unwrap();
    let ran = finish(&mut command(folder.path(), &["import", "zendesk-shift-trades", SAMPLE])).expect(0);
    assert!(ran.err.contains("the plan is unchecked"), "{}", ran.err);
    let named = ["import", "zendesk-shift-trades", SAMPLE, "--server", "http://127.0.0.1:1", "--client-id", "x"];
    std::fs::write(folder.path().join("secret"), "s").unwrap();
    finish(&mut command(folder.path(), &[&named[..], &["--client-secret-file", "secret"]].concat())).expect(3);
}

#[test]
fn planned_applied_accounted_for_and_then_there_is_nothing_to_do() {
    let gateway = gateway();
    let planned = plan(&gateway, SAMPLE, "p.json");
    assert_eq!(planned["target"], "checked");
    totals(&planned, &PLANNED);
    assert_eq!(planned["forecast"]["requests"], 730);
    let report = apply(&gateway, "p.json", &["--report", "r.json"]).expect(4).json();
    totals(&report, &APPLIED);
    assert_eq!((&report["complete"], &report["sha256"]), (&json!(true), &planned["sha256"]));
    let written: Value = serde_json::from_slice(&std::fs::read(gateway.folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(written, report);
    settled_once(&asks(&gateway));

    totals(&apply(&gateway, "p.json", &["--detailed-exitcode"]).expect(6).json(), &APPLIED);
    let shown = gateway.run(&["status", "p.json"]).expect(0).out;
    assert!(shown.contains("landed     365"), "{shown}");
    // Without its journal every row is submitted again, and nothing happens.
    std::fs::remove_file(gateway.folder.path().join("p.json.journal")).unwrap();
    totals(&apply(&gateway, "p.json", &[]).expect(4).json(), &APPLIED);
    settled_once(&asks(&gateway));
    differences(&gateway);
}

/// A second export after the first: what is the same is `equal`, what differs an update, and what somebody moves in between is named.
fn differences(gateway: &Gateway) {
    let text = std::fs::read_to_string(SAMPLE).unwrap();
    let other = text
        .replace("SWP-202610-0008,98008", "SWP-202610-0008,T8")
        .replace("SWP-202610-0004,98004", "SWP-202610-0004,T4");
    std::fs::write(gateway.folder.path().join("again.csv"), &other).unwrap();
    // Reads of this target may be half a minute behind: a plan is asked for until they are not.
    let started = Instant::now();
    let planned = loop {
        let planned = plan(gateway, "again.csv", "again.json");
        if planned["totals"]["create"] == 0 {
            break planned;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{}", planned["totals"]);
        thread::sleep(Duration::from_millis(100));
    };
    totals(&planned, &[("update", 2), ("equal", 397), ("duplicate", 2), ("hold", 14), ("review", 3), ("reject", 5)]);
    let row = &planned["rows"][7];
    assert_eq!(row["changes"], json!({"/notes": {"before": "Zendesk ticket 98008", "after": "Zendesk ticket T8"}}));
    assert_eq!((&row["intent"]["base"]["version"], &row["verdict"]), (&row["observed_version"], &json!("update")));

    let id = row["resource"]["id"].as_str().unwrap();
    let path = format!("/api/v2/wfm/scheduling/shifts/{id}");
    let edit = json!({"path": path, "merge_patch": {"expires_at": "2026-12-01T00:00:00Z"}, "by": "Mara Lind"});
    gateway.control("POST", "edit", &edit);
    // The reads that name what moved may be behind as well; that the row is merged does not depend on them.
    let report = apply(gateway, "again.json", &[]).expect(4).json();
    let entry = |row: usize| report["account"][row - 1]["outcome"].as_str().unwrap().to_owned();
    assert_eq!((entry(8).as_str(), entry(4).as_str()), ("landed", "landed"), "{report}");
    let record = trades(&asks(gateway)).remove("SWP-202610-0008").unwrap();
    assert_eq!((&record["notes"], record["expires_at"].is_null()), (&json!("Zendesk ticket T8"), false), "{record}");

    std::fs::write(gateway.folder.path().join("again.csv"), &text).unwrap();
    let refused = apply(gateway, "again.json", &[]).expect(2);
    assert!(refused.err.contains("its content has changed"), "{}", refused.err);
}

#[test]
fn a_plan_made_offline_is_resolved_when_it_is_applied() {
    let gateway = gateway();
    let args = ["import", "zendesk-shift-trades", SAMPLE, "--plan", "p.json", "--offline"];
    let folder = gateway.folder.path();
    finish(&mut command(folder, &args)).expect(0);
    // The row of an agent that nobody knows is refused before it is submitted: exit 2.
    let report = apply(&gateway, "p.json", &[]).expect(2).json();
    totals(&report, &APPLIED);
    assert_eq!(report["account"][14]["code"], "unknown_agent");
    settled_once(&asks(&gateway));
}

#[test]
fn reviews_land_in_the_order_of_their_counter() {
    let gateway = Gateway::playing("i01", "60");
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/servicenow-quality-reviews.ndjson");
    let args =
        ["import", "servicenow-quality-reviews", sample, "--plan", "q.json", "--time-zone", "Europe/Paris", "--json"];
    let plan = gateway.run(&args).expect(0).json();
    assert_eq!((&plan["totals"]["create"], &plan["totals"]["update"]), (&json!(58), &json!(99)));
    let report = apply(&gateway, "q.json", &["--timeout", "60"]).expect(4).json();
    let total = |outcome: &str| report["totals"][outcome].as_u64().unwrap();
    assert_eq!((total("equal"), total("duplicate"), &report["complete"]), (20, 25, &json!(true)));
    // People edit these reviews in the target: rows of some may be in review. How many rows one write carries is a matter of time.
    let done = total("landed") + total("superseded") + total("satisfied");
    assert_eq!(done + total("review"), 157 + 5, "{}", report["totals"]);
    assert!(total("landed") >= 40, "{}", report["totals"]);
}
