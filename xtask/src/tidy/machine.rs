//! No file names a path of the machine that it was written on.

use super::finding::Finding;
use super::tree::Tree;

/// Beginnings of absolute paths. Joined here, so that this file has none of them itself.
const BEGINNINGS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/tm", "p/"),
    concat!("/Us", "ers/"),
];

/// Every line of every text.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let lines = tree.files().iter().flat_map(|file| file.lines().map(move |(line, text)| (&file.path, line, text)));
    lines
        .filter_map(|(path, line, text)| {
            let found = BEGINNINGS.iter().find(|word| names(text, word))?;
            let what = format!("a path of one machine: `{found}…`");
            Some(Finding::new(
                path,
                line,
                what,
                "write the path from the root of the project, or make the folder a parameter",
            ))
        })
        .collect()
}

/// Whether the path begins there: not as a part of a longer path or of a URL.
fn names(text: &str, beginning: &str) -> bool {
    text.match_indices(beginning).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || matches!(before, '_' | '-' | '.' | '}' | '~' | '/'))
    })
}

#[cfg(test)]
mod tests;
