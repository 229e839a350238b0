//! Environments of Python that hold what a file of requirements names, and nothing else.

use crate::run;
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// The name under which an environment keeps what was asked of it.
const INSTALLED: &str = "requirements.txt";

/// Makes the environment in the folder, if it is not there already with these requirements, and returns its folder of programs.
///
/// `requirements` is a path from the root of the workspace, `probe` a program of the environment with arguments that
/// runs only where everything is there.
///
/// # Errors
/// When there is no Python, or a package cannot be installed.
pub(crate) fn environment(folder: &Path, requirements: &str, probe: &[&str]) -> Result<PathBuf> {
    let wanted = std::fs::read_to_string(run::root().join(requirements)).context("the requirements cannot be read")?;
    let (programs, installed) = (folder.join("bin"), folder.join(INSTALLED));
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) && works(&programs, probe) {
        return Ok(programs);
    }
    can_make_environments()?;
    let path = folder.to_str().context("the path of the target directory is no UTF-8")?;
    run::pass(&mut run::program("python3", &["-m", "venv", "--clear", path]))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements];
    run::pass(&mut run::program(programs.join("python"), &pip))
        .with_context(|| format!("what {requirements} names cannot be installed from PyPI"))?;
    // Written last: an environment that was left half done is made again.
    std::fs::write(&installed, wanted).context("the environment cannot be marked as complete")?;
    Ok(programs)
}

/// Debian ships Python without the part that makes environments.
fn can_make_environments() -> Result<()> {
    if run::output(&mut run::program("python3", &["-c", "import venv, ensurepip"])).is_ok() {
        return Ok(());
    }
    let otherwise = "install python3 with its venv module by hand; the checks with other people's programs need it";
    run::install(&["python3", "python3-venv"], otherwise)
}

fn works(programs: &Path, probe: &[&str]) -> bool {
    let Some((name, args)) = probe.split_first() else {
        return true;
    };
    run::output(&mut run::program(programs.join(name), args)).is_ok()
}

/// Panics unless each package of a file of requirements is pinned to one version; returns the packages.
#[cfg(test)]
pub(crate) fn pinned(requirements: &str) -> Vec<String> {
    let text = std::fs::read_to_string(run::root().join(requirements)).unwrap();
    let packages: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    for package in &packages {
        assert_eq!(package.matches("==").count(), 1, "{package}");
    }
    packages.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
