//! The log of `serve`, `sandbox` and `demo`: text on a terminal, one JSON object per line elsewhere.

use crate::error::{Failure, Kind};
use anyhow::anyhow;
use ifmatch_server::config::Environment;
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// What servers log when nobody says.
pub(crate) const DEFAULT: &str = "info";

/// Starts the log on standard error, filtered by `IFMATCH_LOG`, else by `default`.
///
/// # Errors
/// A filter that cannot be read.
pub(crate) fn start(environment: &Environment, default: &str) -> Result<(), Failure> {
    let wanted = environment.value("IFMATCH_LOG").filter(|text| !text.is_empty()).unwrap_or(default);
    let filter = EnvFilter::try_new(wanted).map_err(|error| {
        Failure::new(Kind::Config, anyhow!("IFMATCH_LOG is no filter: {error}"))
            .hint("write it like info,ifmatch_server=debug")
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() { builder.try_init() } else { builder.json().try_init() };
    started.map_err(|error| Failure::new(Kind::Bug, anyhow!("the log does not start: {error}")))
}
