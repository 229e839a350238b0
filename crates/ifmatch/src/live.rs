//! What the demonstration and the live lab have in common: servers on loopback that share one scaled
//! clock, and clients that talk to them over real sockets.
//!
//! A [`Stage`] is the time of a run. It stands on a sandbox alone ([`sandbox`]), which loops write to,
//! or on a gateway with its sandbox ([`gateway`]), to which [`Callers`] hand intents.

mod callers;
mod http;
mod stage;

pub(crate) use callers::{Callers, Taken};
pub(crate) use http::{Http, NoAnswer, Reply};
#[cfg(test)]
pub(crate) use stage::observing;
pub(crate) use stage::{Played, Stage, configured, gateway, sandbox};

/// Threads for servers and their clients: on a machine with few processors the busy ones must not
/// keep the others from reading their sockets.
pub(crate) const WORKERS: usize = 12;
