//! The ten shapes in which the API tells a refusal, read into one: codes, words, the field, and
//! what the refusal says of the current record.
//!
//! No shape is asked for by name: codes and words are taken from wherever any of the shapes has
//! them, so that a mixture of two is read as well.

use super::lens;
use crate::words::shortened;
use serde_json::{Map, Value};

#[cfg(test)]
mod tests;

/// What a refusal tells, whatever its shape.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Told {
    /// The machine codes in the order found, as spelt; numbers that repeat the status are none.
    pub(crate) codes: Vec<String>,
    /// The words, at most 300 characters.
    pub(crate) message: String,
    /// The field at fault.
    pub(crate) field: Option<String>,
    /// The agent that the refusal names.
    pub(crate) agent: Option<String>,
    /// The version that the refusal says is current.
    pub(crate) version: Option<u64>,
    /// The current record, where the refusal carries it.
    pub(crate) current: Option<Value>,
}

/// Reads the body of a refusal; no body, or one that is no JSON object, tells nothing.
pub(crate) fn told(body: Option<&Value>) -> Told {
    let mut told = Told::default();
    if let Some(Value::Object(members)) = body {
        told.object(members);
    }
    told.message = shortened(&told.message);
    told
}

impl Told {
    fn object(&mut self, members: &Map<String, Value>) {
        for name in ["code", "errorCode", "error_code", "type"] {
            self.code(members.get(name));
        }
        for name in ["message", "detail", "error_description"] {
            self.words(members.get(name));
        }
        match members.get("error") {
            // `{error, message}` has its code in `error`; details have their words there.
            Some(Value::String(text)) if text.contains(' ') => self.words(members.get("error")),
            Some(Value::Object(inner)) => self.object(inner),
            other => self.code(other),
        }
        self.place(members);
        match members.get("details") {
            Some(Value::Object(inner)) => self.object(inner),
            Some(Value::Array(list)) => self.list(list),
            other => self.details(other),
        }
        if let Some(Value::Array(list)) = members.get("errors") {
            self.list(list);
        }
        if let Some(Value::Array(list)) = members.get("entities") {
            self.list(list);
        }
    }

    fn list(&mut self, list: &[Value]) {
        for item in list {
            match item {
                Value::Object(inner) => self.object(inner),
                other => self.words(Some(other)),
            }
        }
    }

    /// `agent 6f1c`, `field score`, or the message again.
    fn details(&mut self, details: Option<&Value>) {
        let Some(text) = details.and_then(Value::as_str) else {
            return;
        };
        let named = text.split_once(' ').filter(|(_, name)| !name.contains(' '));
        match named {
            Some(("agent", id)) => self.agent = self.agent.take().or_else(|| Some(id.to_owned())),
            Some(("field", name)) => self.field = self.field.take().or_else(|| Some(name.to_owned())),
            _ => self.words(details),
        }
    }

    fn place(&mut self, members: &Map<String, Value>) {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        self.field = self.field.take().or_else(|| text("field")).or_else(|| text("fieldName"));
        let of_field = self.field.as_deref().and_then(|field| field.strip_prefix("agents/"));
        let of_field = of_field.map(|rest| rest.split('/').next().unwrap_or(rest).to_owned());
        self.agent = self.agent.take().or_else(|| text("agent_id")).or(of_field);
        self.version = self.version.or_else(|| lens::whole(members.get("current_version")?));
        if self.current.is_none() {
            self.current = members.get("current").filter(|value| value.is_object()).cloned();
        }
        let of_current = self.current.as_ref().and_then(|value| lens::version(value).ok().flatten());
        self.version = self.version.or(of_current);
    }

    fn code(&mut self, value: Option<&Value>) {
        let Some(text) = value.and_then(Value::as_str) else {
            return;
        };
        let is_status = text.parse::<u16>().is_ok();
        if !text.is_empty() && !is_status && !self.codes.iter().any(|known| known == text) {
            self.codes.push(text.to_owned());
        }
    }

    fn words(&mut self, value: Option<&Value>) {
        let Some(text) = value.and_then(Value::as_str) else {
            return;
        };
        if text.is_empty() || self.message.contains(text) {
            return;
        }
        if !self.message.is_empty() {
            self.message.push_str("; ");
        }
        self.message.push_str(text);
    }
}
