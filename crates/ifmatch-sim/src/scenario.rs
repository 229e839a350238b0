//! Worlds by name, and worlds drawn from a seed.

mod scores;

pub use scores::draw;
