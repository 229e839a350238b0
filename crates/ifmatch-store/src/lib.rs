//! What ifmatch remembers: the trait, a memory store, and the suite that every store must pass.
//!
//! A store keeps, per org, the intents with their status, the write attempts, what is known of
//! each resource, the aliases, the engine's small facts, and the audit log. It decides nothing: it
//! takes [`Commit`]s of the engine and makes each of them durable as a whole.
//!
//! # The five types to know
//! - [`Store`]: the trait; one value of it serves every org of a process.
//! - [`StoreError`]: unavailable, precondition failed, or inconsistent.
//! - [`MemoryStore`]: keeps everything in ordered maps; for tests and the simulator.
//! - [`ListFilter`]: which intents a listing is about.
//! - [`conformance::exercise`]: the suite.
//!
//! # The contract
//! - A group of commits becomes durable together, in order, or not at all. After an error the
//!   caller does not know which (the acknowledgement may have been lost): it reads
//!   [`Store::recover`].
//! - Every [`Op::Intake`] and every [`Op::Transition`] appends exactly one audit leaf, in the same
//!   commit. Its content is fixed in [`intake_body`] and [`transition_body`].
//! - Reads see every commit that was acknowledged before.
//! - Orgs see nothing of one another. An operation that names a resource of another org is refused.
//! - What comes back is sorted, so that the same contents give the same answers, whatever the store.

mod body;
pub mod conformance;
mod contract;
mod error;
mod memory;

pub use body::{intake_body, key_row, transition_body};
pub use contract::{APART, Direction, ListFilter, Loaded, Store, StoredAttempt};
pub use error::StoreError;
pub use ifmatch_audit as audit;
pub use ifmatch_core::{Commit, Op, Recovery, Transition};
pub use memory::{Faults, MemoryStore};
