//! The gateway over real sockets, against the real sandbox and a real SQLite file.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod blame;
mod channels;
mod client;
mod flow;
mod gateway;
mod hooks;
mod local_times;
mod observe;
mod outage;
mod proxy;
mod restart;
mod undo;
