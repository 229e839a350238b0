//! What the API tells by itself: a topic and a body.

use serde_json::Value;

use crate::{platform::options::Notices, target::Target};

/// One notice.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notice {
    pub(crate) at: i64,
    pub(crate) topic: String,
    pub(crate) body: Value,
}

/// Notices that are remembered: each may name every agent of a schedule.
const KEPT_MAX: usize = 100;

/// How often a notice is lost where notices are.
const LOST: f64 = 0.3;

impl Target {
    /// Puts out a notice: who listens hears it, unless it is lost.
    pub(crate) fn notify(&mut self, now: i64, topic: String, body: Value) {
        let lost = self.options.platform.notices == Notices::Lossy && self.platform.loss.chance(LOST);
        if !lost {
            self.platform.channels.put(now, &topic, &body);
        }
        if self.platform.notices.len() >= KEPT_MAX {
            self.platform.notices.remove(0);
        }
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
