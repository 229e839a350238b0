//! Whether an answer has the shape that its operation documents.

use std::{collections::BTreeMap, sync::LazyLock};

use serde_json::Value;

use crate::platform::{
    models::{self, Type},
    operations::Operation,
};

/// The fields without which a model is not whole.
const REQUIRED: &str = include_str!("../../../data/genesys-required.json");

static TABLE: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| serde_json::from_str(REQUIRED).unwrap());

/// What is wrong with an answer; nothing when it fits.
pub(crate) fn faults(operation: &Operation, body: &Value) -> Vec<String> {
    match operation.response_model.as_deref() {
        Some(model) => fits_model(body, model),
        None if body.is_null() => Vec::new(),
        None => vec!["a body where none is documented".to_owned()],
    }
}

/// What is wrong with a value that should be of a model.
pub(crate) fn fits_model(value: &Value, model: &str) -> Vec<String> {
    let mut found = Vec::new();
    fits(value, &Type::Model(model.to_owned()), "", &mut found);
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
                let required = TABLE.get(model).into_iter().flatten();
                for name in required.filter(|name| !map.contains_key(*name)) {
                    found.push(format!("{at}.{name}: required in {model}"));
                }
            }
            _ => must(false),
        },
    }
}

#[cfg(test)]
mod tests {
    //! The check can fail.

    use serde_json::json;

    use super::fits_model;

    #[test]
    fn what_does_not_fit_is_told() {
        let metadata = json!({"version": 1});
        let code = json!({"id": "a", "isActive": true, "category": "Meal", "metadata": metadata});
        assert_eq!(fits_model(&code, "ActivityCode"), [""; 0]);
        for (name, value) in [
            ("category", json!("Party")),
            ("isActive", json!("yes")),
            ("colour", json!("red")),
            ("metadata", json!({"version": "1"})),
            ("metadata", json!(null)),
        ] {
            let mut wrong = code.clone();
            wrong[name] = value;
            assert_eq!(fits_model(&wrong, "ActivityCode").len(), 1, "{wrong}");
        }
        assert_eq!(fits_model(&json!({"metadata": metadata}), "ActivityCode"), [".id: required in ActivityCode"]);
    }
}
