//! Every code that an answer can carry has a page that explains it.

use super::finding::Finding;
use super::tree::{File, Tree};
use std::collections::BTreeMap;

/// The states that a code begins with.
const STATES: &[&str] = &[
    "accepted",
    "queued",
    "planned",
    "sent",
    "tracking",
    "ambiguous",
    "parked",
    "deferred",
    "review",
    "landed",
    "satisfied",
    "superseded",
    "rejected",
    "expired",
    "cancelled",
    "discarded",
];

/// The crates whose literals are codes.
const PLACES: &[&str] = &[
    "crates/ifmatch-core/src/",
    "crates/ifmatch-dialects/src/",
    "crates/ifmatch-sources/src/",
    "crates/ifmatch-server/src/",
];

/// Every literal that is a code, against the pages in `docs/errors`.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut first: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
    for (file, rust) in tree.rust().filter(|(file, _)| may_raise(file)) {
        for literal in rust.literals.iter().filter(|literal| is_code(&literal.text)) {
            first.entry(&literal.text).or_insert((&file.path, literal.line));
        }
    }
    let missing = first.into_iter().filter(|(code, _)| tree.file(&page(code)).is_none());
    missing
        .map(|(code, (path, line))| {
            let fix = format!("write {}: what it means, and what to do", page(code));
            Finding::new(path, line, format!("the code `{code}` has no page"), fix)
        })
        .collect()
}

/// Where the binary lists the pages that it carries.
const LIST: &str = "crates/ifmatch-server/src/errors.rs";

/// Every page in `docs/errors`, against the list of those that `ifmatch explain` prints.
pub(crate) fn check_listed(tree: &Tree) -> Vec<Finding> {
    let listed = tree.rust().find(|(file, _)| file.path == LIST);
    let listed = |name: &str| listed.is_some_and(|(_, rust)| rust.literals.iter().any(|literal| literal.text == name));
    let pages = tree.files().iter().filter_map(|file| {
        let name = file.path.strip_prefix("docs/errors/")?.strip_suffix(".md")?;
        (!listed(name)).then_some(file)
    });
    pages
        .map(|file| {
            Finding::new(&file.path, 1, "a page that `ifmatch explain` does not print", format!("list it in {LIST}"))
        })
        .collect()
}

fn may_raise(file: &File) -> bool {
    !file.test && PLACES.iter().any(|place| file.path.starts_with(place))
}

/// Whether a text is `state/case`.
fn is_code(text: &str) -> bool {
    text.split_once('/').is_some_and(|(state, case)| {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        STATES.contains(&state) && !case.is_empty() && case.bytes().all(word)
    })
}

fn page(code: &str) -> String {
    format!("docs/errors/{}.md", code.replace('/', "-"))
}

#[cfg(test)]
mod tests;
