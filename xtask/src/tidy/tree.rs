//! The files of the project as the checks see them.

use super::rust::Rust;
use crate::run;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// Every file that git tracks or would track, with its text.
#[derive(Debug)]
pub(crate) struct Tree {
    files: Vec<File>,
    folders: BTreeSet<String>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Its path from the root of the workspace.
    pub(crate) path: String,
    /// Its content; `None` where that is no UTF-8.
    pub(crate) text: Option<String>,
    /// Its content taken apart, for Rust sources.
    pub(crate) rust: Option<Rust>,
    /// Whether it is compiled for tests, benches and examples only.
    pub(crate) test: bool,
}

impl Tree {
    /// Reads the files of the workspace.
    ///
    /// # Errors
    /// When git cannot list them.
    pub(crate) fn load() -> Result<Self> {
        let mut git = run::program("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let listed = run::output(&mut git)?;
        let root = run::root();
        // A file that is listed and cannot be read was deleted and not yet committed.
        let files = listed.split('\0').filter(|path| !path.is_empty());
        let files: BTreeMap<String, Vec<u8>> =
            files.filter_map(|path| Some((path.to_owned(), std::fs::read(root.join(path)).ok()?))).collect();
        Ok(Self::of(files))
    }

    /// A tree of the files given.
    pub(crate) fn of(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let mut files: Vec<File> = files.into_iter().map(|(path, bytes)| File::new(path, bytes)).collect();
        let tests: BTreeSet<String> = files.iter().flat_map(File::test_modules).collect();
        for file in &mut files {
            file.test = is_test(&file.path, &tests);
        }
        let folders = files.iter().flat_map(|file| folders_of(&file.path)).collect();
        Self { files, folders }
    }

    /// A tree from literals.
    #[cfg(test)]
    pub(crate) fn sample(files: &[(&str, &str)]) -> Self {
        Self::of(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())))
    }

    /// All files, by path.
    pub(crate) fn files(&self) -> &[File] {
        &self.files
    }

    /// The Rust sources.
    pub(crate) fn rust(&self) -> impl Iterator<Item = (&File, &Rust)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The file at a path.
    pub(crate) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether a file or a folder stands at a path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.folders.contains(path) || self.file(path).is_some()
    }
}

impl File {
    fn new(path: String, bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes).ok();
        let rust = text.as_deref().filter(|_| path.ends_with(".rs")).map(Rust::read);
        Self { path, text, rust, test: false }
    }

    /// The numbered lines, from 1; none where the file is no text.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.iter().flat_map(|text| text.lines()).zip(1..).map(|(line, number)| (number, line))
    }

    /// Paths, without `.rs`, of the modules that this file declares for tests only.
    fn test_modules(&self) -> Vec<String> {
        let Some(rust) = &self.rust else {
            return Vec::new();
        };
        let stem = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let folder = match stem.rsplit_once('/') {
            Some((folder, "lib" | "main" | "mod")) => folder,
            _ => stem,
        };
        rust.test_modules().into_iter().map(|name| format!("{folder}/{name}")).collect()
    }
}

fn is_test(path: &str, modules: &BTreeSet<String>) -> bool {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let own_target = path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"));
    own_target || modules.contains(stem) || folders_of(stem).any(|folder| modules.contains(&folder))
}

fn folders_of(path: &str) -> impl Iterator<Item = String> {
    path.match_indices('/').map(|(at, _)| path[..at].to_owned())
}

#[cfg(test)]
mod tests;
