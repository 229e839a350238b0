//! `cargo xtask sdk`: the vendor's own Python SDK against `ifmatch sandbox`, every answer checked against the SDK's models.
//!
//! The SDK is installed from PyPI in the version that the requirements pin, into a folder of the target directory.

use crate::{run, say};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// The suite, from the root of the workspace.
const SUITE: &str = "crates/ifmatch/tests/sdk";

/// What pip installs, with all versions.
const REQUIREMENTS: &str = "requirements.txt";

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
    let python = environment(&run::target()?.join("sdk"))?;
    let mut command = run::program(python, &["-B", "-m", "unittest"]);
    match names {
        [] => command.args(["discover", "--verbose", "--start-directory", "."]),
        names => command.arg("--verbose").args(names),
    };
    command.current_dir(suite()).env("IFMATCH", binary);
    run::pass(&mut command)
}

/// The interpreter of an environment that holds what the requirements name, and nothing else.
fn environment(folder: &Path) -> Result<PathBuf> {
    let wanted = std::fs::read_to_string(suite().join(REQUIREMENTS)).context("the requirements cannot be read")?;
    let (python, installed) = (folder.join("bin/python"), folder.join(REQUIREMENTS));
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) && works(&python) {
        return Ok(python);
    }
    can_make_environments()?;
    let path = folder.to_str().context("the path of the target directory is no UTF-8")?;
    run::pass(&mut run::program("python3", &["-m", "venv", "--clear", path]))?;
    let list = format!("{SUITE}/{REQUIREMENTS}");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", &list];
    run::pass(&mut run::program(&python, &pip)).context("the vendor's SDK cannot be installed from PyPI")?;
    // Written last: an environment that was left half done is made again.
    std::fs::write(&installed, wanted).context("the environment cannot be marked as complete")?;
    Ok(python)
}

/// Debian ships Python without the part that makes environments.
fn can_make_environments() -> Result<()> {
    if run::output(&mut run::program("python3", &["-c", "import venv, ensurepip"])).is_ok() {
        return Ok(());
    }
    say::line("no python3 that makes environments: installing one with apt-get");
    run::pass(&mut run::program("apt-get", &["update"]))?;
    run::pass(&mut run::program("apt-get", &["install", "--yes", "--no-install-recommends", "python3", "python3-venv"]))
        .context("install python3 with its venv module by hand; the vendor's SDK needs it")
}

fn works(python: &Path) -> bool {
    run::output(&mut run::program(python, &["-c", "import PureCloudPlatformClientV2"])).is_ok()
}

fn suite() -> PathBuf {
    run::root().join(SUITE)
}

#[cfg(test)]
mod tests;
