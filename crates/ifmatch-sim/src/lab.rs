//! The lab: several strategies on one seeded workload, side by side, judged alike.
//!
//! A [`Scenario`] says what exists, who sends what and what people do; a seed turns it into a
//! [`Workload`], which is the same for every strategy, people's edits included. The loops that
//! senders write are [`Strategy`] machines without I/O, at work in a [`Crew`] whose steps a driver
//! carries out against the sandbox; ifmatch is the real engine, store and dialect in a
//! [`crate::World`]. What came of either is a [`Course`], and one [`judge()`] holds every course
//! against the sandbox's ledger.
//!
//! ```text
//! Scenario + seed ─▶ Workload ─┬─▶ Crew (a loop)   ─┐
//!                              └─▶ World (ifmatch) ─┴─▶ Course ─▶ judge, bound ─▶ Figures
//! ```
//!
//! [`run()`] does all of it in virtual time. Over HTTP the binary carries out the steps of the same
//! crews, and [`settled`] reads what came of ifmatch from a gateway's store.

mod bound;
mod course;
mod crew;
mod drive;
mod figures;
mod gateway;
mod judge;
mod run;
mod scenario;
mod senders;
mod strategy;
mod wire;
mod workload;

#[cfg(test)]
mod tests;

pub use bound::{Bound, Inference, inference};
pub use course::{Course, End, Ended, Told, Traces};
pub use crew::{Crew, PATIENCE_MS, Step, TOKEN_MS};
pub use drive::happens;
pub use figures::Figures;
pub use gateway::settled;
pub use judge::{Verdict, judge};
pub use run::{Comparison, Round, run, worlds};
pub use scenario::{BUILT_IN, Scenario, ScenarioError};
pub use senders::Senders;
pub use strategy::{Do, Entry, Heard, Reading, Refusal, STRATEGIES, Stamp, Strategy, Wanted, entry};
pub use wire::heard;
pub use workload::{Item, Workload};
