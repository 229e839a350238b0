//! Where two records differ, field by field: elements of keyed lists by their key, spans of time by their members.

use ifmatch_merge::{Change, Pointer, Schema, Strategy};
use serde_json::Value;
use std::collections::BTreeMap;

/// The leaves that differ.
pub(super) fn differing(schema: &Schema, from: &Value, to: &Value) -> Vec<Change> {
    let mut found = Vec::new();
    walk(schema, &Pointer::root(), Some(from), Some(to), &mut found);
    found
}

fn walk(schema: &Schema, at: &Pointer, from: Option<&Value>, to: Option<&Value>, found: &mut Vec<Change>) {
    if ifmatch_merge::same(from, to) {
        return;
    }
    match (from, to) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
            for name in names {
                walk(schema, &at.join(name), before.get(name), after.get(name), found);
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) => match keyed(schema, at, before, after) {
            Some((before, after)) => {
                let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
                for key in keys {
                    walk(schema, &at.join(key), before.get(key).copied(), after.get(key).copied(), found);
                }
            }
            None => found.push(leaf(at, from, to)),
        },
        _ => found.push(leaf(at, from, to)),
    }
}

fn leaf(at: &Pointer, from: Option<&Value>, to: Option<&Value>) -> Change {
    Change { path: at.clone(), before: from.cloned(), after: to.cloned() }
}

type ByKey<'v> = BTreeMap<String, &'v Value>;

/// Both lists by the key of their elements, where the schema names one and every element has it.
fn keyed<'v>(schema: &Schema, at: &Pointer, before: &'v [Value], after: &'v [Value]) -> Option<(ByKey<'v>, ByKey<'v>)> {
    let Some(Strategy::KeyedList { keys }) = schema.strategy_at(at) else { return None };
    let [key] = keys.as_slice() else { return None };
    let by = |list: &'v [Value]| -> Option<ByKey<'v>> {
        let by: ByKey<'v> =
            list.iter().map(|item| Some((item.get(key)?.as_str()?.to_owned(), item))).collect::<Option<_>>()?;
        (by.len() == list.len()).then_some(by)
    };
    Some((by(before)?, by(after)?))
}
