//! Something happened to the socket in which the target tells things by itself.

use super::Engine;
use super::listening::Line;
use super::recovered::value_lane;
use crate::input::SocketEvent;
use crate::notices::Moved;
use serde_json::Value;

impl Engine {
    pub(super) fn on_socket(&mut self, number: u64, event: SocketEvent) {
        if number != self.listening.number || self.listening.socket == Line::Closed {
            // Of a socket that was given up.
            return;
        }
        match event {
            SocketEvent::Opened => {
                let now = self.now;
                self.listening.socket = Line::Open { since: now, heard_at: now, pinged: false };
                self.listening.opened += 1;
            }
            SocketEvent::Said(text) => {
                self.still_heard();
                self.listening.received += 1;
                match serde_json::from_str(&text) {
                    Ok(message) => self.on_message(&message),
                    Err(_) => self.listening.dropped += 1,
                }
            }
            SocketEvent::Dropped => {
                self.still_heard();
                self.listening.dropped += 1;
            }
            SocketEvent::Closed(why) => self.socket_ended(&why),
        }
    }

    fn still_heard(&mut self) {
        let now = self.now;
        if let Line::Open { heard_at, pinged, .. } = &mut self.listening.socket {
            *heard_at = now;
            *pinged = false;
        }
    }

    fn on_message(&mut self, message: &Value) {
        let Some(notices) = self.dialect.notices() else { return };
        let told = notices.told(message);
        let moved = notices.moved(&self.config.org, message);
        let ours = match &told {
            Some((operation, failed)) => {
                let ours = self.listening.own.iter().any(|own| own == operation);
                self.on_told(operation, *failed);
                ours
            }
            None => false,
        };
        // What our own write did is judged where it is tracked.
        for one in moved.into_iter().filter(|_| !ours) {
            self.on_moved(one);
        }
    }

    /// Somebody wrote: what is known of the record is older than what stands.
    fn on_moved(&mut self, moved: Moved) {
        let keys = match moved {
            Moved::Record(resource) => vec![value_lane(self.aliases.get(&resource).unwrap_or(&resource))],
            Moved::Envelope(envelope) => self.lanes.keys_of_envelope(&envelope),
        };
        for key in keys {
            if self.lanes.look(&key).is_some() {
                self.lane(&key).must_read = true;
            }
        }
    }
}
