//! Worlds that must hold: the founding incidents, fixed seeds, reproductions, that a run is the
//! same twice; and the send protocol as a model, checked exhaustively.

mod incidents;
mod meta;
mod model;
mod seeds;
