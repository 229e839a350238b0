//! The pure emulator of the `wfm-v2` API: the target that tests, demo, lab and simulator hammer, and an independent judge.
//!
//! It depends on no other crate of this project, reads no clock and opens no socket. [`Sandbox::handle`] takes one
//! [`Request`] and the time and says what the client experiences, a [`Delivery`]. A [`Scenario`] sets the [`Options`] (every
//! point on which reports about the API differ), the faults, the world and its actors: people who edit, sessions that lock.
//! Every accepted write is in [`Sandbox::ledger`], every request in [`Sandbox::stats`]. Same seed, same calls, same bytes.
//!
//! ```text
//! door (path, token, rate, scope, faults) ─▶ api (scores, trades, schedules, publish, …) ─▶ target (commit, ledger, events)
//!                                                       ▲
//!                     queue (exchanges, publishes, locks, actors, late commits)
//! ```
//!
//! One instant is `i64` milliseconds since the Unix epoch, UTC. The control API answers under `/__sandbox/`.

mod access;
mod actors;
mod api;
mod constraint;
mod edit;
mod faults;
mod feed;
mod guard;
mod history;
mod http;
mod ledger;
mod locks;
mod options;
mod platform;
mod queue;
mod rate;
mod record;
mod refusal;
mod rng;
mod route;
pub mod samples;
mod sandbox;
mod scenario;
mod silence;
mod stats;
mod target;
mod time;
mod week;
mod world;

#[cfg(test)]
mod tests;

pub use access::{Credentials, SCOPES};
pub use constraint::Constraint;
pub use edit::EditError;
pub use faults::{FaultKind, FaultRates, Injection};
pub use http::{Delivery, Request, Response};
pub use ledger::{Change, LedgerEntry};
pub use options::{
    AgentWriteRaises, CurrentInRefusal, Envelope, EtagStyle, EventDelivery, IdempotencyKeys, Instants, KeyedScorePost,
    LockText, OldVersions, Options, RefusedAgent, RetryAfter, SameScoreAgain, SilentAnswer, StaleStatus, StaleText,
    UnchangedWrite, UnknownFields, Unversioned, Versions,
};
pub use platform::options::{
    Jobs, MissingVersion, Notices, PlatformOptions, ShiftTradingCounts, StaleAgent, StaleUpload,
};
pub use rng::fingerprint;
pub use sandbox::{Sandbox, Socket};
pub use scenario::{Editor, Edits, Locker, Locks, Sample, Scenario, ScenarioError, WorldSpec};
pub use silence::{Silence, SilentRule};
pub use stats::{ClientStats, Stats};
