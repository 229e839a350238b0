//! The table of mutants, as people read it and as `docs/TESTING.md` carries it.

use super::mutant::Mutant;
use super::trial::Trial;
use crate::run;
use anyhow::{Context as _, Result};
use std::fmt::Write as _;

const BEGIN: &str = "<!-- mutants: begin, printed by `cargo xtask mutants --write` -->";
const END: &str = "<!-- mutants: end -->";
const DOCUMENT: &str = "docs/TESTING.md";

/// The table in Markdown.
pub(super) fn of(mutants: &[Mutant], trials: &[Trial]) -> String {
    let mut text = "| mutant | breaks | promise | caught by | seen |\n|---|---|---|---|---|\n".to_owned();
    for (mutant, trial) in mutants.iter().zip(trials) {
        let world = mutant.scenario.as_ref().map(|name| format!(" of `{name}`")).unwrap_or_default();
        let by = if trial.is_caught() { format!("`{}`", mutant.checker) } else { "nobody".to_owned() };
        let seen = match trial {
            Trial::Caught { seeds, .. } => format!("after {seeds} seeds{world}"),
            other => format!("{} in {} seeds{world}", other.said(), mutant.seeds),
        };
        let promises = mutant.promises.join(", ");
        writeln!(text, "| `{}` | {} | {promises} | {by} | {seen} |", mutant.name, mutant.breaks)
            .expect("a string grows");
    }
    text
}

/// Puts the table between the marks of the document.
///
/// # Errors
/// When the document cannot be read or written, or has no marks.
pub(super) fn write(mutants: &[Mutant], trials: &[Trial]) -> Result<()> {
    let path = run::root().join(DOCUMENT);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{DOCUMENT} cannot be read"))?;
    let new =
        between(&text, &of(mutants, trials)).with_context(|| format!("{DOCUMENT} has no `{BEGIN}` and `{END}`"))?;
    std::fs::write(&path, new).with_context(|| format!("{DOCUMENT} cannot be written"))
}

/// The text with the table between the marks.
fn between(text: &str, table: &str) -> Option<String> {
    let (before, rest) = text.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

#[cfg(test)]
mod tests;
