//! Worlds that must hold: the founding incidents, fixed seeds, reproductions, and that a run is the
//! same twice.

mod incidents;
mod meta;
mod reproductions;
mod seeds;
