//! How senders spell what they want: files and messages of foreign systems, translated into intents; and how they
//! hear what became of them.
//!
//! # The parts to know
//! - [`readers`]: translate the files of three systems row by row, with a verdict and a reason for each row that is none.
//! - [`signature`]: whether a message is from whom it says, by the bytes that came.
//! - [`form`]: which envelope a message has, and the identity and order of the events in it.
//! - [`mapping`]: the configured table that turns an event into an intent.
//! - [`hook`]: form and mapping together, as `POST /v1/hooks/{source}` and `ifmatch sources try` use them.
//! - [`sinks`]: who hears of what became of intents, and how it is told there.
//! - [`holds`]: when an agent's schedule is on the move, so that whoever copies it waits.
//! - [`files`]: lists of events and whole states that lie in a folder: what differs, whether that is too much, the account.
//! - [`migration`]: whole files: a plan with a verdict for each row, what an interrupted run goes on from, the closing account.
//!
//! # The contract
//! Everything here is a function of its arguments: no clock, no randomness, no I/O. Nothing panics on data from outside, and nothing
//! is guessed: what cannot be translated names the field and the reason.

pub mod files;
pub mod form;
mod headers;
pub mod holds;
pub mod hook;
pub mod lines;
pub mod mapping;
pub mod migration;
pub mod readers;
pub mod signature;
pub mod sinks;

pub use headers::Headers;
