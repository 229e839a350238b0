//! Packages come from crates.io, and nothing says otherwise.

use super::finding::Finding;
use super::tree::{File, Tree};

/// How `Cargo.lock` spells crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The sources in the lock file and in cargo's settings.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let lock = tree.file("Cargo.lock").into_iter().flat_map(foreign_sources);
    let settings = tree.files().iter().filter(|file| file.path.contains(".cargo/")).flat_map(replaced_sources);
    lock.chain(settings).collect()
}

fn foreign_sources(file: &File) -> Vec<Finding> {
    let sources =
        file.lines().filter_map(|(line, text)| Some((line, text.strip_prefix("source = ")?.trim_matches('"'))));
    let foreign = sources.filter(|(_, source)| *source != CRATES_IO);
    foreign
        .map(|(line, source)| {
            let what = format!("a package from `{source}`");
            Finding::new(&file.path, line, what, "take it from crates.io, so that everybody can build")
        })
        .collect()
}

fn replaced_sources(file: &File) -> Vec<Finding> {
    let replaces =
        |text: &str| ["[source", "[registr", "replace-with"].iter().any(|word| text.trim().starts_with(word));
    let lines = file.lines().filter(|(_, text)| replaces(text));
    lines
        .map(|(line, text)| {
            let what = format!("a package source of one machine: `{}`", text.trim());
            Finding::new(&file.path, line, what, "keep it in the settings of the machine, not of the project")
        })
        .collect()
}

#[cfg(test)]
mod tests;
