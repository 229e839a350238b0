//! `cargo xtask docs`: prints the documents that are generated from code.
//!
//! A generated document is the business of a test beside the code that it shows. The test compares
//! the document with the code; compiled with `IFMATCH_BLESS=1` it writes the document first.

use crate::run;
use anyhow::{Context as _, Result, bail};

/// One test that prints a document.
struct Generator {
    /// The document, from the root of the workspace.
    document: &'static str,
    /// The package whose library tests print it.
    package: &'static str,
    /// The filter that selects the test.
    filter: &'static str,
}

const GENERATORS: &[Generator] = &[Generator { document: "docs/STATES.md", package: "ifmatch-core", filter: "states" }];

/// Prints every generated document anew.
///
/// # Errors
/// When a generator fails.
pub(crate) fn run() -> Result<()> {
    for Generator { package, filter, .. } in GENERATORS {
        let mut command = run::cargo(&["test", "--quiet", "--locked", "--lib", "--package", package, filter]);
        run::pass(command.env("IFMATCH_BLESS", "1"))?;
    }
    Ok(())
}

/// Prints them anew and compares with what stood there before.
///
/// # Errors
/// When a generator fails or a document differed.
pub(crate) fn check() -> Result<()> {
    let before = read_all();
    run()?;
    match stale(&before, &read_all()).as_slice() {
        [] => Ok(()),
        documents => {
            run::pass(run::program("git", &["--no-pager", "diff", "--"]).args(documents))
                .context("the difference cannot be shown")?;
            bail!("{} differed from the code; it was printed anew: look at it and commit it", documents.join(", "))
        }
    }
}

fn read_all() -> Vec<Option<String>> {
    let root = run::root();
    GENERATORS.iter().map(|generator| std::fs::read_to_string(root.join(generator.document)).ok()).collect()
}

fn stale(before: &[Option<String>], after: &[Option<String>]) -> Vec<&'static str> {
    let pairs = before.iter().zip(after);
    pairs
        .zip(GENERATORS)
        .filter(|((before, after), _)| before != after)
        .map(|(_, generator)| generator.document)
        .collect()
}

#[cfg(test)]
mod tests;
