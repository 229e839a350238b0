//! Values that an event may have at a place.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;

/// One value or several, of which one is enough. Numbers and booleans are compared as they are written, since some senders
/// write everything as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(Vec<String>);

impl Values {
    /// Whether a value is one of these. What is absent is none.
    pub(super) fn have(&self, value: Option<&Value>) -> bool {
        let written = value.and_then(written);
        written.is_some_and(|written| self.0.contains(&written))
    }
}

/// A scalar as it is written; `None` for anything else.
pub(super) fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = Values;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, a number or a boolean, or a list of them")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Values, E> {
                Ok(Values(vec![text.to_owned()]))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Values, E> {
                Ok(Values(vec![number.to_string()]))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Values, E> {
                Ok(Values(vec![number.to_string()]))
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Values, E> {
                Ok(Values(vec![yes.to_string()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Values, A::Error> {
                let mut values = Vec::new();
                while let Some(Values(mut one)) = items.next_element::<Values>()? {
                    values.append(&mut one);
                }
                Ok(Values(values))
            }
        }

        deserializer.deserialize_any(Given)
    }
}
