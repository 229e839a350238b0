//! Behaviour of a probe.
