//! How senders spell what they want: files and messages of foreign systems, translated into intents.
//!
//! # The parts to know
//! - [`readers`]: translate the files of three systems row by row, with a verdict and a reason for each row that is none.
//! - [`migration`]: whole files: a plan with a verdict for each row, what an interrupted run goes on from, the closing account.
//!
//! # The contract
//! Everything here is a function of its arguments: no clock, no randomness, no I/O. Nothing panics on data from outside, and nothing
//! is guessed: what cannot be translated names the field and the reason.

pub mod migration;
pub mod readers;
