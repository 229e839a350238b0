//! Channels and their sockets. Nothing is kept for a channel without an open socket.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::time::{DAY, SECOND};

/// Channels that one client may have; a further one takes the place of the oldest.
pub(crate) const CHANNELS_MAX: usize = 20;

/// Topics that one channel may subscribe to.
pub(crate) const TOPICS_MAX: usize = 1_000;

/// How long a channel lives.
const LIFE_MS: i64 = DAY;

/// How often a socket hears that it is alive.
const HEARTBEAT_MS: i64 = 30 * SECOND;

/// One channel.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) client_id: String,
    pub(crate) expires_at: i64,
    pub(crate) topics: BTreeSet<String>,
    /// Channels are counted as they are made.
    number: u64,
    socket: Option<Open>,
}

/// The open socket of a channel.
#[derive(Debug, Clone)]
struct Open {
    number: u64,
    waiting: Vec<Value>,
    heartbeat_at: i64,
}

/// All channels.
#[derive(Debug, Clone, Default)]
pub(crate) struct Channels {
    all: BTreeMap<String, Channel>,
    made: u64,
    opened: u64,
}

impl Channels {
    /// Makes a channel of that id. The client's oldest goes where it has too many.
    pub(crate) fn make(&mut self, now: i64, id: String, client_id: &str) -> &Channel {
        self.expire(now);
        let mut own: Vec<(u64, String)> =
            self.of(client_id).map(|(id, channel)| (channel.number, id.clone())).collect();
        own.sort();
        for (_, oldest) in own.iter().take((own.len() + 1).saturating_sub(CHANNELS_MAX)) {
            self.all.remove(oldest);
        }
        self.made += 1;
        let channel = Channel {
            client_id: client_id.to_owned(),
            expires_at: now + LIFE_MS,
            topics: BTreeSet::new(),
            number: self.made,
            socket: None,
        };
        self.all.entry(id).insert_entry(channel).into_mut()
    }

    /// A client's channels by id.
    pub(crate) fn of(&self, client_id: &str) -> impl Iterator<Item = (&String, &Channel)> {
        self.all.iter().filter(move |(_, channel)| channel.client_id == client_id)
    }

    /// A channel that lives.
    pub(crate) fn find(&mut self, now: i64, id: &str) -> Option<&mut Channel> {
        self.expire(now);
        self.all.get_mut(id)
    }

    fn expire(&mut self, now: i64) {
        self.all.retain(|_, channel| channel.expires_at > now);
    }

    /// Gives a notice to every open socket whose channel subscribed to the topic.
    pub(crate) fn put(&mut self, now: i64, topic: &str, body: &Value) {
        self.expire(now);
        for channel in self.all.values_mut().filter(|channel| channel.topics.contains(topic)) {
            if let Some(open) = &mut channel.socket {
                open.waiting.push(json!({"topicName": topic, "version": "2", "eventBody": body}));
            }
        }
    }

    /// Opens the socket of a channel, in place of one that is open; `None` where there is no such channel.
    pub(crate) fn open(&mut self, now: i64, id: &str) -> Option<u64> {
        let number = self.opened + 1;
        let channel = self.find(now, id)?;
        channel.socket = Some(Open { number, waiting: Vec::new(), heartbeat_at: now + HEARTBEAT_MS });
        self.opened = number;
        Some(number)
    }

    /// The messages due by now; `None` where the socket has to end.
    pub(crate) fn take(&mut self, now: i64, id: &str, socket: u64) -> Option<Vec<Value>> {
        let open = self.socket(now, id, socket)?;
        if open.heartbeat_at <= now {
            open.heartbeat_at = now + HEARTBEAT_MS;
            open.waiting.push(metadata("WebSocket Heartbeat"));
        }
        Some(std::mem::take(&mut open.waiting))
    }

    /// What a client says in its socket: a ping is answered, the rest is not understood.
    pub(crate) fn hear(&mut self, now: i64, id: &str, socket: u64, text: &str) {
        let said: Value = serde_json::from_str(text).unwrap_or_default();
        if said["message"] == "ping"
            && let Some(open) = self.socket(now, id, socket)
        {
            open.waiting.push(metadata("pong"));
        }
    }

    /// When a socket has to be asked again though nothing happens.
    pub(crate) fn next_at(&self, id: &str) -> Option<i64> {
        let channel = self.all.get(id)?;
        Some(channel.socket.as_ref()?.heartbeat_at.min(channel.expires_at))
    }

    /// Ends a socket that is still the one of its channel.
    pub(crate) fn close(&mut self, id: &str, socket: u64) {
        if let Some(channel) = self.all.get_mut(id)
            && channel.socket.as_ref().is_some_and(|open| open.number == socket)
        {
            channel.socket = None;
        }
    }

    /// Ends all sockets.
    pub(crate) fn close_all(&mut self) {
        for channel in self.all.values_mut() {
            channel.socket = None;
        }
    }

    fn socket(&mut self, now: i64, id: &str, socket: u64) -> Option<&mut Open> {
        self.find(now, id)?.socket.as_mut().filter(|open| open.number == socket)
    }
}

fn metadata(message: &str) -> Value {
    json!({"topicName": "channel.metadata", "eventBody": {"message": message}})
}

#[cfg(test)]
mod tests;
