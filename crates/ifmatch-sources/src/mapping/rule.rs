//! A rule: how one value of an intent is made from an event.

use super::condition::written;
use super::convert;
use ifmatch_core::IntentError;
use ifmatch_core::merge::Pointer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// How a value is made. In the configuration a pointer alone (`"/comments"`), or a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    source: Source,
    convert: Option<As>,
    zone: Option<String>,
    table: BTreeMap<String, Value>,
    default: Option<Value>,
    absent: Absent,
}

#[derive(Debug, Clone, PartialEq)]
enum Source {
    At(Pointer),
    /// The texts at these places with this between them.
    Joined(Vec<Pointer>, String),
    Constant(Value),
}

/// The table form of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    /// Where the value stands in the event.
    from: Option<Pointer>,
    /// Several places whose texts are joined.
    join: Option<Vec<Pointer>>,
    /// What stands between joined texts; default `/`.
    with: Option<String>,
    /// A constant.
    value: Option<Value>,
    /// How the value is spelt, and what it becomes; default as it is.
    #[serde(rename = "as")]
    convert: Option<As>,
    /// For local times and dates: an IANA zone, or where one stands in the event.
    zone: Option<String>,
    /// Each value of the sender's with what it becomes.
    #[serde(default)]
    table: BTreeMap<String, Value>,
    /// What stands in for a value that is not there.
    default: Option<Value>,
    /// What follows where a value is not there and has no default.
    #[serde(default)]
    absent: Absent,
}

/// How a value is spelt, and what it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum As {
    /// Text, also of a number or a boolean.
    Text,
    /// Text in small letters.
    Lower,
    /// A whole number, also where it is written as text.
    Integer,
    /// A number, also where it is written as text; whole ones stay whole.
    Number,
    /// `true` or `false`, also as text, or as 1 and 0.
    Boolean,
    /// An instant with an offset (RFC 3339), given on in UTC.
    Instant,
    /// An instant in UTC without a mark, as ServiceNow writes it: `2026-10-24 22:30:00`. One with an offset is believed.
    Utc,
    /// Seconds since the Unix epoch.
    Unix,
    /// A local time of `zone`. It is given on with the zone; what a time means that the clocks show twice or never is for the
    /// source's `local_times`.
    Local,
    /// The date in `zone` of an instant in one of the spellings above.
    LocalDate,
}

/// What follows where a value is not there. Null counts as that, and, where a number, a time or a boolean is wanted, an empty text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absent {
    /// The event is refused.
    #[default]
    Refuse,
    /// The field is left out.
    Skip,
    /// The field is set to null.
    Clear,
}

impl Rule {
    /// The value; `None` where it is left out.
    pub(super) fn value(&self, event: &Value) -> Result<Option<Value>, IntentError> {
        let found = match &self.source {
            Source::Constant(value) => return Ok(Some(value.clone())),
            Source::Joined(places, with) => {
                let texts = places.iter().map(|at| self.text_at(event, at)).collect::<Result<Vec<_>, _>>()?;
                Some(Value::String(texts.join(with)))
            }
            Source::At(at) => event.pointer(at.as_str()).filter(|value| !self.is_nothing(value)).cloned(),
        };
        match (found, &self.default, self.absent) {
            (Some(found), _, _) => self.made(event, &found).map(Some),
            (None, Some(default), _) => Ok(Some(default.clone())),
            (None, None, Absent::Skip) => Ok(None),
            (None, None, Absent::Clear) => Ok(Some(Value::Null)),
            (None, None, Absent::Refuse) => Err(self.error("missing_field", "nothing stands here")),
        }
    }

    /// The value where one is needed.
    pub(super) fn needed(&self, event: &Value) -> Result<Value, IntentError> {
        let value = self.value(event)?.filter(|value| !value.is_null() && value.as_str() != Some(""));
        value.ok_or_else(|| self.error("missing_field", "nothing stands here, and it names the record"))
    }

    /// The value as text, where one is needed.
    pub(super) fn text(&self, event: &Value) -> Result<String, IntentError> {
        written(&self.needed(event)?).ok_or_else(|| self.error("invalid_field", "must be a text or a number"))
    }

    /// The value as text; `None` where it is left out, or null.
    pub(super) fn text_if_any(&self, event: &Value) -> Result<Option<String>, IntentError> {
        let Some(value) = self.value(event)?.filter(|value| !value.is_null()) else { return Ok(None) };
        written(&value).map(Some).ok_or_else(|| self.error("invalid_field", "must be a text or a number"))
    }

    /// The value as a whole number from 0.
    pub(super) fn count(&self, event: &Value) -> Result<u64, IntentError> {
        self.text(event)?.trim().parse().map_err(|_| self.error("invalid_number", "a whole number is needed here"))
    }

    fn made(&self, event: &Value, found: &Value) -> Result<Value, IntentError> {
        if !self.table.is_empty() {
            let entry = written(found).and_then(|text| self.table.get(&text));
            return entry.cloned().ok_or_else(|| {
                let known: Vec<&str> = self.table.keys().map(String::as_str).collect();
                self.error("unmapped_value", format!("{found} is none of {}", known.join(", ")))
            });
        }
        let zone = match &self.zone {
            Some(at) if at.starts_with('/') => {
                event.pointer(at).and_then(Value::as_str).filter(|zone| !zone.is_empty())
            }
            named => named.as_deref(),
        };
        match self.convert {
            None => Ok(found.clone()),
            Some(convert) => convert::convert(convert, found, zone).map_err(|(code, reason)| self.error(code, reason)),
        }
    }

    /// Whether a value counts as not there.
    fn is_nothing(&self, value: &Value) -> bool {
        let wants_text = self.table.is_empty() && matches!(self.convert, None | Some(As::Text | As::Lower));
        value.is_null() || (!wants_text && value.as_str().is_some_and(|text| text.trim().is_empty()))
    }

    fn text_at(&self, event: &Value, at: &Pointer) -> Result<String, IntentError> {
        let text = event.pointer(at.as_str()).and_then(written).filter(|text| !text.is_empty());
        text.ok_or_else(|| IntentError::new("missing_field", at.as_str(), "text is needed here"))
    }

    /// An error at the place in the event that the rule looks at.
    pub(super) fn error(&self, code: &'static str, reason: impl Into<String>) -> IntentError {
        let place = match &self.source {
            Source::At(at) => at.as_str(),
            Source::Joined(places, _) => places.first().map_or("", Pointer::as_str),
            Source::Constant(_) => "",
        };
        IntentError::new(code, place, reason)
    }
}

impl TryFrom<Shape> for Rule {
    type Error = &'static str;

    fn try_from(shape: Shape) -> Result<Self, &'static str> {
        let Shape { from, join, with, value, convert, zone, table, default, absent } = shape;
        let source = match (from, join, value) {
            (Some(at), None, None) => Source::At(at),
            (None, Some(places), None) if !places.is_empty() => {
                Source::Joined(places, with.unwrap_or_else(|| "/".to_owned()))
            }
            (None, None, Some(value)) => Source::Constant(value),
            _ => return Err("give exactly one of from, join and value"),
        };
        if !table.is_empty() && convert.is_some() {
            return Err("give only one of table and as");
        }
        match (convert, &zone) {
            (Some(As::LocalDate), None) => return Err("local_date needs a zone such as Europe/Paris"),
            (Some(As::Local | As::LocalDate) | None, _) | (Some(_), None) => {}
            (Some(_), Some(_)) => return Err("a zone is for local and local_date"),
        }
        if let Some(name) = zone.as_deref().filter(|name| !name.starts_with('/'))
            && ifmatch_dialects::instants::zone(name).is_none()
        {
            return Err("the zone is no IANA zone such as Europe/Paris");
        }
        Ok(Self { source, convert, zone, table, default, absent })
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Given;

        impl<'de> Visitor<'de> for Given {
            type Value = Rule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON Pointer such as \"/score\", or a table with from, join or value")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Rule, E> {
                let at = Pointer::parse(text).ok().filter(|at| !at.is_root());
                let at = at.ok_or_else(|| {
                    E::custom(format!("{text:?} is no JSON Pointer; a constant is {{ value = {text:?} }}"))
                })?;
                let shape = Shape {
                    from: Some(at),
                    join: None,
                    with: None,
                    value: None,
                    convert: None,
                    zone: None,
                    table: BTreeMap::new(),
                    default: None,
                    absent: Absent::Refuse,
                };
                Rule::try_from(shape).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Rule, A::Error> {
                let shape = Shape::deserialize(MapAccessDeserializer::new(members))?;
                Rule::try_from(shape).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Given)
    }
}
