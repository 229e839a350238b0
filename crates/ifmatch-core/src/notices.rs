//! How a target tells things by itself: `docs/design/025-notices.md`.

use crate::errand::Notes;
use crate::ids::OrgName;
use crate::intent::Resource;
use crate::wire::{Request, Response};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// How one API spells its notices: channels, topics and messages. Pure, like the dialect that it belongs to.
pub trait Notices {
    /// The topics that tell what becomes of writes to a record, and to others of its envelope; none while it is not known where
    /// the record lies.
    fn topics(&self, resource: &Resource, places: &Notes) -> Vec<String>;

    /// The most topics of one channel.
    fn topics_max(&self) -> usize;

    /// Asks for a channel.
    fn open(&self) -> Request;

    /// The channel that an answer gives.
    ///
    /// # Errors
    /// Why there is none, in words for an operator.
    fn opened(&self, response: &Response) -> Result<Channel, String>;

    /// Has a channel tell of these topics, and of no others.
    fn subscribe(&self, channel: &str, topics: &BTreeSet<String>) -> Request;

    /// What the answer to that says.
    fn subscribed(&self, response: &Response) -> Subscribed;

    /// What is said in a socket so that something comes back.
    fn ping(&self) -> String;

    /// What a message says of work that the target had taken: its name, and whether it failed. `None` where it says nothing of
    /// that.
    fn told(&self, message: &Value) -> Option<(String, bool)>;

    /// What a message says was written, by whomever.
    fn moved(&self, org: &OrgName, message: &Value) -> Vec<Moved>;
}

/// A channel of the target's notification service.
#[derive(Clone, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// Where its socket is. Whoever knows it can listen.
    pub address: String,
    /// When it ends, where the target says so.
    pub expires_at: Option<Timestamp>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// What came of subscribing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscribed {
    /// The topics are held, but for these: each with what stands against it.
    Held(Vec<(String, String)>),
    /// There is no such channel any more.
    Gone,
    /// It was refused, in words for an operator.
    Refused(String),
}

/// What a notice says was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// A record.
    Record(Resource),
    /// Some of the records of an envelope.
    Envelope(String),
}
