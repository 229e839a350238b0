//! The publish that an upload asks for: it takes no time of its own.

use crate::{
    api::publish::published_change,
    record::{PublishState, Schedule, Writer},
    target::Target,
};

impl Target {
    /// Publishes the newest revision of a schedule, unless it is published.
    pub(crate) fn publish_at_once(&mut self, now: i64, id: &str, writer: &Writer) {
        let Some(schedule) = self.schedule(id) else {
            return;
        };
        let revision = schedule.draft_revision;
        if schedule.published_revision == revision {
            return;
        }
        let published = published_change(schedule.published_revision, revision);
        let state = PublishState::Published;
        let next = Schedule { state, since: now, published_revision: revision, ..(*schedule).clone() };
        self.move_publish(now, &schedule, next, published, writer, "publish.finished");
    }
}
