//! `ifmatch probe` as a process of its own, in front of a sandbox.

use crate::apart::{Served, Target, patch_score};
use crate::run::{Ran, command, finish};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

/// A sandbox with a limit, which its answers tell: without one the probe asks four times a second.
const LIMITED: &str = "[options]\nrate_limit_per_minute = 300\nversion_step_max = 4\n";

fn probing(target: &Target, args: &[&str]) -> Command {
    let mut probing = command(target.folder.path(), &[&["probe"], args].concat());
    target.tell_secrets(&mut probing);
    probing
}

fn score(target: &Target) -> Value {
    target.world()["quality_scores"][0].clone()
}

fn named(score: &Value) -> String {
    format!("quality-score/{}", score["id"].as_str().unwrap())
}

/// The score as the target holds it, without what every write changes.
fn stands(target: &Target, score: &Value) -> Value {
    let path = score["path"].as_str().unwrap();
    let mut record = target.control().get(&format!("/__sandbox/record?path={path}")).expect(200).json();
    for name in ["version", "resource_version", "date_modified", "modified_by"] {
        record.as_object_mut().unwrap().remove(name);
    }
    record
}

fn finding<'c>(certificate: &'c Value, name: &str) -> &'c Value {
    let findings = certificate["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["name"] == name).unwrap_or_else(|| panic!("{name}: {certificate}"))
}

#[test]
fn with_consent_a_record_is_written_put_back_and_certified() {
    let target = Target::start(LIMITED, "");
    let score = score(&target);
    let before = stands(&target, &score);
    let args = ["--record", &named(&score), "--yes", "--json", "--out", "acme.json"];
    let ran = finish(&mut probing(&target, &args)).expect(0);
    let certificate = ran.json();
    assert_eq!(certificate["schema"], "ifmatch-certificate/1");
    assert_eq!(finding(&certificate, "guard")["value"], "checked");
    assert_eq!(finding(&certificate, "rate_window")["value"]["allowed"], 300);
    assert!(finding(&certificate, "version_step")["value"]["most"].as_u64() > Some(1), "{certificate}");
    assert_eq!(certificate["records"], json!([{"record": named(&score), "restored": true}]));
    // The target knows the exchange by the name that stands as evidence.
    let evidence = &finding(&certificate, "stale_answer")["evidence"][0];
    assert_eq!((&evidence["status"], evidence["correlation"].is_string()), (&json!(409), true), "{evidence}");
    assert_eq!(stands(&target, &score), before);
    let ledger = target.ledger();
    assert!(!ledger.is_empty() && ledger.iter().all(|entry| entry["path"] == score["path"]), "{ledger:?}");
    // Each is told before, with method, path, effect and undoing.
    assert!(ran.err.contains(&format!("{}: PATCH {}", named(&score), score["path"].as_str().unwrap())), "{}", ran.err);
    assert!(ran.err.contains("undone: /comments is written back to"), "{}", ran.err);

    let written = std::fs::read_to_string(target.folder.path().join("acme.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), certificate);
}

#[test]
fn without_consent_nothing_is_written() {
    // Without a limit, since each later probe would wait for the next window in order to see it whole.
    let target = Target::start("", "");
    let record = named(&score(&target));
    for (args, reason) in [
        (vec!["--record", record.as_str(), "--json"], "declined"),
        (vec!["--record", record.as_str(), "--json", "--read-only"], "read-only"),
        (vec!["--json"], "no record was named"),
    ] {
        let ran = finish(&mut probing(&target, &args)).expect(0);
        let certificate = ran.json();
        assert_eq!((&certificate["writes"], &certificate["records"]), (&json!(0), &json!([])), "{args:?}");
        let guard = &finding(&certificate, "guard")["unknown"];
        assert!(guard.as_str().unwrap().contains(reason), "{args:?}: {guard}");
        assert_eq!(finding(&certificate, "events")["value"], "offered");
    }
    assert_eq!(target.ledger(), Vec::<Value>::new());
}

#[test]
fn people_read_a_table() {
    let target = Target::start(LIMITED, "");
    let ran = finish(&mut probing(&target, &["--read-only", "--org", "acme"])).expect(0);
    assert!(ran.out.contains("(wfm-v2)") && ran.out.contains("\ntarget"), "{}", ran.out);
    assert!(ran.out.contains("allowed 300"), "{}", ran.out);
    let ran = finish(&mut probing(&target, &["--org", "nobody"])).expect(2);
    assert!(ran.err.contains("hint: give one of acme"), "{}", ran.err);
    let ran = finish(&mut probing(&target, &["--record", "score/x", "--yes"])).expect(2);
    assert!(ran.err.contains("hint: name a record of one of quality-score"), "{}", ran.err);
}

#[test]
fn a_target_that_gives_no_token_is_3() {
    let target = Target::start("", "");
    let ran = finish(probing(&target, &["--read-only"]).env("ACME_SECRET", "wrong")).expect(3);
    assert!(ran.err.starts_with("error: the target gives no token: 401"), "{}", ran.err);
}

#[test]
fn an_interrupt_leaves_the_record_as_it_was() {
    let target = Target::start(LIMITED, "");
    let score = score(&target);
    let before = stands(&target, &score);
    let mut probing = probing(&target, &["--record", &named(&score), "--yes", "--json"]);
    let mut child = probing.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("  PATCH") {
        line.clear();
        assert!(lines.read_line(&mut line).unwrap() > 0, "no test write was told");
    }
    let interrupt = ["-INT", &child.id().to_string()];
    assert!(Command::new("kill").args(interrupt).status().unwrap().success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    let ran = child.wait_with_output().unwrap();
    assert_eq!(ran.status.code(), Some(5), "{rest}");
    assert!(rest.contains("stopping"), "{rest}");
    assert_eq!(stands(&target, &score), before, "{rest}");
}

#[test]
fn the_configuration_takes_a_certificate_or_says_what_is_wrong_with_it() {
    let target = Target::start(LIMITED, "");
    finish(&mut probing(&target, &["--read-only", "--out", "acme.json"])).expect(0);
    let file = target.folder.path().join("ifmatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let text = text.replace("allow_private = true", "allow_private = true\ncertificate = \"acme.json\"");
    std::fs::write(&file, text).unwrap();
    assert_eq!(checked(&target).expect(0).err, "");
    let wrong = |from: &str, to: &str, words: &str| {
        let path = target.folder.path().join("acme.json");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let ran = checked(&target).expect(2);
        assert!(ran.err.contains("org.0.certificate: ") && ran.err.contains("acme.json: "), "{}", ran.err);
        assert!(ran.err.contains(words), "{}", ran.err);
        std::fs::write(&path, text).unwrap();
    };
    wrong("certificate/1", "certificate/9", "schema: \"ifmatch-certificate/9\" is not");
    wrong("\"offered\"", "\"sometimes\"", ".value: must be one of offered, not_offered");
    wrong("\"events\"", "\"event\"", ".name: there is no finding \"event\"");
    wrong("\"wfm-v2\"", "\"genesys-cloud\"", "dialect: it is about \"genesys-cloud\"");
    wrong("\"requests\"", "\"asked\"", "unknown field `asked`");
    std::fs::remove_file(target.folder.path().join("acme.json")).unwrap();
    assert!(checked(&target).expect(2).err.contains("cannot be read"));
}

#[test]
fn what_a_probe_found_out_is_known_to_the_gateway_from_the_first_write_on() {
    let target = Target::start("[options]\nunversioned = \"header-required\"\n", "");
    let score = score(&target);
    finish(&mut probing(&target, &["--record", &named(&score), "--yes", "--out", "acme.json"])).expect(0);
    let attempts = |comments: &str| {
        let served = Served::start(&mut target.serve(), target.folder.path());
        let headers = [("content-type", "application/json")];
        let intent = patch_score(&score["id"], &json!({"comments": comments}), comments).to_string();
        let landed = served.script().send("POST", "/v1/intents?wait=20", &headers, &intent).json();
        assert_eq!(landed["state"], "landed", "{landed}");
        landed["attempts"].as_u64().unwrap()
    };
    // Without it, the first write is refused for want of a header.
    assert_eq!(attempts("one"), 2);
    let file = target.folder.path().join("ifmatch.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("[[source]]", "certificate = \"acme.json\"\n[[source]]")).unwrap();
    assert_eq!(attempts("two"), 1);
}

fn checked(target: &Target) -> Ran {
    let mut check = command(target.folder.path(), &["config", "check"]);
    target.tell_secrets(&mut check);
    finish(&mut check)
}
