//! The events feed: what happened, with cursors, reliable or not (section 8).

use serde_json::{Value, json};

use crate::{options::EventDelivery, rng::Rng, time::format_instant};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) path: String,
    pub(crate) version: Option<u64>,
    pub(crate) by: String,
    pub(crate) at: i64,
}

/// Events in the order of delivery; the cursor of an event is its place, from 1.
#[derive(Debug, Clone, Default)]
pub(crate) struct Feed {
    events: Vec<Event>,
}

/// Events in one answer.
const PAGE: usize = 200;

impl Feed {
    /// Adds an event, unless the feed is unreliable and loses it.
    pub(crate) fn push(&mut self, event: Event, delivery: EventDelivery, rng: &mut Rng) {
        if delivery == EventDelivery::Unreliable {
            match rng.below(12) {
                0 => return,
                1 => self.events.push(event.clone()),
                2 => {
                    let place = self.events.len().saturating_sub(1);
                    self.events.insert(place, event);
                    return;
                }
                _ => {}
            }
        }
        self.events.push(event);
    }

    /// The events after a cursor that a read at `read_at` can see.
    pub(crate) fn after(&self, cursor: usize, read_at: i64) -> Value {
        let events: Vec<Value> = (self.events.iter().enumerate().skip(cursor))
            .take_while(|(_, event)| event.at <= read_at)
            .take(PAGE)
            .map(|(index, event)| event.to_json(index + 1))
            .collect();
        let next = cursor.min(self.events.len()) + events.len();
        json!({"events": events, "next": next.to_string()})
    }
}

impl Event {
    fn to_json(&self, cursor: usize) -> Value {
        json!({
            "cursor": cursor.to_string(), "type": self.kind, "path": self.path, "version": self.version, "by": self.by,
            "at": format_instant(self.at),
        })
    }
}
