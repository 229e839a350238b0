//! The rules that a record must keep whatever was merged. A breach is a conflict of meaning: each
//! side was sound, together they are not.
//!
//! How much rest and how many paid minutes are right is not in the API: that is configured ([`Rules`]).

use super::Rules;
use super::kinds::{AGENT, Kinds, SCORE, SHIFTS, TRADE};
use crate::instants;
use ifmatch_core::{Breach, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The breaches of a record.
pub(crate) fn breaches(rules: &Rules, kind: &str, value: &Value) -> Vec<Breach> {
    match kind {
        SCORE => score(value),
        TRADE => trade(value),
        AGENT => agent(rules, value),
        _ => Vec::new(),
    }
}

/// The steps of a trade that one write cannot make: a settled trade does not
/// change, and an open one goes from pending over matched to its end.
pub(crate) fn missteps(kinds: &Kinds, kind: &str, from: &Value, to: &Value) -> Vec<Breach> {
    let Some(spec) = kinds.get(kind).filter(|spec| spec.name == TRADE) else { return Vec::new() };
    let status = |value: &Value| value["status"].as_str().unwrap_or("unknown").to_owned();
    let (before, after) = (status(from), status(to));
    let next: &[&str] = match before.as_str() {
        "pending" => &["pending", "matched", "cancelled", "expired"],
        "matched" => &["matched", "approved", "denied", "cancelled", "expired"],
        "approved" | "denied" | "cancelled" | "expired" => &[],
        // A status that this API does not name is the target's to judge.
        _ => return Vec::new(),
    };
    if next.contains(&after.as_str()) || super::lens::changed(spec, from, to).is_empty() {
        return Vec::new();
    }
    let reason = if next.is_empty() {
        format!("the trade is {before}, and a settled trade does not change")
    } else {
        format!("a trade that is {before} cannot become {after}")
    };
    vec![reason.into()]
}

fn score(value: &Value) -> Vec<Breach> {
    match value.get("score") {
        None | Some(Value::Null) => Vec::new(),
        Some(score) if is_score(score) => Vec::new(),
        Some(score) => vec![format!("the score {score} is not between 0 and 100").into()],
    }
}

/// Whether a value is a score: a number from 0 to 100.
pub(crate) fn is_score(value: &Value) -> bool {
    value.as_f64().is_some_and(|score| (0.0..=100.0).contains(&score))
}

fn trade(value: &Value) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for side in ["initiating", "receiving"] {
        let at = |name: &str| instant(&value[side][name]);
        if let (Some(start), Some(end)) = (at("start"), at("end"))
            && end <= start
        {
            breaches.push(format!("the {side} shift ends before it starts").into());
        }
    }
    let agent = &value["initiating"]["agent_id"];
    if agent.is_string() && *agent == value["receiving"]["agent_id"] {
        breaches.push("an agent cannot trade with itself".to_owned().into());
    }
    breaches
}

fn agent(rules: &Rules, value: &Value) -> Vec<Breach> {
    let mut breaches = SHIFTS.breaches(rules, value);
    breaches.extend(available_backwards(&value["availability"]));
    breaches
}

fn available_backwards(availability: &Value) -> Option<Breach> {
    let (from, until) = (instant(&availability["from"])?, instant(&availability["until"])?);
    (until <= from).then(|| "the availability ends before it starts".to_owned().into())
}

/// When an open trade expires.
pub(crate) fn lapses(kind: &str, value: &Value) -> Option<Timestamp> {
    let open = kind == TRADE && matches!(value["status"].as_str()?, "pending" | "matched");
    instant(&value["expires_at"]).filter(|_| open)
}

fn instant(value: &Value) -> Option<Timestamp> {
    instants::instant(value.as_str()?).ok()
}
