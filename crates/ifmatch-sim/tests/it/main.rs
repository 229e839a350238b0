//! Worlds that must hold: the founding incidents, fixed seeds, reproductions, that a run is the
//! same twice; and the send protocol as a model, checked exhaustively.

mod forty;
mod hours;
mod incidents;
mod meta;
#[expect(clippy::print_stdout, reason = "how many states were searched, and the traces, are for people")]
mod model;
mod reproductions;
mod seeds;
