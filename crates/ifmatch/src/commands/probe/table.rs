//! A certificate for people.

use crate::output;
use ifmatch_dialects::probe::{Certificate, Finding, meaning};
use serde_json::Value;

/// The certificate as text.
pub(super) fn text(certificate: &Certificate) -> String {
    let Certificate { target, dialect, at, requests, writes, records, findings, .. } = certificate;
    let mut text = format!("{target} ({dialect}), {at}: {requests} requests, {writes} of them test writes\n\n");
    let row = |finding: &Finding| {
        let kind = finding.kind.clone().unwrap_or_else(|| "target".to_owned());
        vec![kind, finding.name.clone(), said(finding), meaning(&finding.name).to_owned(), shown(finding)]
    };
    let rows = findings.iter().map(row).collect();
    text.push_str(&output::table(&["of", "finding", "value", "", "seen in"], rows));
    text.push('\n');
    for record in records {
        let state = if record.restored { "its values are as they were" } else { "it may not be as it was" };
        text.push_str(&format!("\n{}: {state}", record.record));
    }
    text
}

/// A value in a few words.
fn said(finding: &Finding) -> String {
    match (&finding.value, &finding.unknown) {
        (Some(Value::String(word)), _) => word.clone(),
        (Some(Value::Bool(flag)), _) => (if *flag { "yes" } else { "no" }).to_owned(),
        (Some(Value::Array(list)), _) => list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (Some(value), _) if value["answer"] == "accepted" => "accepted".to_owned(),
        (Some(value), _) if value["answer"] == "refused" => refusal(value),
        (Some(Value::Object(members)), _) => {
            let said = members.iter().filter(|(_, value)| !value.is_null() && *value != "" && *value != "none");
            said.map(|(name, value)| match value {
                Value::String(word) => format!("{name} {word:?}"),
                value => format!("{name} {value}"),
            })
            .collect::<Vec<_>>()
            .join(", ")
        }
        (Some(value), _) => value.to_string(),
        (None, reason) => format!("unknown: {}", reason.as_deref().unwrap_or_default()),
    }
}

/// `409 wfm.transaction.conflict "…"`, and what it tells of the record.
fn refusal(value: &Value) -> String {
    let text = |name: &str| value[name].as_str().unwrap_or_default();
    let mut said = vec![value["status"].to_string()];
    said.extend(Some(text("code").to_owned()).filter(|code| !code.is_empty()));
    said.extend(Some(text("words")).filter(|words| !words.is_empty()).map(|words| format!("{words:?}")));
    let current = Some(text("current")).filter(|current| *current != "none");
    let tag = Some("tag").filter(|_| value["tag"] == true);
    let told: Vec<&str> = current.into_iter().chain(tag).collect();
    said.extend(Some(format!("with the current {}", told.join(" and "))).filter(|_| !told.is_empty()));
    said.join(" ")
}

/// The first exchange that shows it, by the target's name for it.
fn shown(finding: &Finding) -> String {
    let Some(first) = finding.evidence.first() else { return String::new() };
    let name = first.correlation.as_deref().unwrap_or(&first.request);
    match finding.evidence.len() {
        1 => name.to_owned(),
        more => format!("{name} and {} more", more - 1),
    }
}
