//! The five founding incidents again, each through the door by which it comes in the field: `ifmatch demo --doors`.

use crate::run::ifmatch;
use serde_json::{Value, json};

/// What must not happen to any wish of ifmatch.
const NEVER: [&str; 6] = ["lost_edits", "duplicates", "needless_reviews", "early", "pending", "discarded"];

/// Plays incidents through their doors; how many wishes came through each, and that nothing was lost, overwritten or done twice.
#[track_caller]
fn check(only: &str, doors: &[(&str, Value)]) {
    let ran = ifmatch(&["demo", "--doors", "--json", "--details", "--only", only, "--seed", "1"]);
    let page = ran.json();
    assert_eq!((ran.code, &page["broken"]), (0, &json!({})), "{}", ran.err);
    let played = page["scenarios"].as_array().unwrap();
    for (scenario, (incident, used)) in played.iter().zip(doors) {
        assert_eq!((&scenario["id"], &scenario["doors"]), (&json!(incident), used));
        let ours = &scenario["strategies"][1];
        assert_eq!(ours["name"], "ifmatch");
        for name in NEVER {
            assert_eq!(ours[name], 0, "{incident} {name}: {ours}\n{}", ran.err);
        }
        assert!(ours["landed"].as_u64() > Some(0), "{ours}");
    }
    assert_eq!(played.len(), doors.len());
}

#[test]
fn webhooks_and_an_export() {
    check("I01,I02", &[("I01", json!({"signed_hook": 207, "open_hook": 10})), ("I02", json!({"csv": 423}))]);
}

#[test]
fn a_script_through_the_proxy_and_files_of_sites() {
    check("I03,I04", &[("I03", json!({"proxy": 500})), ("I04", json!({"ndjson": 1200}))]);
}

/// How often the case screen calls follows from what happens.
#[test]
fn a_timer_and_a_case_screen() {
    let ran = ifmatch(&["demo", "--doors", "--json", "--details", "--only", "I05", "--seed", "1"]);
    let page = ran.json();
    assert_eq!((ran.code, &page["broken"]), (0, &json!({})), "{}", ran.err);
    let scenario = &page["scenarios"][0];
    assert_eq!(scenario["doors"]["timer"], 11);
    assert!(scenario["doors"]["open_hook"].as_u64() > Some(8), "{scenario}");
    for name in NEVER {
        assert_eq!(scenario["strategies"][1][name], 0, "{name}: {scenario}\n{}", ran.err);
    }
}
