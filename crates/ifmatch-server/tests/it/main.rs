//! The gateway over real sockets, against the real sandbox and a real SQLite file.

mod client;
mod flow;
mod gateway;
mod outage;
mod proxy;
mod restart;
