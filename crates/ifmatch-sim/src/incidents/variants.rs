//! The options of the target, one at a time: an incident must have its answer under each.

use super::stage::told;
use crate::script::Setup;
use ifmatch_sandbox::Options;
use serde_json::{Value, json};

/// Options that matter to some incidents and to no other: limits of rates to those that send much, the length of a publish
/// to those that publish, and so on. Every other option is tried with all.
const ONLY: &[(&str, &[&str])] = &[
    ("publish_ms", &["I05", "I11", "I14", "I18"]),
    ("exchange_ms", &["I09", "I19", "I22", "I29", "I30"]),
    ("rest_minutes_min", &["I04", "I06", "I07", "I08", "I22", "I24", "I25", "I36"]),
    (
        "rate_limit_per_minute",
        &["I01", "I03", "I04", "I06", "I10", "I13", "I19", "I25", "I33", "I34", "I38", "I39", "I41", "I44", "I57"],
    ),
    ("family_limits", &["I04", "I13", "I19", "I25", "I33", "I34", "I38", "I39", "I49", "I50"]),
    (
        "token_seconds",
        &["I01", "I02", "I03", "I05", "I09", "I10", "I11", "I18", "I29", "I39", "I41", "I49", "I54", "I56"],
    ),
];

/// What an option may be beside, for some incidents.
const ALSO: &[(&str, &str, &[&str])] =
    &[("replica_lag_ms", "60000", &["I01", "I02", "I08", "I09", "I24", "I28", "I37", "I54"])];

/// The same world once for each setting of each option that is not the one that it has, with a name such as
/// `stale=bad-request`. The name before the `=` is the option's.
#[must_use]
pub fn variants(setup: &Setup) -> Vec<(String, Setup)> {
    let plain = serde_json::to_value(&setup.scenario.options).unwrap_or_default();
    let mut all = Vec::new();
    for (option, settings) in settings() {
        for setting in settings {
            if plain[option] == setting || !matters(&setup.name, option, &setting) {
                continue;
            }
            let mut changed = plain.clone();
            changed[option] = setting.clone();
            if option == "replica_lag_ms" {
                changed["replica_lag_varies"] = json!(true);
            }
            if let Ok(options) = serde_json::from_value::<Options>(changed) {
                let mut setup = setup.clone();
                // Where the incident is about what is told, that stays as it is.
                if setup.events == told(setup.scenario.options.events) {
                    setup.events = told(options.events);
                }
                setup.scenario.options = options;
                all.push((format!("{option}={}", said(&setting)), setup));
            }
        }
    }
    all
}

/// Whether a setting of an option says something of an incident.
fn matters(incident: &str, option: &str, setting: &Value) -> bool {
    let only = ONLY.iter().find(|(name, _)| *name == option).map(|(_, incidents)| *incidents);
    let also = ALSO.iter().find(|(name, value, _)| *name == option && *value == said(setting)).map(|(_, _, ids)| *ids);
    only.or(also).is_none_or(|incidents| incidents.contains(&incident))
}

fn said(setting: &Value) -> String {
    match setting {
        Value::Object(families) if families.is_empty() => "none".to_owned(),
        Value::Object(_) => "narrow".to_owned(),
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
        ("replica_lag_ms", vec![json!(0), json!(20_000), json!(60_000)]),
        ("publish_ms", vec![json!(0), json!(300_000), json!(1_200_000)]),
        ("exchange_ms", vec![json!(0), json!(10_000), json!(30_000)]),
        ("rest_minutes_min", vec![json!(0), json!(660)]),
        ("rate_limit_per_minute", vec![json!(null), json!(60), json!(300)]),
        ("family_limits", vec![json!({}), json!({"scores": 20, "shifts": 20, "schedules": 20, "publish": 5})]),
        ("token_seconds", vec![json!(300), json!(3_600)]),
        ("envelopes", envelopes),
    ]
}
