//! Files in NDJSON, sent with `ifmatch sources send`.

use super::Rows;
use super::shell::ifmatch;
use super::site::Site;
use crate::demo::strategy::gateway::Handed;
use crate::demo::wish::End;
use anyhow::Context as _;
use serde_json::Value;
use std::sync::Arc;

/// The exit code of `ifmatch sources send` where a row is refused.
const REFUSED: i32 = 2;

/// What became of the rows of a site's file.
pub(super) async fn carry(site: Arc<Site>, source: String, text: String) -> Rows {
    let account = send(&site, &source, &format!("{source}.ndjson"), &text).await?;
    let rows = account.iter().filter(|line| line["row"].is_u64());
    Ok(rows.map(handed).collect())
}

/// Sends a file; the lines of its account.
pub(super) async fn send(site: &Site, source: &str, name: &str, text: &str) -> anyhow::Result<Vec<Value>> {
    std::fs::write(site.folder.join(name), text)?;
    let account = format!("{name}.account");
    ifmatch(site, source, &["sources", "send", source, name, "--account", &account], &[0, REFUSED]).await?;
    let account = std::fs::read_to_string(site.folder.join(account))?;
    account.lines().map(|line| serde_json::from_str(line).context("a line of an account")).collect()
}

fn handed(line: &Value) -> Handed {
    match (line["outcome"].as_str().unwrap_or_default(), line["intent"].as_str()) {
        ("duplicate", _) => Handed::Ended(End::Superseded, "the same row again".to_owned()),
        (_, Some(id)) => Handed::As(id.to_owned()),
        ("unchanged" | "ignored", None) => Handed::Ended(End::Satisfied, "there is nothing to do".to_owned()),
        _ => Handed::Ended(End::Rejected, line.to_string()),
    }
}
