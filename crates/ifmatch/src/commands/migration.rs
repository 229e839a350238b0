//! What `import` and `apply` share: files as they are read and written, and the table of an account.

pub(crate) mod target;

use crate::error::{Failure, Kind};
use crate::output::{one_line, table};
use anyhow::Context as _;
use ifmatch_sources::migration::{Account, Agents, Outcome};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// How many rows that need somebody are listed unless all are asked for.
const LISTED: usize = 20;

/// How much of a reason a line of the list has; the plan and the report have all of it.
const WHY_CHARS: usize = 200;

/// A file's bytes.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .with_context(|| format!("{} cannot be read", file.display()))
        .map_err(|error| Failure::new(Kind::User, error))
}

/// A list of agents by address.
pub(crate) fn agents(file: &Path) -> Result<Agents, Failure> {
    let text = String::from_utf8_lossy(&read(file)?).into_owned();
    Agents::read(&text)
        .with_context(|| format!("{} cannot be used as a list of agents", file.display()))
        .map_err(|error| Failure::new(Kind::User, error))
}

/// Activity codes by the source's reasons.
pub(crate) fn codes(file: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let bytes = read(file)?;
    let listed = || -> anyhow::Result<BTreeMap<String, String>> {
        let text = std::str::from_utf8(&bytes)?.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let rows = reader.deserialize::<BTreeMap<String, String>>();
        let pair = |row: Result<BTreeMap<String, String>, csv::Error>| {
            let mut row = row?;
            row.remove("reason").zip(row.remove("code")).context("a row needs the columns reason and code")
        };
        rows.map(pair).collect()
    };
    let listed = listed().with_context(|| format!("{} cannot be used as a list of codes", file.display()));
    listed.map_err(|error| Failure::new(Kind::User, error))
}

/// Writes a file whole or not at all: beside it first, then in its place.
pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let written = || -> anyhow::Result<()> {
        let mut beside = tempfile::NamedTempFile::new_in(folder)?;
        beside.write_all(text.as_bytes())?;
        beside.as_file().sync_all()?;
        beside.persist(file)?;
        // The name is durable with its folder; where a folder cannot be opened, nothing more can be done.
        File::open(folder).and_then(|folder| folder.sync_all()).ok();
        Ok(())
    };
    let written = written().with_context(|| format!("{} cannot be written", file.display()));
    written.map_err(|error| Failure::new(Kind::User, error))
}

/// Rows that somebody must look at: place, id, what, why.
pub(crate) fn listed(rows: Vec<[String; 4]>, all: bool) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let (total, shown) = (rows.len(), if all { rows.len() } else { LISTED.min(rows.len()) });
    let rows = rows.into_iter().take(shown).map(|[row, id, what, why]| vec![row, id, what, one_line(&why, WHY_CHARS)]);
    let mut text = table(&["row", "source id", "what", "why"], rows.collect());
    if shown < total {
        text.push_str(&format!("\n… and {} more: --all lists them", total - shown));
    }
    format!("\n{text}\n")
}

/// An account for people.
pub(crate) fn account(account: &Account, all: bool) -> String {
    let mut text = format!("{} ({}), sha256 {}\n\n", account.file, account.kind, account.sha256);
    let counted = Outcome::ALL.into_iter().filter(|outcome| account.total(*outcome) > 0);
    let mut rows: Vec<Vec<String>> =
        counted.map(|outcome| vec![outcome.as_str().to_owned(), account.total(outcome).to_string()]).collect();
    rows.push(vec!["rows".to_owned(), account.rows.to_string()]);
    text.push_str(&table(&["outcome", "rows"], rows));
    text.push('\n');
    let open = |outcome: Outcome| {
        use Outcome::{Discarded, Expired, Hold, Pending, Rejected, Review, Skipped};
        matches!(outcome, Hold | Review | Rejected | Expired | Discarded | Pending | Skipped)
    };
    let needing = account.account.iter().filter(|entry| open(entry.outcome)).map(|entry| {
        let what = match &entry.code {
            Some(code) => format!("{} {code}", entry.outcome.as_str()),
            None => entry.outcome.as_str().to_owned(),
        };
        let why = match &entry.intent {
            // The reason of a review begins with the intent as it is.
            Some(intent) if entry.reason.is_empty() => intent.to_string(),
            Some(intent) if !entry.reason.starts_with(&intent.to_string()) => format!("{intent}: {}", entry.reason),
            _ => entry.reason.clone(),
        };
        [entry.row.to_string(), entry.source_id.clone(), what, why]
    });
    text.push_str(&listed(needing.collect(), all));
    if account.moved > 0 {
        let rows = if account.moved == 1 { "row" } else { "rows" };
        let met = "met a record that had moved since the plan was made: merged with it, or in the list of what needs somebody";
        text.push_str(&format!("\n{} {rows} {met}.\n", account.moved));
    }
    text
}
