//! The gate lets nothing pass that it must not.
