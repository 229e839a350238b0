//! The one shape in which the API tells a refusal: `ErrorBody`, with others inside it.

use crate::words::shortened;
use serde_json::Value;

/// What a refusal tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Told {
    /// The machine codes, the outermost first.
    pub(crate) codes: Vec<String>,
    /// The words, at most 300 characters.
    pub(crate) message: String,
    /// The field at fault.
    pub(crate) field: Option<String>,
    /// The family of limits that a refusal for too many requests is about: `workforce.management.shift.trading`.
    pub(crate) limit: Option<String>,
}

/// Reads the body of a refusal; what is no `ErrorBody` tells nothing.
pub(crate) fn told(body: &Value) -> Told {
    let mut told = Told::default();
    told.take(body, 0);
    told.message = shortened(&told.message);
    told
}

/// How deep errors inside errors are read.
const DEPTH_MAX: u8 = 4;

impl Told {
    fn take(&mut self, body: &Value, depth: u8) {
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        for code in ["code", "errorCode", "error"].into_iter().filter_map(text) {
            if !self.codes.iter().any(|known| known == code) {
                self.codes.push(code.to_owned());
            }
        }
        for words in ["message", "description", "error_description"].into_iter().filter_map(text) {
            if !self.message.contains(words) {
                let between = if self.message.is_empty() { "" } else { "; " };
                self.message.push_str(between);
                self.message.push_str(words);
            }
        }
        self.field = self.field.take().or_else(|| text("fieldName").map(str::to_owned));
        self.limit = self.limit.take().or_else(|| body["limit"]["namespace"].as_str().map(str::to_owned));
        if depth < DEPTH_MAX {
            for list in ["details", "errors"].into_iter().filter_map(|name| body.get(name)?.as_array()) {
                list.iter().for_each(|inner| self.take(inner, depth + 1));
            }
        }
    }
}
