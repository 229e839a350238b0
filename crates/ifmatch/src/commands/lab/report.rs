//! The report's folder: JSON, plots, page.

use super::{bug, unwritten};
use crate::error::Failure;
use ifmatch_sim::lab::Comparison;
use serde_json::Value;
use std::path::Path;

/// Writes the report.
pub(super) fn write(folder: &Path, _compared: &Comparison, value: &Value) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, error))?;
    let json = serde_json::to_string_pretty(value).map_err(bug)?;
    let path = folder.join("report.json");
    std::fs::write(&path, json).map_err(|error| unwritten(&path, error))
}
