//! One patch, and what its first line says.

use crate::run;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};

/// A patch that breaks one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mutant {
    /// The file's name without its ending.
    pub(super) name: String,
    pub(super) patch: PathBuf,
    /// What it breaks, in a few words.
    pub(super) breaks: String,
    /// The promises of which one has to be seen broken, as violations spell them.
    pub(super) promises: Vec<String>,
    /// The judge that has to see it: a file of `crates/ifmatch-sim/src/checkers`.
    pub(super) checker: String,
    /// Within how many seeds.
    pub(super) seeds: u64,
    /// A founding incident in place of drawn worlds.
    pub(super) scenario: Option<String>,
    /// Known to survive: the simulator lacks a checker or a fault.
    pub(super) survives: bool,
}

impl Mutant {
    /// Every patch, by name.
    ///
    /// # Errors
    /// When the folder cannot be read, and when a first line is not of the form that [`Mutant::parse`] reads.
    pub(super) fn all() -> Result<Vec<Self>> {
        let folder = run::root().join("xtask/mutants");
        let mut patches: Vec<PathBuf> = std::fs::read_dir(&folder)
            .with_context(|| format!("{} cannot be read", folder.display()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "patch"))
            .collect();
        patches.sort();
        patches.iter().map(|path| Self::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default();
        Self::parse(&name, path, line).with_context(|| format!("the first line of {}", path.display()))
    }

    /// Reads `# what it breaks | P2 P3 | lost_edit | 200 seeds`, or `… | 20 seeds of i05`; a fifth part `survives` marks one that
    /// nothing sees so far.
    pub(super) fn parse(name: &str, patch: &Path, line: &str) -> Result<Self> {
        let parts: Vec<&str> = line.trim_start_matches('#').split('|').map(str::trim).collect();
        let (head, survives) = match parts.as_slice() {
            [head @ .., "survives"] => (head, true),
            head => (head, false),
        };
        let [breaks, promises, checker, seeds] = head else {
            bail!("it is not `# what it breaks | promises | checker | N seeds`");
        };
        let words: Vec<&str> = seeds.split_whitespace().collect();
        let (count, scenario) = match words.as_slice() {
            [count, "seeds"] => (count, None),
            [count, "seeds", "of", name] => (count, Some((*name).to_owned())),
            _ => bail!("`{seeds}` is not `N seeds` or `N seeds of NAME`"),
        };
        Ok(Self {
            name: name.to_owned(),
            patch: patch.to_owned(),
            breaks: (*breaks).to_owned(),
            promises: promises.split_whitespace().map(str::to_owned).collect(),
            checker: (*checker).to_owned(),
            seeds: count.parse().with_context(|| format!("`{count}` is no number of seeds"))?,
            scenario,
            survives,
        })
    }
}

#[cfg(test)]
mod tests;
