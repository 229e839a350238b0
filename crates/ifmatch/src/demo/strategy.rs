//! The two ways of carrying wishes out.

pub(super) mod gateway;
pub(super) mod naive_refresh;
