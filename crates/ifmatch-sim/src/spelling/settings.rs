//! Settings of units: the ledger has them inside of the unit, and the vendor's record of them is the settings alone.

use super::Way;
use serde_json::{Map, Value, json};

/// Where the ledger has them.
const INSIDE: &str = "settings";

/// What the judges look at of them; none of it stands elsewhere by the same name.
const FIELDS: [&str; 4] = ["adherence", "shortTermForecasting", "timeOff", "shiftTrading"];

/// Spells a value anew, wherever in it a record or a part of one stands.
pub(super) fn respell(way: Way, value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| respell(way, item)),
        Value::String(text) => {
            if let Some(at) = address(way, text) {
                *text = at;
            }
        }
        Value::Object(members) => {
            let spelt = std::mem::take(members).into_iter().map(|(name, mut member)| {
                if name != INSIDE {
                    respell(way, &mut member);
                }
                (address(way, &name).unwrap_or(name), member)
            });
            *members = spelt.collect();
            match way {
                Way::ToLedger => nest(members),
                Way::ToVendor => flatten(members),
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn nest(members: &mut Map<String, Value>) {
    for field in FIELDS {
        if let Some(value) = members.remove(field) {
            members.entry(INSIDE).or_insert_with(|| json!({}))[field] = value;
        }
    }
}

fn flatten(members: &mut Map<String, Value>) {
    let Some(Value::Object(mut settings)) = members.remove(INSIDE) else { return };
    for field in FIELDS {
        if let Some(value) = settings.remove(field) {
            members.insert(field.to_owned(), value);
        }
    }
    if !settings.is_empty() {
        members.insert(INSIDE.to_owned(), Value::Object(settings));
    }
}

/// An address in the other spelling; `None` for any other text.
fn address(way: Way, text: &str) -> Option<String> {
    let is_field = |below: &str| FIELDS.contains(&below.split('/').next().unwrap_or_default());
    let below = text.strip_prefix('/')?;
    match way {
        Way::ToLedger => is_field(below).then(|| format!("/{INSIDE}/{below}")),
        Way::ToVendor => {
            below.strip_prefix("settings/").filter(|below| is_field(below)).map(|below| format!("/{below}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_stand_inside_of_the_units_of_the_ledger() {
        let ledger = json!({
            "change": {"merge_patch": {"settings": {"shortTermForecasting": {"defaultHistoryWeeks": 8}}}},
            "conflict": [{"path": "/settings/shortTermForecasting/defaultHistoryWeeks", "local": 8}],
            "kept": {"/settings/adherence": 1}, "scheduling": {"maxOccupancyPercentForDeferredWork": 90},
        });
        let vendor = json!({
            "change": {"merge_patch": {"shortTermForecasting": {"defaultHistoryWeeks": 8}}},
            "conflict": [{"path": "/shortTermForecasting/defaultHistoryWeeks", "local": 8}],
            "kept": {"/adherence": 1}, "scheduling": {"maxOccupancyPercentForDeferredWork": 90},
        });
        let (mut there, mut back) = (ledger.clone(), vendor.clone());
        respell(Way::ToVendor, &mut there);
        respell(Way::ToLedger, &mut back);
        assert_eq!((there, back), (vendor, ledger));
    }
}
