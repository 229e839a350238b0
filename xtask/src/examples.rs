//! `cargo xtask examples`: every folder of `examples/` as its reader would use it, against a gateway with its sandbox.
//!
//! The tools that the examples are for come from PyPI and npm, in the versions that the suite pins, into a folder of the
//! target directory. A tool that neither ships, and that is not on the machine, is skipped by name.

use crate::{python, run};
use anyhow::{Context as _, Result};
use std::path::Path;

/// The suite, from the root of the workspace.
const SUITE: &str = "examples/tests";

/// What pip installs, with all versions. Node with npm is among it, since that of Debian is too old for the SDK of ServiceNow.
const REQUIREMENTS: &str = "examples/tests/requirements.txt";

/// Builds the binary and runs the suite; `names` are examples, or test modules, classes or methods, none for all.
///
/// # Errors
/// When the binary does not build, the tools cannot be installed, or a test fails.
pub(crate) fn run(names: &[String]) -> Result<()> {
    run::pass(&mut run::cargo(&["build", "--package", "ifmatch", "--locked"]))?;
    check(names)
}

/// Runs the suite against the binary that was built before.
///
/// # Errors
/// When the tools cannot be installed, or a test fails.
pub(crate) fn check(names: &[String]) -> Result<()> {
    let binary = run::built("debug", "ifmatch")?;
    has_curl()?;
    let cache = run::target()?.join("examples");
    let programs = python::environment(&cache.join("tools"), REQUIREMENTS, &["node", "--version"])?;
    let mut command = run::program(programs.join("python"), &["-B", "-m", "unittest"]);
    match names {
        [] => command.args(["discover", "--verbose", "--start-directory", "."]),
        names => command.arg("--verbose").args(names.iter().map(|name| module(name))),
    };
    command.current_dir(run::root().join(SUITE)).env("IFMATCH", binary).env("EXAMPLES_CACHE", cache);
    run::pass(command.env("PATH", before(&programs)?))
}

/// Scripts of examples call the gateway with curl, which is no package of PyPI.
fn has_curl() -> Result<()> {
    if run::output(&mut run::program("curl", &["--version"])).is_ok() {
        return Ok(());
    }
    run::install(&["curl"], "install curl by hand; the examples call the gateway with it")
}

/// The test module of an example; anything else as it is.
fn module(name: &str) -> String {
    let module = format!("test_{}", name.replace('-', "_"));
    if run::root().join(SUITE).join(format!("{module}.py")).is_file() { module } else { name.to_owned() }
}

/// The search path of programs with a folder before all others.
fn before(folder: &Path) -> Result<std::ffi::OsString> {
    let others = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&others));
    std::env::join_paths(all).context("the path of the target directory cannot be in a search path")
}

#[cfg(test)]
mod tests;
