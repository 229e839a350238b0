//! ifmatch-core.
