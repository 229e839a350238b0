//! Pages and codes.
