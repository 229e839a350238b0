//! Worlds that must hold: the founding incidents, fixed seeds, reproductions, that a run is the
//! same twice; and the send protocol as a model, checked exhaustively.

#[expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the table of an incident is for people, and a test may stop"
)]
mod forty;
mod hours;
mod incidents;
mod meta;
#[expect(clippy::print_stdout, reason = "how many states were searched, and the traces, are for people")]
mod model;
#[expect(clippy::panic, reason = "a test may stop")]
mod observe;
mod reproductions;
mod seeds;
