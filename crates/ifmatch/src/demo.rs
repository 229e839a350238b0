//! The demonstration: the five founding incidents through a naive loop and through ifmatch.
//!
//! ```text
//! incident ──▶ feed (wishes with their true bases, people's edits)
//!                │                              │
//!                ▼                              ▼
//!      naive-refresh ──▶ sandbox      gateway ──▶ sandbox      the same seed: the same people
//!                │                              │
//!                └──────▶ judge ◀───────────────┘              ledger, statistics, true bases
//!                           │
//!                        report ──▶ table or JSON
//! ```
//!
//! With `--doors` the wishes reach the gateway as they do in the field ([`doors`]), else as intents over its own API.
//!
//! The judge never asks the gateway what it thinks of itself. What a wish came to is the only thing
//! that a strategy says, and a claim to have landed is held against the ledger.

mod doors;
mod drive;
mod feed;
mod figures;
mod incident;
mod judge;
#[cfg(test)]
mod observed;
mod promises;
mod run;
mod strategy;
mod table;
mod wish;
mod witness;

pub(crate) use incident::Incident;
pub(crate) use run::{Entry, Kept, Plan, run};
pub(crate) use table::table;
