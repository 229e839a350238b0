//! What the target tells by itself: the socket that the engine has opened, with messages that come late or not at all.

use super::World;
use ifmatch_core::{Input, SocketDeed, SocketEvent};
use ifmatch_sandbox::Request as Wire;

/// How long it takes until a socket is open, or refused.
const OPENING_MS: i64 = 40;

impl World {
    /// Does what the engine wants of the socket, as the shell does it.
    pub(super) fn carry_out_socket(&mut self, deed: SocketDeed) {
        match deed {
            SocketDeed::Open { number, address } => self.open_socket(number, &address),
            SocketDeed::Say { text } => {
                self.log.note(self.now, "socket", || format!("says {text}"));
                if let Some((_, socket)) = &self.socket {
                    self.sandbox.hear(self.now.as_millisecond(), socket, &text);
                }
            }
            SocketDeed::Close => {
                self.log.note(self.now, "socket", || "closed by us");
                self.close_socket();
            }
        }
    }

    fn open_socket(&mut self, number: u64, address: &str) {
        self.close_socket();
        let path = address.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        let request = Wire { method: "GET".to_owned(), path, ..Wire::default() };
        let socket = self.sandbox.open_socket(self.now.as_millisecond(), &request);
        self.log.note(self.now, "socket", || format!("{number} {}", if socket.is_some() { "open" } else { "refused" }));
        let event = match &socket {
            Some(_) => SocketEvent::Opened,
            None => SocketEvent::Closed("refused".to_owned()),
        };
        self.socket = socket.map(|socket| (number, socket));
        self.later(OPENING_MS, Input::Socket { number, event });
    }

    pub(super) fn close_socket(&mut self) {
        if let Some((_, socket)) = self.socket.take() {
            self.sandbox.close_socket(&socket);
        }
    }

    fn socket_ends(&mut self, number: u64) {
        self.close_socket();
        self.log.note(self.now, "socket", || format!("{number} has ended"));
        let event = SocketEvent::Closed("ended".to_owned());
        self.later(0, Input::Socket { number, event });
    }

    /// Takes what has been told since.
    pub(super) fn listen(&mut self) {
        let Some((number, socket)) = self.socket.clone() else { return };
        let Some(messages) = self.sandbox.take_notices(self.now.as_millisecond(), &socket) else {
            return self.socket_ends(number);
        };
        // What loses events cuts connections now and then as well.
        if !messages.is_empty() && self.chance.percent(self.setup.events.lost / 4) {
            return self.socket_ends(number);
        }
        for text in messages {
            self.log.note(self.now, "told", || text.chars().take(200).collect::<String>());
            let late = self.chance.between(0, self.setup.events.late_ms_max.max(200));
            self.later(late, Input::Socket { number, event: SocketEvent::Said(text) });
        }
    }
}
