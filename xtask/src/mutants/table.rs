//! The table of mutants, as people read it and as `docs/TESTING.md` carries it.

use super::mutant::Mutant;
use super::trial::{Trial, time};
use crate::run;
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;

const BEGIN: &str = "<!-- mutants: begin, printed by `cargo xtask mutants --write` -->";
const END: &str = "<!-- mutants: end -->";
const DOCUMENT: &str = "docs/TESTING.md";

const HEAD: &str = "| mutant | breaks | promise | caught by | seen |\n|---|---|---|---|---|\n";

/// The table in Markdown.
pub(super) fn of(mutants: &[Mutant], trials: &[Trial]) -> String {
    let rows = mutants.iter().zip(trials).map(|(mutant, trial)| row(mutant, trial));
    HEAD.to_owned() + &rows.collect::<String>()
}

fn row(mutant: &Mutant, trial: &Trial) -> String {
    let world = mutant.scenario.as_ref().map(|name| format!(" of `{name}`")).unwrap_or_default();
    let by = if trial.is_caught() { format!("`{}`", mutant.checker) } else { "nobody".to_owned() };
    let (promise, seen) = match trial {
        Trial::Caught { promise, seeds, took } => {
            (promise.clone(), format!("after {seeds} of {} seeds{world}, {}", mutant.seeds, time(*took)))
        }
        other => (mutant.promises.join(", "), format!("{} in {} seeds{world}", other.said(), mutant.seeds)),
    };
    format!("| `{}` | {} | {promise} | {by} | {seen} |\n", mutant.name, mutant.breaks)
}

/// Puts the rows of these mutants into the table of the document. Rows of others stay, as long as there is a patch of
/// their name.
///
/// # Errors
/// When the document cannot be read or written, or has no marks.
pub(super) fn write(all: &[Mutant], mutants: &[Mutant], trials: &[Trial]) -> Result<()> {
    let path = run::root().join(DOCUMENT);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{DOCUMENT} cannot be read"))?;
    let mut rows: BTreeMap<String, String> =
        text.lines().filter_map(|line| Some((name(line)?.to_owned(), format!("{line}\n")))).collect();
    rows.retain(|name, _| all.iter().any(|mutant| mutant.name == *name));
    rows.extend(mutants.iter().zip(trials).map(|(mutant, trial)| (mutant.name.clone(), row(mutant, trial))));
    let table = HEAD.to_owned() + &rows.into_values().collect::<String>();
    let new = between(&text, &table).with_context(|| format!("{DOCUMENT} has no `{BEGIN}` and `{END}`"))?;
    std::fs::write(&path, new).with_context(|| format!("{DOCUMENT} cannot be written"))
}

/// The mutant of a row of the table.
fn name(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix("| `")?.split_once('`')?;
    Some(name).filter(|_| line.matches(" | ").count() == 4)
}

/// The text with the table between the marks.
fn between(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests;
