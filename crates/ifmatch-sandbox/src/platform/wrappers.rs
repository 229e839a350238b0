//! `{"value": x}` and `{"values": […]}`: absent leaves a field alone, `null` inside clears it.

use serde_json::Value;

/// What a patch says about a field.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said<'b> {
    Nothing,
    Clear,
    Set(&'b Value),
}

/// The content of a `ValueWrapper…`; `None` when it is none.
pub(crate) fn value(wrapper: Option<&Value>) -> Option<Said<'_>> {
    inside(wrapper, "value")
}

/// The content of a `ListWrapper…` or `SetWrapper…`; `None` when it is none.
pub(crate) fn values(wrapper: Option<&Value>) -> Option<Said<'_>> {
    inside(wrapper, "values")
}

fn inside<'b>(wrapper: Option<&'b Value>, name: &str) -> Option<Said<'b>> {
    match wrapper {
        None | Some(Value::Null) => Some(Said::Nothing),
        Some(Value::Object(map)) => Some(match map.get(name) {
            None | Some(Value::Null) => Said::Clear,
            Some(value) => Said::Set(value),
        }),
        Some(_) => None,
    }
}
