//! The copy of the workspace in which mutants are built.

use super::mutant::Mutant;
use crate::run;
use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the workspace, as it stands, under `target/mutants`.
pub(super) struct Scratch {
    /// What git knows, from the root.
    files: Vec<String>,
    tree: PathBuf,
    build: PathBuf,
}

/// The copy's place, from the root.
const TREE: &str = "target/mutants/tree";

impl Scratch {
    /// Copies what git knows. A file that did not change keeps its time, so that cargo builds only what did.
    ///
    /// # Errors
    /// When git cannot list the files, or one cannot be copied.
    pub(super) fn fresh(root: &Path) -> Result<Self> {
        let listed =
            run::output(&mut run::program("git", &["ls-files", "--cached", "--others", "--exclude-standard"]))?;
        let files = listed.lines().filter(|name| root.join(name).is_file()).map(str::to_owned).collect();
        let scratch = Self { files, tree: root.join(TREE), build: root.join("target/mutants/build") };
        scratch.reset()?;
        Ok(scratch)
    }

    /// Puts every file back as it stands in the workspace.
    pub(super) fn reset(&self) -> Result<()> {
        for name in &self.files {
            let (from, to) = (run::root().join(name), self.tree.join(name));
            let wanted = std::fs::read(&from).with_context(|| format!("{name} cannot be read"))?;
            if std::fs::read(&to).is_ok_and(|found| found == wanted) {
                continue;
            }
            let folder = to.parent().expect("a file lies in a folder");
            std::fs::create_dir_all(folder)
                .and_then(|()| std::fs::write(&to, wanted))
                .with_context(|| format!("{} cannot be written", to.display()))?;
        }
        Ok(())
    }

    /// Applies a patch to the copy.
    ///
    /// # Errors
    /// When the code has moved on and the patch does not fit any more.
    pub(super) fn apply(&self, mutant: &Mutant) -> Result<()> {
        self.reset()?;
        let place = format!("--directory={TREE}");
        let mut command = run::program("git", &["apply", "--whitespace=nowarn", &place]);
        let output = command.arg(&mutant.patch).output().context("git cannot be started")?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            bail!("{} does not apply any more, write it anew: {}", mutant.patch.display(), why.trim());
        }
        Ok(())
    }

    /// Builds the simulator of the copy.
    ///
    /// # Errors
    /// When the patched code does not compile.
    pub(super) fn build(&self, mutant: &Mutant) -> Result<()> {
        let manifest = self.tree.join("Cargo.toml");
        let mut command = run::cargo(&[
            "build",
            "--quiet",
            "--locked",
            "--package",
            "ifmatch-sim",
            "--example",
            "seeds",
            "--manifest-path",
        ]);
        // What a patch leaves unused is warned of, and nobody needs to read that.
        let output =
            command.arg(manifest).env("CARGO_TARGET_DIR", &self.build).output().context("cargo cannot be started")?;
        if !output.status.success() {
            bail!("{} does not compile: {}", mutant.name, String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(())
    }

    /// The simulator of the copy.
    pub(super) fn simulator(&self) -> Command {
        let name = format!("seeds{}", std::env::consts::EXE_SUFFIX);
        Command::new(self.build.join("debug/examples").join(name))
    }
}
