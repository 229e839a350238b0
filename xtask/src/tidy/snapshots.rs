//! Every snapshot file belongs to a test that exists.

use super::finding::Finding;
use super::tree::{File, Tree};

/// Every `.snap` file against the source that it names.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().iter().filter(|file| file.path.ends_with(".snap")).filter_map(|file| check_file(tree, file)).collect()
}

fn check_file(tree: &Tree, file: &File) -> Option<Finding> {
    let finding = |what: String| Finding::new(&file.path, 1, what, "delete the file, or the test's old name is wrong");
    let Some(source) = file.lines().find_map(|(_, line)| line.strip_prefix("source: ")) else {
        return Some(finding("a snapshot that names no source".to_owned()));
    };
    let source = source.trim_matches('"');
    let Some(text) = tree.file(source).and_then(|file| file.text.as_deref()) else {
        return Some(finding(format!("an orphan snapshot: {source} does not exist")));
    };
    let name = test_name(&file.path);
    (!text.contains(name)).then(|| finding(format!("an orphan snapshot: {source} has no `{name}`")))
}

/// The test, or the name given to the snapshot: `a__b__it_works-2.snap` is `it_works`.
fn test_name(path: &str) -> &str {
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".snap");
    let name = stem.rsplit("__").next().unwrap_or(stem);
    match name.rsplit_once('-') {
        Some((name, count)) if !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => name,
    }
}

#[cfg(test)]
mod tests;
