//! `cargo xtask bench`: the benches of the release binary.

use crate::run;
use anyhow::Result;

/// Builds the binary with optimisations and runs `ifmatch bench` with the arguments given.
///
/// # Errors
/// When the build fails, when the binary has no such command, and when a bound is not reached.
pub(crate) fn run(args: &[String]) -> Result<()> {
    run::pass(&mut run::cargo(&["build", "--release", "--locked", "--package", "ifmatch"]))?;
    let binary = run::built("release", "ifmatch")?;
    let mut command = run::program(binary, &["bench"]);
    run::pass(command.args(args))
}
