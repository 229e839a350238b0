//! The engine against a small target of its own.
