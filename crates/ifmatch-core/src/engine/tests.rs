//! The engine against a small target of its own, through a shell that only does what it is told.

mod budget;
mod decisions;
mod fake;
mod intake;
mod landing;
mod locks;
mod order;
mod publish;
mod shell;
mod store;
#[path = "../plan/tests/target.rs"]
mod target;
mod trouble;
