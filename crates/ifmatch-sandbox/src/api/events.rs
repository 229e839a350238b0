//! The events feed as a call (section 8).

use crate::{
    api::{Call, Reply},
    options::EventDelivery,
    refusal::{Checked, Refusal},
    target::Target,
};

impl Target {
    pub(crate) fn read_events(&self, call: &Call) -> Checked<Reply> {
        if self.options.events == EventDelivery::NotOffered {
            return Err(Refusal::edge(404, "not_found", "The resource is not found"));
        }
        let cursor = match call.query.get("after").map(String::as_str) {
            None | Some("") => 0,
            Some(text) => text.parse().map_err(|_| Refusal::field("after", "not a cursor of this feed"))?,
        };
        Ok(Reply::new(200, self.feed.after(cursor, call.read_at)))
    }
}
