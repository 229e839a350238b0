//! Tests of the lab as a whole.
