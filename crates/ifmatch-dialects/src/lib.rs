//! ifmatch-dialects.
