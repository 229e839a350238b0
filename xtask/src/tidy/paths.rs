//! Paths that the documents name exist.

use super::finding::Finding;
use super::tree::{File, Tree};

/// What a path of ours begins with.
const ROOTS: &[&str] = &["crates/", "docs/", "samples/", "examples/", "xtask/", ".ci/", ".cargo/"];

/// Every path in backticks in every document.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().iter().filter(|file| is_document(file)).flat_map(|file| check_document(tree, file)).collect()
}

fn is_document(file: &File) -> bool {
    file.path.ends_with(".md")
        && (file.path.starts_with("docs/") || file.path.starts_with("examples/") || !file.path.contains('/'))
}

fn check_document(tree: &Tree, file: &File) -> Vec<Finding> {
    let named = file.lines().flat_map(|(line, text)| spans(text).map(move |span| (line, span)));
    let missing = named.filter_map(|(line, span)| Some((line, as_path(span)?))).filter(|(_, path)| !tree.has(path));
    missing
        .map(|(line, path)| {
            let what = format!("`{path}` is named and does not exist");
            Finding::new(&file.path, line, what, "name what is there, or take the sentence out")
        })
        .collect()
}

/// What stands between single backticks in a line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The path that a span names: without a line number and without a closing slash.
/// `None` where it is no path of ours, or a pattern that stands for many.
fn as_path(span: &str) -> Option<&str> {
    if !ROOTS.iter().any(|root| span.starts_with(root)) || span.contains(['*', '<', '{', '…', ' ']) {
        return None;
    }
    let path = match span.rsplit_once(':') {
        Some((path, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => path,
        _ => span,
    };
    Some(path.split('#').next().unwrap_or(path).trim_end_matches('/'))
}

#[cfg(test)]
mod tests;
