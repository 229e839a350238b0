//! ifmatch-merge.
