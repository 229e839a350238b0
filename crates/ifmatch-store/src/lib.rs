//! ifmatch-store.
