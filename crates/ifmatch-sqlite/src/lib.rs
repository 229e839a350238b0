//! ifmatch-sqlite.
