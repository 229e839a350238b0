//! `cargo xtask sdk`: the vendor's own Python SDK against `ifmatch sandbox`, every answer checked against the SDK's models.
//!
//! The SDK is installed from PyPI in the version that the requirements pin, into a folder of the target directory.

use crate::{python, run};
use anyhow::Result;

/// The suite, from the root of the workspace.
const SUITE: &str = "crates/ifmatch/tests/sdk";

/// What pip installs, with all versions.
const REQUIREMENTS: &str = "crates/ifmatch/tests/sdk/requirements.txt";

/// Builds the binary and runs the suite; `names` are test modules, classes or methods, none for all.
///
/// # Errors
/// When the binary does not build, the SDK cannot be installed, or a test fails.
pub(crate) fn run(names: &[String]) -> Result<()> {
    run::pass(&mut run::cargo(&["build", "--package", "ifmatch", "--locked"]))?;
    check(names)
}

/// Runs the suite against the binary that was built before.
///
/// # Errors
/// When the SDK cannot be installed, or a test fails.
pub(crate) fn check(names: &[String]) -> Result<()> {
    let binary = run::built("debug", "ifmatch")?;
    let probe = ["python", "-c", "import PureCloudPlatformClientV2"];
    let programs = python::environment(&run::target()?.join("sdk"), REQUIREMENTS, &probe)?;
    let mut command = run::program(programs.join("python"), &["-B", "-m", "unittest"]);
    match names {
        [] => command.args(["discover", "--verbose", "--start-directory", "."]),
        names => command.arg("--verbose").args(names),
    };
    command.current_dir(run::root().join(SUITE)).env("IFMATCH", binary);
    run::pass(&mut command)
}

#[cfg(test)]
mod tests;
