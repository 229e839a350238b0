//! The fields of the vendor's models and their types: what a body may hold and an answer must.

mod take;

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

pub(crate) use self::take::{check, instant, take};

/// Every model that an operation takes or answers with, and those inside them.
const MODELS: &str = include_str!("../../data/genesys-models.json");

/// The type of a field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Written {
    Choice(Vec<String>),
    Type(String),
}

/// The type of a field, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Whole,
    Number,
    Flag,
    /// An instant.
    Time,
    /// A calendar date.
    Date,
    Anything,
    OneOf(Vec<String>),
    List(Box<Self>),
    Map,
    Model(String),
}

/// The fields of a model.
pub(crate) type Fields = BTreeMap<String, Type>;

static TABLE: LazyLock<BTreeMap<String, Fields>> = LazyLock::new(|| {
    let written: BTreeMap<String, BTreeMap<String, Written>> =
        serde_json::from_str(MODELS).expect("the models are part of the program");
    let fields = |fields: BTreeMap<String, Written>| fields.into_iter().map(|(name, written)| (name, read(written)));
    written.into_iter().map(|(name, own)| (name, fields(own).collect())).collect()
});

fn read(written: Written) -> Type {
    match written {
        Written::Choice(all) => Type::OneOf(all),
        Written::Type(name) => named(&name),
    }
}

fn named(name: &str) -> Type {
    if let Some(inner) = name.strip_prefix("list[").and_then(|rest| rest.strip_suffix(']')) {
        return Type::List(Box::new(named(inner)));
    }
    match name {
        "str" => Type::Text,
        "int" => Type::Whole,
        "float" => Type::Number,
        "bool" => Type::Flag,
        "datetime" => Type::Time,
        "date" => Type::Date,
        "object" => Type::Anything,
        _ if name.starts_with("dict(") => Type::Map,
        _ => Type::Model(name.to_owned()),
    }
}

/// The fields of a model; `None` for one that is not known.
pub(crate) fn fields(model: &str) -> Option<&'static Fields> {
    TABLE.get(model)
}

/// Whether a model has a field.
pub(crate) fn has(model: &str, field: &str) -> bool {
    fields(model).is_some_and(|fields| fields.contains_key(field))
}

/// Leaves of an object what its model has.
pub(crate) fn retain(model: &str, value: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(fields) = fields(model) {
        value.retain(|name, value| fields.contains_key(name) && !value.is_null());
    }
}
