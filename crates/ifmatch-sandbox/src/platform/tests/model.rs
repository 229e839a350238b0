//! Whether an answer has the shape that its operation documents.

use serde_json::Value;

use crate::platform::{
    models::{self, Type},
    operations::Operation,
};

/// What is wrong with an answer; nothing when it fits.
pub(crate) fn faults(operation: &Operation, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    match operation.response_model.as_deref() {
        Some(model) => fits(body, &Type::Model(model.to_owned()), "", &mut found),
        None if body.is_null() => {}
        None => found.push("a body where none is documented".to_owned()),
    }
    found
}

fn fits(value: &Value, wanted: &Type, at: &str, found: &mut Vec<String>) {
    let mut must = |good: bool| {
        if !good {
            found.push(format!("{at}: {value} is not {wanted:?}"));
        }
    };
    match wanted {
        Type::Text => must(value.is_string()),
        Type::Whole => must(value.is_i64() || value.is_u64()),
        Type::Number => must(value.is_number()),
        Type::Flag => must(value.is_boolean()),
        Type::Time => must(value.as_str().and_then(models::instant).is_some()),
        Type::Date => must(value.as_str().and_then(crate::time::parse_date).is_some()),
        Type::Anything => {}
        Type::OneOf(all) => must(value.as_str().is_some_and(|text| all.iter().any(|one| one == text))),
        Type::Map => must(value.is_object()),
        Type::List(inner) => match value.as_array() {
            Some(list) => list.iter().for_each(|item| fits(item, inner, &format!("{at}[]"), found)),
            None => must(false),
        },
        Type::Model(model) => match (models::fields(model), value.as_object()) {
            (Some(fields), Some(map)) => {
                for (name, value) in map {
                    match fields.get(name) {
                        Some(wanted) => fits(value, wanted, &format!("{at}.{name}"), found),
                        None => found.push(format!("{at}.{name}: {model} has no such field")),
                    }
                }
            }
            _ => must(false),
        },
    }
}
