//! The rows against what the target holds: a row whose record is there already is `equal` or an `update`, with what it changes.
//!
//! An update carries what the target held as its base. So the difference that a person reads in the plan is what is applied, and
//! what moves between plan and apply is a change of somebody else, which the merge sees.

use super::Kind;
use super::plan::{Checked, FieldChange, Plan, PlanRow, Verdict, key_of};
use crate::files::expressed;
use ifmatch_core::merge::json_equal;
use ifmatch_core::{BaseHint, Change, Dialect as _, Resource};
use ifmatch_dialects::WfmV2;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Trades in these statuses do not change any more.
const SETTLED: [&str; 4] = ["approved", "denied", "cancelled", "expired"];

/// The trades of the target by the source's id.
#[derive(Debug, Default)]
pub struct Trades<'a>(BTreeMap<&'a str, Vec<&'a Value>>);

impl<'a> Trades<'a> {
    /// Sorts a list of trades as the target returns them.
    #[must_use]
    pub fn of(list: &'a [Value]) -> Self {
        let mut by_id: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for trade in list {
            if let Some(id) = trade["swap_request_id"].as_str().filter(|id| !id.is_empty()) {
                by_id.entry(id).or_default().push(trade);
            }
        }
        Self(by_id)
    }

    fn found(&self, row: &PlanRow) -> &[&'a Value] {
        self.0.get(row.source_id.as_str()).map_or(&[], Vec::as_slice)
    }
}

/// Holds a plan of trades against those of the target.
pub fn trades(plan: &mut Plan, found: &Trades<'_>) {
    let kind = plan.kind;
    for row in plan.rows.iter_mut().filter(|row| row.verdict == Verdict::Create) {
        match found.found(row) {
            [] => row.changes = created(row),
            [trade] => against(kind, row, trade),
            several => {
                let ids: Vec<&str> = several.iter().filter_map(|trade| trade["trade_id"].as_str()).collect();
                let reason = format!("the target has {} trades of this request: {}", several.len(), ids.join(", "));
                row.stop(Verdict::Review, "id_used_twice", reason);
            }
        }
    }
    plan.target = Checked::Checked;
    plan.count();
}

/// Holds a plan of weeks against the target's schedule document. An agent who has no entry in it stays as planned.
pub fn weeks(plan: &mut Plan, schedule: &Value) {
    let kind = plan.kind;
    let entries = schedule["agents"].as_array().map_or(&[][..], Vec::as_slice);
    let entries: BTreeMap<&str, &Value> =
        entries.iter().filter_map(|entry| Some((entry["agent_id"].as_str()?, entry))).collect();
    for row in plan.rows.iter_mut().filter(|row| row.verdict.is_applied()) {
        if let Some(entry) = entries.get(row.source_id.as_str()) {
            week(kind, row, entry);
        }
    }
    plan.target = Checked::Checked;
    plan.count();
}

fn week(kind: Kind, row: &mut PlanRow, entry: &Value) {
    let Some(intent) = &mut row.intent else { return };
    let Change::Desired(wanted) = &intent.change else { return };
    let (before, after) = (entry["shifts"].clone(), wanted["shifts"].clone());
    row.observed_version = version(entry);
    if WfmV2::new().alike(&json!({"shifts": before}), &json!({"shifts": after})) {
        row.stop(Verdict::Equal, "satisfied/equal", "the target holds these shifts".to_owned());
        return;
    }
    let patch = expressed(&intent.resource.kind, "shifts", Some(&before), &after);
    intent.change = Change::MergePatch(json!({"shifts": patch}));
    intent.base = Some(BaseHint { version: version(entry), value: Some(json!({"shifts": before})) });
    intent.idempotency_key = Some(key_of(kind, &row.source_id, intent));
    row.changes = [("/shifts".to_owned(), FieldChange { before, after })].into();
    row.reason = "the agent's shifts change".to_owned();
}

/// The rows whose record is not what it was when the plan was made: the row, the version then, the version now.
#[must_use]
pub fn moved(plan: &Plan, found: &Trades<'_>) -> Vec<(u64, Option<u64>, Option<u64>)> {
    let now = |row: &PlanRow| match found.found(row) {
        [trade] => version(trade),
        _ => None,
    };
    let rows = plan.applied().map(|row| (row.row, row.observed_version, now(row)));
    rows.filter(|(_, then, now)| now.is_some() && now != then).collect()
}

fn version(record: &Value) -> Option<u64> {
    record["version"].as_u64()
}

/// What the row says, where it says a whole record.
fn said(row: &PlanRow) -> Option<Map<String, Value>> {
    match &row.intent.as_ref()?.change {
        Change::Create(Value::Object(body)) => Some(body.clone()),
        _ => None,
    }
}

fn created(row: &PlanRow) -> BTreeMap<String, FieldChange> {
    let fields = said(row).unwrap_or_default().into_iter();
    fields.map(|(name, after)| (format!("/{name}"), FieldChange { before: Value::Null, after })).collect()
}

fn against(kind: Kind, row: &mut PlanRow, trade: &Value) {
    let (Some(wanted), Some(id)) = (said(row), trade["trade_id"].as_str()) else {
        return;
    };
    let mut changes = BTreeMap::new();
    for (name, after) in &wanted {
        differences(&format!("/{name}"), &trade[name], after, &mut changes);
    }
    row.observed_version = version(trade);
    let org = row.resource.as_ref().map(|resource| resource.org.clone());
    let Some(resource) = org.map(|org| Resource::by_id(&org, "shift-trade", id)) else {
        return;
    };
    let status = trade["status"].as_str().unwrap_or_default();
    if changes.is_empty() {
        row.stop(Verdict::Equal, "satisfied/equal", format!("the target holds it as trade {id}"));
    } else if SETTLED.contains(&status) {
        let paths: Vec<&str> = changes.keys().map(String::as_str).collect();
        let reason = format!("trade {id} is {status} in the target and differs at {}", paths.join(", "));
        row.stop(Verdict::Review, "review/rule", reason);
    } else {
        update(kind, row, &wanted, trade, &changes, &resource);
    }
    row.changes = changes;
    row.resource = Some(resource);
}

/// The row as a change of the fields that differ, from what the target held.
fn update(
    kind: Kind,
    row: &mut PlanRow,
    wanted: &Map<String, Value>,
    trade: &Value,
    changes: &BTreeMap<String, FieldChange>,
    resource: &Resource,
) {
    let Some(intent) = &mut row.intent else { return };
    let differs = |name: &&String| {
        let own = format!("/{name}");
        changes.keys().any(|path| *path == own || path.starts_with(&format!("{own}/")))
    };
    let names: Vec<&String> = wanted.keys().filter(differs).collect();
    let of = |value: &dyn Fn(&str) -> Value| names.iter().map(|name| ((*name).clone(), value(name))).collect();
    let after: Map<String, Value> = of(&|name| wanted[name].clone());
    let before: Map<String, Value> = of(&|name| trade[name].clone());
    intent.resource = resource.clone();
    intent.change = Change::MergePatch(json!(after));
    intent.base = Some(BaseHint { version: version(trade), value: Some(json!(before)) });
    intent.idempotency_key = Some(key_of(kind, &row.source_id, intent));
    row.verdict = Verdict::Update;
    let paths: Vec<&str> = changes.keys().map(String::as_str).collect();
    row.reason = format!("the target's trade changes at {}", paths.join(", "));
}

/// The fields that the row names and that differ in the target; what it does not name is left alone.
fn differences(at: &str, before: &Value, after: &Value, changes: &mut BTreeMap<String, FieldChange>) {
    if let (Value::Object(_), Value::Object(members)) = (before, after) {
        for (name, after) in members {
            differences(&format!("{at}/{name}"), &before[name], after, changes);
        }
        return;
    }
    // By meaning: a target may return an instant in another offset. The dialect tells times by the names of their fields.
    let name = at.rsplit('/').next().unwrap_or_default();
    let alike = WfmV2::new().alike(&json!({name: before}), &json!({name: after}));
    if !alike && !json_equal(before, after) {
        changes.insert(at.to_owned(), FieldChange { before: before.clone(), after: after.clone() });
    }
}

#[cfg(test)]
mod tests;
