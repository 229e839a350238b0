//! Runs other programs in the root of the workspace.

use crate::say;
use anyhow::{Context as _, Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("xtask lies in the workspace").to_owned()
}

/// `cargo` with arguments, started in the root.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(args).current_dir(root());
    command
}

/// Any program with arguments, started in the root.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root());
    command
}

/// Runs to the end with its output visible.
///
/// # Errors
/// When it cannot be started, and when it ends with another code than 0.
pub(crate) fn pass(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

/// Runs to the end and returns its standard output.
///
/// # Errors
/// Those of [`pass`], and when the output is no UTF-8.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().with_context(|| format!("cannot start `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{shown}` printed something else than UTF-8"))
}

/// Installs packages of Debian, where the user may; `otherwise` says what to do by hand, and why.
///
/// # Errors
/// When apt-get cannot install them.
pub(crate) fn install(packages: &[&str], otherwise: &'static str) -> Result<()> {
    say::line(&format!("installing {} with apt-get", packages.join(" ")));
    pass(&mut program("apt-get", &["update"]))?;
    let words = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    pass(&mut program("apt-get", &words)).context(otherwise)
}

/// A program that cargo built, for example `debug/ifmatch`.
///
/// # Errors
/// When cargo cannot say where it builds.
pub(crate) fn built(profile: &str, name: &str) -> Result<PathBuf> {
    Ok(target()?.join(profile).join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// The folder in which cargo builds.
///
/// # Errors
/// When cargo cannot say where that is.
pub(crate) fn target() -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    Ok(metadata.target_directory.into())
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
