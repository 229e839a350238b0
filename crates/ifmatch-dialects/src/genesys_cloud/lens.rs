//! Between our records and the two spellings of the API.
//!
//! Laws: the record of an answer, shown again, is that answer without its links; the patch from a record to itself names no
//! field; the patch from one to another, understood as a wish and carried out on the one, gives the fields of the other; an
//! answer and a record, understood as wishes, are that record.

use super::fields::{Field, Form, Wrapped};
use ifmatch_merge::json_equal;
use serde_json::{Map, Value, json};

#[cfg(test)]
mod tests;

/// The link that every record and reference has.
pub(crate) const LINK: &str = "selfUri";

/// The record that an answer shows.
pub(crate) fn record(fields: &[Field], answer: &Value) -> Value {
    let Value::Object(members) = answer else { return without_links(answer) };
    let member = |(name, value): (&String, &Value)| {
        let field = fields.iter().find(|field| field.shown == name);
        match field {
            Some(field) => (field.name.to_owned(), opened(field.form, value)),
            None => (name.clone(), without_links(value)),
        }
    };
    let kept = members.iter().filter(|(name, value)| *name != LINK && !value.is_null());
    Value::Object(kept.map(member).collect())
}

/// A value without the links in it.
fn without_links(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(name, _)| *name != LINK);
            Value::Object(kept.map(|(name, value)| (name.clone(), without_links(value))).collect())
        }
        Value::Array(list) => list.iter().map(without_links).collect(),
        other => other.clone(),
    }
}

fn opened(form: Form, value: &Value) -> Value {
    match (form, value) {
        (Form::Wrapper, Value::Object(wrapper)) => wrapper.get("values").map_or(Value::Null, without_links),
        (Form::Reference | Form::WrappedReference, Value::Object(reference)) => {
            reference.get("id").cloned().unwrap_or_default()
        }
        (Form::References(_), Value::Array(list)) => list.iter().map(|one| one["id"].clone()).collect(),
        (Form::Part(fields), _) => record(fields, value),
        (Form::Items(_, fields) | Form::List(_, fields), Value::Array(list)) => {
            list.iter().map(|item| record(fields, item)).collect()
        }
        _ => without_links(value),
    }
}

/// The answer that shows a record, without links.
pub(crate) fn shown(fields: &[Field], record: &Value) -> Value {
    let Value::Object(members) = record else { return record.clone() };
    let member = |(name, value): (&String, &Value)| match fields.iter().find(|field| field.name == name) {
        Some(field) => (field.shown.to_owned(), closed(field.form, value)),
        None => (name.clone(), value.clone()),
    };
    Value::Object(members.iter().map(member).collect())
}

fn closed(form: Form, value: &Value) -> Value {
    let reference = |id: &Value| if id.is_string() { json!({"id": id}) } else { id.clone() };
    match (form, value) {
        (Form::Wrapper, Value::Array(_)) => json!({"values": value}),
        (Form::Reference | Form::WrappedReference, _) => reference(value),
        (Form::References(_), Value::Array(list)) => list.iter().map(reference).collect(),
        (Form::Part(fields), _) => shown(fields, value),
        (Form::Items(_, fields) | Form::List(_, fields), Value::Array(list)) => {
            list.iter().map(|item| shown(fields, item)).collect()
        }
        _ => value.clone(),
    }
}

/// Whether a field that is `null` stays, as in requests of the API, or is cleared, as in a merge patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Null {
    Stays,
    Clears,
}

/// What a request wishes, as a merge patch of the record: wrappers opened, `null` for what is cleared, and a mark for each
/// item that goes. Fields that are `null` are left alone, as the API leaves them. What comes in the spelling of answers means
/// the same: many clients send back what they read.
pub(crate) fn wish(fields: &[Field], body: &Map<String, Value>) -> Map<String, Value> {
    said(fields, body, Null::Stays)
}

/// The same of an intent's patch, which says `null` for what is cleared.
pub(crate) fn patched(fields: &[Field], patch: &Value) -> Value {
    patch.as_object().map_or_else(|| patch.clone(), |members| Value::Object(said(fields, members, Null::Clears)))
}

/// The same of an intent's document: a field of it that is `null` is wished away, and what is `null` inside of a field is absent.
pub(crate) fn document(fields: &[Field], document: &Value) -> Value {
    let Value::Object(members) = document else { return document.clone() };
    let mut wish = said(fields, members, Null::Stays);
    let cleared = fields.iter().filter(|field| members.get(field.name).is_some_and(Value::is_null));
    for field in cleared {
        wish.entry(field.name).or_insert(Value::Null);
    }
    Value::Object(wish)
}

fn said(fields: &[Field], members: &Map<String, Value>, null: Null) -> Map<String, Value> {
    let mut wish = Map::new();
    for (name, value) in members {
        if name == LINK || null == Null::Stays && value.is_null() {
            continue;
        }
        let requested = fields.iter().find(|field| field.name == name);
        let field = requested.or_else(|| fields.iter().find(|field| field.shown == name));
        match field {
            // What the same body says in the words of a request goes before what was read.
            Some(field) if requested.is_none() && members.get(field.name).is_some_and(|own| !own.is_null()) => {}
            Some(field) => {
                wish.insert(field.name.to_owned(), wished(field.form, value, null));
            }
            None => {
                wish.insert(name.clone(), without_links(value));
            }
        }
    }
    wish
}

fn wished(form: Form, value: &Value, null: Null) -> Value {
    match (form, unwrapped(form, value)) {
        (Form::Reference | Form::WrappedReference, value) => id_of(value),
        (Form::References(_), Value::Array(list)) => list.iter().map(id_of).collect(),
        (Form::Part(fields), Value::Object(part)) => Value::Object(said(fields, part, null)),
        (Form::Items(_, fields), Value::Array(list)) => {
            list.iter().map(|item| wished_item(fields, item, null)).collect()
        }
        (Form::List(_, fields), Value::Array(list)) => list.iter().map(|item| listed(fields, item)).collect(),
        (_, value) => without_links(value),
    }
}

/// What stands in the wrapper of a request; the value itself where it comes as answers and records have it.
fn unwrapped(form: Form, value: &Value) -> &Value {
    let name = match form {
        Form::Value | Form::WrappedReference => "value",
        Form::Values | Form::Wrapper | Form::References(Wrapped::Yes) | Form::List(Wrapped::Yes, _) => "values",
        Form::Plain
        | Form::Reference
        | Form::References(Wrapped::No)
        | Form::Part(_)
        | Form::Items(..)
        | Form::List(Wrapped::No, _) => return value,
    };
    match value {
        Value::Object(wrapper) if wrapper.keys().all(|key| key == name) => wrapper.get(name).unwrap_or(&Value::Null),
        _ => value,
    }
}

/// The id that a reference names, or that stands there by itself.
pub(crate) fn id_of(value: &Value) -> Value {
    value.get("id").filter(|id| id.is_string()).unwrap_or(value).clone()
}

/// An item of a list that is given whole: what it does not say, it does not have.
fn listed(fields: &[Field], item: &Value) -> Value {
    item.as_object().map_or_else(|| item.clone(), |members| Value::Object(said(fields, members, Null::Stays)))
}

fn wished_item(fields: &[Field], item: &Value, null: Null) -> Value {
    let Value::Object(members) = item else { return item.clone() };
    let mut wish = said(fields, members, null);
    if wish.remove("delete") == Some(Value::Bool(true)) {
        wish.insert("deleted".to_owned(), Value::Bool(true));
    }
    Value::Object(wish)
}

/// The body that leads from one record to another one: the fields that differ, and no others.
pub(crate) fn patch(fields: &[Field], from: &Value, to: &Value) -> Map<String, Value> {
    let mut body = Map::new();
    for field in fields {
        let present = |record: &Value| record.get(field.name).filter(|value| !value.is_null()).cloned();
        let said = match (present(from), present(to)) {
            (before, Some(after)) if before.as_ref().is_some_and(|before| json_equal(before, &after)) => None,
            (before, Some(after)) => Some(written(field.form, before.as_ref(), &after)),
            (Some(before), None) => Some(cleared(field.form, &before)),
            (None, None) => None,
        };
        if let Some(said) = said {
            body.insert(field.name.to_owned(), said);
        }
    }
    body
}

/// A value as a request gives it; `before` is what stands there.
fn written(form: Form, before: Option<&Value>, after: &Value) -> Value {
    match form {
        Form::Plain | Form::Reference | Form::References(Wrapped::No) | Form::List(Wrapped::No, _) => after.clone(),
        Form::Value | Form::WrappedReference => json!({"value": after}),
        Form::Values | Form::Wrapper | Form::References(Wrapped::Yes) | Form::List(Wrapped::Yes, _) => {
            json!({"values": after})
        }
        Form::Part(fields) => Value::Object(whole(fields, before, after)),
        Form::Items(key, fields) => items(key, fields, before, after),
    }
}

fn cleared(form: Form, before: &Value) -> Value {
    match form {
        Form::Value | Form::WrappedReference => json!({"value": null}),
        Form::Values | Form::Wrapper | Form::References(Wrapped::Yes) | Form::List(Wrapped::Yes, _) => {
            json!({"values": null})
        }
        Form::Items(key, fields) => items(key, fields, Some(before), &json!([])),
        Form::Plain | Form::Reference | Form::References(Wrapped::No) | Form::List(Wrapped::No, _) | Form::Part(_) => {
            Value::Null
        }
    }
}

/// Whether a request can clear a field.
pub(crate) fn can_clear(form: Form) -> bool {
    !cleared(form, &Value::Null).is_null()
}

/// All of an object: what it holds, and what is cleared in it.
fn whole(fields: &[Field], before: Option<&Value>, after: &Value) -> Map<String, Value> {
    let mut said = after.as_object().cloned().unwrap_or_default();
    said.retain(|_, value| !value.is_null());
    let nothing = json!({});
    let before = before.unwrap_or(&nothing);
    for field in fields {
        let had = before.get(field.name).filter(|value| !value.is_null());
        match (had, said.get(field.name).cloned()) {
            // A list that is edited item by item stays where it is not named.
            (Some(had), Some(has)) if matches!(field.form, Form::Items(..)) && json_equal(had, &has) => {
                said.remove(field.name);
            }
            (had, Some(has)) => {
                said.insert(field.name.to_owned(), written(field.form, had, &has));
            }
            (Some(had), None) if can_clear(field.form) => {
                said.insert(field.name.to_owned(), cleared(field.form, had));
            }
            (_, None) => {}
        }
    }
    said
}

/// The items that differ, each whole, and a mark for each that goes.
fn items(key: &str, fields: &[Field], before: Option<&Value>, after: &Value) -> Value {
    let empty = Vec::new();
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_else(|| empty.clone());
    let (before, after) = (list(before), list(Some(after)));
    let find = |list: &[Value], item: &Value| {
        list.iter().find(|other| item[key].is_string() && other[key] == item[key]).cloned()
    };
    let mut said = Vec::new();
    for item in &after {
        let old = find(&before, item);
        if !old.as_ref().is_some_and(|old| json_equal(old, item)) {
            said.push(Value::Object(whole(fields, old.as_ref(), item)));
        }
    }
    let gone = before.iter().filter(|item| item[key].is_string() && find(&after, item).is_none());
    said.extend(gone.map(|item| json!({key: item[key], "delete": true})));
    Value::Array(said)
}
