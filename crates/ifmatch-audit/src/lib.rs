//! ifmatch-audit.
