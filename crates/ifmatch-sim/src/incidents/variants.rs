//! The options of the target, one at a time: an incident must have its answer under each.

use crate::script::Setup;
use serde_json::{Value, json};

/// The same world once for each setting of each option that is not the one that it has, with a name such as
/// `stale=bad-request`. The name before the `=` is the option's.
#[must_use]
pub fn variants(setup: &Setup) -> Vec<(String, Setup)> {
    let plain = serde_json::to_value(&setup.scenario.options).unwrap_or_default();
    let mut all = Vec::new();
    for (option, settings) in settings() {
        for setting in settings {
            if plain[option] == setting {
                continue;
            }
            let mut changed = plain.clone();
            changed[option] = setting.clone();
            if option == "replica_lag_ms" {
                changed["replica_lag_varies"] = json!(true);
            }
            if let Ok(options) = serde_json::from_value(changed) {
                let mut setup = setup.clone();
                setup.scenario.options = options;
                all.push((format!("{option}={}", said(&setting)), setup));
            }
        }
    }
    all
}

fn said(setting: &Value) -> String {
    match setting {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.len() > 1 => "rotating".to_owned(),
        Value::Array(list) => list.iter().map(said).collect(),
        other => other.to_string(),
    }
}

/// Every option that `wfm-v2` leaves open, with what it may be.
fn settings() -> Vec<(&'static str, Vec<Value>)> {
    let texts = |all: &[&str]| all.iter().map(|text| json!(text)).collect::<Vec<Value>>();
    let both = || vec![json!(false), json!(true)];
    let mut envelopes: Vec<Value> = (1..=10).map(|number| json!([format!("E{number}")])).collect();
    envelopes.push((1..=10).map(|number| json!(format!("E{number}"))).collect());
    vec![
        ("stale", texts(&["conflict", "precondition-failed", "bad-request"])),
        (
            "stale_text",
            texts(&["version-mismatch", "stale-resource-version", "entity-version-mismatch", "modified-since-read"]),
        ),
        ("current_in_refusal", texts(&["no", "version", "record"])),
        ("etag", texts(&["strong", "weak", "missing", "opaque"])),
        ("etag_in_refusal", both()),
        ("unversioned", texts(&["refused", "accepted"])),
        ("version_step_max", vec![json!(1), json!(5)]),
        ("keyed_score_post", texts(&["create", "update"])),
        ("same_score_again", texts(&["record", "duplicate"])),
        ("agent_write_raises", texts(&["agent-and-document", "agent-only"])),
        ("availability_raises_draft", both()),
        ("refused_agent", texts(&["refuses-whole", "rest-lands"])),
        ("lock_text", texts(&["modified-since-read", "being-modified"])),
        ("lock_names_agent", both()),
        ("idempotency_key", texts(&["ignored", "honoured"])),
        ("publish_raises_version", both()),
        ("unchanged_write", texts(&["keeps-version", "raises-version"])),
        ("events", texts(&["delivered", "unreliable", "not-offered"])),
        ("unknown_fields", texts(&["ignored", "refused"])),
        ("instants", texts(&["as-sent", "utc"])),
        ("retry_after", texts(&["seconds", "http-date", "absent"])),
        ("reads_may_go_back", both()),
        ("replica_lag_ms", vec![json!(0), json!(20_000)]),
        ("envelopes", envelopes),
    ]
}
