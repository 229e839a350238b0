//! `cargo xtask bench`: the benches of the release binary, and the peers that some rows are measured against.

use crate::{run, say};
use anyhow::{Context as _, Result};
use std::path::{Path, PathBuf};

/// Stub servers of others, from npm; the package of the first holds its Java archive.
const PEERS: [&str; 2] = ["wiremock@3.13.2", "@stoplight/prism-cli@5.14.2"];

/// Builds the binary with optimisations and runs `ifmatch bench` with the arguments given.
///
/// # Errors
/// When the build fails, when the binary has no such command, and when a bound is not reached.
pub(crate) fn run(args: &[String]) -> Result<()> {
    run::pass(&mut run::cargo(&["build", "--release", "--locked", "--package", "ifmatch"]))?;
    let binary = run::built("release", "ifmatch")?;
    let mut command = run::program(binary, &["bench"]);
    command.args(args);
    if wants_peers(args) {
        match peers(&run::target()?.join("peers")) {
            Ok(folder) => drop(command.arg("--peers").arg(folder)),
            Err(error) => say::line(&format!("the stub servers of others are absent: {error:#}")),
        }
    }
    run::pass(&mut command)
}

/// Whether a row that has such peers is asked for, and nobody has named a folder of them.
fn wants_peers(args: &[String]) -> bool {
    let named = args.iter().any(|word| word.starts_with("--peers") || word.contains("help"));
    let only = args.iter().any(|word| word.starts_with("--only"));
    !named && (!only || args.iter().any(|word| word.contains("sandbox-")))
}

/// A folder in which npm has installed what [`PEERS`] names, and nothing of it was run.
fn peers(folder: &Path) -> Result<PathBuf> {
    let (wanted, installed) = (PEERS.join("\n"), folder.join("installed"));
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(folder.to_owned());
    }
    let path = folder.to_str().context("the path of the target directory is no UTF-8")?;
    std::fs::create_dir_all(folder)?;
    let mut npm = run::program("npm", &["install", "--prefix", path, "--no-save", "--ignore-scripts"]);
    run::pass(npm.args(["--no-audit", "--no-fund", "--loglevel", "error"]).args(PEERS))?;
    // Written last: a folder that was left half done is filled again.
    std::fs::write(&installed, wanted).context("the folder cannot be marked as complete")?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    //! When the peers are installed.

    use super::*;

    fn check(args: &[&str], wanted: bool) {
        let args: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(wants_peers(&args), wanted, "{args:?}");
    }

    #[test]
    fn peers_are_for_the_rows_that_have_some() {
        check(&["--json"], true);
        check(&["--only", "sandbox-versioned-put"], true);
        check(&["--only=merge-p99", "--quick"], false);
        check(&["--peers", "there"], false);
    }

    #[test]
    fn every_peer_is_pinned_to_one_version() {
        assert!(
            PEERS.iter().all(|peer| peer.rsplit_once('@').is_some_and(|(_, version)| version.split('.').count() == 3))
        );
    }
}
