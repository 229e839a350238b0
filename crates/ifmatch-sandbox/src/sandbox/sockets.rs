//! The sockets of notification channels: what goes through them is decided here, the shell only carries it.

use crate::{http::Request, platform::notifications::calls::SOCKETS, sandbox::Sandbox};

/// The open socket of one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    channel_id: String,
    number: u64,
}

impl Sandbox {
    /// Opens the socket that a request asks for; `None` where its path is not that of a channel. A channel has one socket: the
    /// one before ends.
    pub fn open_socket(&mut self, now: i64, request: &Request) -> Option<Socket> {
        let now = self.tick(now);
        self.run_due(now);
        let channel_id = request.bare_path().strip_prefix(SOCKETS)?.to_owned();
        let number = self.target.platform.channels.open(now, &channel_id)?;
        Some(Socket { channel_id, number })
    }

    /// The messages due by `now`, each as the text of its frame; `None` where the socket has to end.
    pub fn take_notices(&mut self, now: i64, socket: &Socket) -> Option<Vec<String>> {
        let now = self.tick(now);
        self.run_due(now);
        let messages = self.target.platform.channels.take(now, &socket.channel_id, socket.number)?;
        Some(messages.iter().map(ToString::to_string).collect())
    }

    /// When to ask for messages again at the latest, on the caller's clock.
    #[must_use]
    pub fn next_notice(&self, socket: &Socket) -> Option<i64> {
        let own = self.target.platform.channels.next_at(&socket.channel_id).map(|at| at - self.offset);
        own.into_iter().chain(self.next_event()).min()
    }

    /// A client says something in its socket.
    pub fn hear(&mut self, now: i64, socket: &Socket, text: &str) {
        let now = self.tick(now);
        self.target.platform.channels.hear(now, &socket.channel_id, socket.number, text);
    }

    /// A client has gone.
    pub fn close_socket(&mut self, socket: &Socket) {
        self.target.platform.channels.close(&socket.channel_id, socket.number);
    }
}
