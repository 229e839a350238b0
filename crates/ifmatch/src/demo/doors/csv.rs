//! An export in CSV: planned with `ifmatch import`, carried out with `ifmatch apply`.

use super::Rows;
use super::shell::ifmatch;
use super::site::{SCRIPT, Site};
use crate::demo::strategy::gateway::Handed;
use crate::demo::wish::End;
use anyhow::Context as _;
use ifmatch_sandbox::samples::SHIFT_TRADES_CSV;
use serde_json::Value;
use std::sync::Arc;

/// The exit code of `ifmatch apply` where rows wait for a person.
const REVIEW: i32 = 4;

/// What became of these rows of the export.
pub(super) async fn carry(site: Arc<Site>, rows: Vec<u64>) -> Rows {
    std::fs::write(site.folder.join("trades.csv"), SHIFT_TRADES_CSV)?;
    let plan = ["import", "zendesk-shift-trades", "trades.csv", "--plan", "plan.json", "--checked"];
    ifmatch(&site, SCRIPT, &plan, &[0]).await?;
    let report = ifmatch(&site, SCRIPT, &["apply", "plan.json", "--no-wait", "--json"], &[0, REVIEW]).await?;
    let report: Value = serde_json::from_str(&report).context("the account of the export")?;
    let entry = |row: u64| handed(&report["account"][row as usize - 1]);
    Ok(rows.into_iter().map(entry).collect())
}

/// A row by its entry in the account.
fn handed(entry: &Value) -> Handed {
    if let Some(id) = entry["intent"].as_str() {
        return Handed::As(id.to_owned());
    }
    let end = match entry["outcome"].as_str().unwrap_or_default() {
        "duplicate" => End::Superseded,
        "equal" => End::Satisfied,
        "hold" | "review" => End::Review,
        "rejected" => End::Rejected,
        _ => End::Pending,
    };
    Handed::Ended(end, entry["reason"].as_str().unwrap_or_default().to_owned())
}
