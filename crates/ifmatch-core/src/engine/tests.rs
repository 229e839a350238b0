//! The engine against a small target of its own, through a shell that only does what it is told.

mod bare;
mod budget;
mod company;
mod decisions;
mod envelope;
mod fake;
mod intake;
mod landing;
mod listening;
mod locks;
mod mislabelled;
mod order;
mod outlook;
mod pairs;
mod processed;
mod protocol;
mod publish;
mod rights;
mod shelf;
mod shell;
mod sift;
mod silent;
mod slipped;
mod store;
#[expect(clippy::duplicate_mod, reason = "the tests of the plan use the same dialect, and neither sees the other")]
#[path = "../plan/tests/target.rs"]
mod target;
mod trouble;
mod undo;
