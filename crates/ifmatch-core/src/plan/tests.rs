//! Rules of composition.
