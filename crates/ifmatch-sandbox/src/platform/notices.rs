//! What the API tells by itself: a topic and a body.

use serde_json::Value;

use crate::target::Target;

/// One notice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notice {
    pub(crate) at: i64,
    pub(crate) topic: String,
    pub(crate) body: Value,
}

impl Target {
    /// Puts out a notice.
    pub(crate) fn notify(&mut self, now: i64, topic: String, body: Value) {
        self.platform.notices.push(Notice { at: now, topic, body });
    }
}

#[cfg(test)]
impl crate::Sandbox {
    /// Every notice so far.
    pub(crate) fn notices(&self) -> &[Notice] {
        &self.target.platform.notices
    }
}
