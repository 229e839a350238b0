//! What an intent says, in the spelling of our records: whoever reads a record and sends it back, whole or in part, may spell
//! it as answers do or as requests do.

use super::kinds::{AGENT, Kind, Kinds, LIMIT};
use super::{lens, limits, schedules};
use ifmatch_core::{BaseHint, Change, Intent};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The intent with its values in the spelling of records.
pub(crate) fn understood(kinds: &Kinds, intent: Intent) -> Intent {
    let Some(kind) = kinds.get(&intent.resource.kind) else { return intent };
    let change = match intent.change {
        Change::MergePatch(value) => Change::MergePatch(spelt(kind, lens::patched(kind.fields, &value))),
        Change::Desired(value) => Change::Desired(read(kind, &value)),
        Change::Create(value) => Change::Create(spelt(kind, lens::document(kind.fields, &value))),
        other => other,
    };
    let base = intent.base.map(|base| BaseHint { value: base.value.map(|value| read(kind, &value)), ..base });
    Intent { change, base, ..intent }
}

/// What is spelt otherwise by one kind alone.
fn spelt(kind: &Kind, mut spelt: Value) -> Value {
    let Value::Object(members) = &mut spelt else { return spelt };
    match &*kind.spec.name {
        LIMIT => limits::by_day(members),
        AGENT => {
            if let Some(user) = members.remove("user") {
                members.entry("userId").or_insert_with(|| lens::id_of(&user));
            }
        }
        _ => {}
    }
    spelt
}

/// The same of what was read: what records leave out is left out, which in a patch would be an edit.
fn read(kind: &Kind, value: &Value) -> Value {
    let mut read = spelt(kind, lens::document(kind.fields, value));
    if kind.spec.name == AGENT {
        schedules::tidied(&mut read);
    }
    read
}
