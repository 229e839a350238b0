//! The shell around the pure engine: HTTP in, HTTP out, the store, the clock, the configuration.
//!
//! It holds no decision about an intent. Requests become inputs of an engine, effects of the engine
//! become deeds; what an intent's fate is, and why, is decided in the core.
//!
//! # The parts to know
//! - [`serve`]: starts the gateway; [`Running`] is what runs.
//! - [`config`]: reads the configuration, with the origin of every value.
//! - [`serve_sandbox`]: the emulator of the target behind a socket.
//! - [`Clock`]: the one place that reads a clock; scaled with a sandbox.
//! - [`errors`]: the page of every stable error code.
//!
//! # The way of a request
//! `router` names every endpoint; each is one file in `routes`. A handler checks who asks (`auth`)
//! and what (`body`), and hands a command to the org's `driver`, the task that owns the engine. The
//! driver sends commits to the `store_thread` and exchanges through `upstream`; the `hub` tells
//! those who wait. A fault becomes an answer in `problem`, and nowhere else.

mod addresses;
mod answer;
mod app;
pub mod append;
mod auth;
mod body;
mod clock;
pub mod config;
mod dialects;
mod driver;
pub mod errors;
mod files;
mod guard;
mod hashed;
mod holds;
mod hub;
mod imports;
pub mod journal;
mod lines;
mod listener;
mod observe;
mod probe;
mod problem;
mod proxy;
mod pulse;
mod query;
mod random;
mod router;
mod routes;
mod sandbox_http;
mod serve;
mod sessions;
mod sinks;
mod stop;
mod store_thread;
#[cfg(test)]
mod testing;
mod upstream;
mod wait;

pub use auth::{OPERATOR_TOKEN_FILE, operator_token_path};
pub use clock::Clock;
pub use probe::{Consent, Console, ProbeError, ProbeSetup, probe};
pub use pulse::Pulse;
pub use sandbox_http::{RunningSandbox, SandboxError, SandboxOptions, scenario_clock, serve_sandbox};
pub use serve::{
    Ended, ReadySource, Running, SANDBOX, SandboxSetup, ServeError, ServeOptions, Signals, SourceAccount, serve,
};
