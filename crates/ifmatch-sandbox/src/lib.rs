//! ifmatch-sandbox.
