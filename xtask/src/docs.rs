//! `cargo xtask docs`: prints the documents that are generated from code.
//!
//! A generated document is the business of a test beside the code that it shows. The test compares
//! the document with the code; with `IFMATCH_BLESS=1` it writes the document first.

use crate::run;
use anyhow::Result;

/// One test that prints a document.
struct Generator {
    /// The package whose library tests print it.
    package: &'static str,
    /// The filter that selects the test.
    filter: &'static str,
}

const GENERATORS: &[Generator] = &[Generator { package: "ifmatch-core", filter: "states" }];

/// Prints every generated document anew.
///
/// # Errors
/// When a generator fails.
pub(crate) fn run() -> Result<()> {
    for Generator { package, filter } in GENERATORS {
        let mut command = run::cargo(&["test", "--quiet", "--locked", "--lib", "--package", package, filter]);
        run::pass(command.env("IFMATCH_BLESS", "1"))?;
    }
    Ok(())
}
