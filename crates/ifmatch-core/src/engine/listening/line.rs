//! The socket: whether it lives, how it ends, and when it is looked at next.

use super::EARLY;
use crate::effect::{Effect, SocketDeed};
use crate::engine::{Engine, Timer};
use crate::notices::Notices;
use jiff::{SignedDuration, Timestamp};

/// A socket that was heard for so long makes the pauses short again.
const STEADY: SignedDuration = SignedDuration::from_secs(30);
/// After so long without a word a ping goes out, and after as long again the socket is given up: two heartbeats and a half.
const QUIET: SignedDuration = SignedDuration::from_secs(75);
/// How long a socket may take to come about.
const OPENING: SignedDuration = SignedDuration::from_secs(60);

/// A socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::engine) enum Line {
    #[default]
    Closed,
    Opening {
        since: Timestamp,
    },
    Open {
        since: Timestamp,
        heard_at: Timestamp,
        pinged: bool,
    },
}

impl Engine {
    /// The socket ended or never came about. Nothing is assumed of the channel after that.
    pub(in crate::engine) fn socket_ended(&mut self, why: &str) {
        if let Line::Open { since, .. } = self.listening.socket
            && self.now.duration_since(since) >= STEADY
        {
            self.listening.failures = 0;
        }
        self.listening.socket = Line::Closed;
        self.listening.held.clear();
        self.listening_failed(why);
    }

    pub(super) fn hang_up(&mut self) {
        if std::mem::take(&mut self.listening.socket) != Line::Closed {
            self.commits.now(Effect::Socket(SocketDeed::Close));
        }
    }

    /// Whether the socket still lives.
    pub(super) fn watch_socket(&mut self, notices: &dyn Notices) {
        match &mut self.listening.socket {
            Line::Opening { since } if *since + OPENING <= self.now => {
                self.hang_up();
                self.socket_ended("the socket did not come about");
            }
            Line::Open { heard_at, .. } if *heard_at + QUIET * 2 <= self.now => {
                self.commits.now(Effect::Socket(SocketDeed::Close));
                self.socket_ended("the socket went silent");
            }
            Line::Open { heard_at, pinged, .. } if !*pinged && *heard_at + QUIET <= self.now => {
                *pinged = true;
                self.commits.now(Effect::Socket(SocketDeed::Say { text: notices.ping() }));
            }
            Line::Closed | Line::Opening { .. } | Line::Open { .. } => {}
        }
    }

    /// Has the listening looked at when something is due of it.
    pub(super) fn arm(&mut self) {
        let listening = &self.listening;
        let socket = match listening.socket {
            Line::Closed => listening.not_before,
            Line::Opening { since } => Some(since + OPENING),
            Line::Open { heard_at, pinged, .. } => Some(heard_at + QUIET * if pinged { 2 } else { 1 }),
        };
        let ends = listening.channel.as_ref().and_then(|channel| channel.expires_at).map(|at| at - EARLY);
        let due = [socket, ends, listening.not_before].into_iter().flatten().filter(|at| *at > self.now).min();
        if let Some(due) = due
            && listening.armed.is_none_or(|armed| armed > due || armed <= self.now)
        {
            self.listening.armed = Some(due);
            self.timer(due, Timer::Pump);
        }
    }
}
