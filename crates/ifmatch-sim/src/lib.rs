//! The simulator: engine, store, dialect and sandbox in one thread under virtual time.
//!
//! A run is a function of its [`Setup`]: a scenario of the sandbox, the sources, and a list of
//! [`Op`]s with their times. [`run`] carries it out, and [`checkers`] judge the promises from the
//! sandbox's ledger, which knows nothing of the engine.
//!
//! # The types to know
//! - [`Setup`]: everything that a run starts from. [`scenario::draw`] draws one from a seed.
//! - [`World`]: the run itself.
//! - [`Truth`]: what each source really saw before it spoke; the engine never sees it.
//! - [`Report`]: what happened, with every violation, and the event log to replay.
//! - [`lab`]: the same machinery turned towards users, several strategies side by side.
//! - [`shrink()`]: makes a failing setup small.

pub mod checkers;
mod disk;
mod hours;
pub mod incidents;
pub mod lab;
mod log;
mod node;
mod records;
mod report;
mod rng;
mod run;
pub mod scenario;
mod script;
mod shrink;
mod spelling;
mod truth;
mod world;

pub use checkers::{Reviews, Violation};
pub use disk::Disk;
pub use hours::{Line, instants};
pub use log::EventLog;
pub use report::{Replay, ReplayError, Report, Tally};
pub use rng::Rng;
pub use run::{replay, run, run_on, run_seed, run_silently};
pub use script::{Body, CrashPoint, Events, Hours, Op, Setup, SourceSpec, Spoken, Wish};
pub use shrink::{RUNS_MAX, shrink};
pub use truth::{Told, Truth};
pub use world::World;
