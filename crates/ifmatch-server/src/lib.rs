//! ifmatch-server.
