//! Lists whose elements are told apart by key instead of position.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

#[cfg(test)]
mod tests;

/// An array read as a keyed list: every element has a key and no two share one.
pub(crate) struct Keyed<'a> {
    items: &'a [Value],
    /// The key segment of each element, in list order.
    segments: Vec<Cow<'a, str>>,
    /// Positions in the order of their segments.
    sorted: Vec<usize>,
}

impl<'a> Keyed<'a> {
    /// Reads the array; `None` if an element lacks a key or two elements share one.
    pub(crate) fn new(keys: &[String], items: &'a [Value]) -> Option<Self> {
        let segments: Vec<_> = items.iter().map(|item| segment_of(keys, item)).collect::<Option<_>>()?;
        let mut sorted: Vec<usize> = (0..items.len()).collect();
        sorted.sort_unstable_by(|a, b| segments[*a].cmp(&segments[*b]));
        let unique = sorted.windows(2).all(|pair| segments[pair[0]] != segments[pair[1]]);
        unique.then_some(Self { items, segments, sorted })
    }

    /// Reads a value that may be absent (an empty list); `None` if it is there and no keyed list.
    pub(crate) fn read(keys: &[String], value: Option<&'a Value>) -> Option<Self> {
        match value {
            None => Self::new(keys, &[]),
            Some(Value::Array(items)) => Self::new(keys, items),
            Some(_) => None,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a Value)> {
        self.segments.iter().map(|segment| &**segment).zip(self.items)
    }

    /// The element with this key segment; `hint` is the position where it most likely is.
    pub(crate) fn find(&self, segment: &str, hint: usize) -> Option<&'a Value> {
        if self.segments.get(hint).is_some_and(|at| at == segment) {
            return self.items.get(hint);
        }
        let found = self.sorted.binary_search_by(|at| (*self.segments[*at]).cmp(segment)).ok()?;
        self.items.get(self.sorted[found])
    }
}

/// The pointer segment that names an element: its key values joined by `,`.
///
/// `None` if there are no keys, or a key is absent, `null`, an object or an array.
pub(crate) fn segment_of<'a>(keys: &[String], element: &'a Value) -> Option<Cow<'a, str>> {
    let members = element.as_object()?;
    let (first, rest) = keys.split_first()?;
    let mut segment = key_text(members.get(first)?)?;
    for key in rest {
        let text = key_text(members.get(key)?)?;
        let joined = segment.to_mut();
        joined.push(',');
        joined.push_str(&text);
    }
    Some(segment)
}

/// The members that an element with this segment has at least.
///
/// A segment carries text only: a key that is a number or boolean in `sibling` is read as one, any other is a string.
pub(crate) fn members_of(keys: &[String], segment: &str, sibling: Option<&Value>) -> Map<String, Value> {
    // The last key takes the rest: a comma inside a single key is part of it.
    let texts = segment.splitn(keys.len().max(1), ',');
    keys.iter()
        .zip(texts)
        .map(|(key, text)| (key.clone(), like(sibling.and_then(|sibling| sibling.get(key)), text)))
        .collect()
}

fn like(sibling: Option<&Value>, text: &str) -> Value {
    let parsed = match sibling {
        Some(Value::Number(_)) => text.parse::<Number>().ok().map(Value::Number),
        Some(Value::Bool(_)) => text.parse::<bool>().ok().map(Value::Bool),
        _ => None,
    };
    parsed.unwrap_or_else(|| Value::String(text.to_owned()))
}

fn key_text(key: &Value) -> Option<Cow<'_, str>> {
    match key {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number_text(number))),
        Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Equal numbers have one text: `1.0` is `1`.
fn number_text(number: &Number) -> String {
    const EXACT_BELOW: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT_BELOW => {
            (float as i64).to_string()
        }
        _ => number.to_string(),
    }
}
