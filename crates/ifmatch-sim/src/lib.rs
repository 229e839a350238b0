//! ifmatch-sim.
