//! The arrows between the crates, and what pure crates must not link.

use super::finding::Finding;
use super::graph::Graph;
use super::tree::Tree;

/// What a crate may depend on.
enum May {
    /// These crates of ours, and foreign ones.
    Only(&'static [&'static str]),
    /// Every crate of ours.
    Everything,
}

/// The allowed arrows. Foreign packages are not listed here; see [`IMPURE`] for those.
const ARROWS: &[(&str, May)] = &[
    ("ifmatch-merge", May::Only(&[])),
    ("ifmatch-core", May::Only(&["ifmatch-merge"])),
    ("ifmatch-dialects", May::Only(&["ifmatch-core", "ifmatch-merge"])),
    ("ifmatch-sources", May::Only(&["ifmatch-core", "ifmatch-dialects"])),
    ("ifmatch-audit", May::Only(&[])),
    ("ifmatch-store", May::Only(&["ifmatch-core", "ifmatch-audit"])),
    ("ifmatch-sqlite", May::Only(&["ifmatch-store", "ifmatch-core", "ifmatch-audit"])),
    ("ifmatch-sandbox", May::Only(&[])),
    (
        "ifmatch-sim",
        May::Only(&[
            "ifmatch-core",
            "ifmatch-store",
            "ifmatch-dialects",
            "ifmatch-merge",
            "ifmatch-sandbox",
            "ifmatch-sources",
            "ifmatch-audit",
        ]),
    ),
    (
        "ifmatch-server",
        May::Only(&[
            "ifmatch-core",
            "ifmatch-store",
            "ifmatch-sqlite",
            "ifmatch-dialects",
            "ifmatch-audit",
            "ifmatch-sandbox",
            "ifmatch-sources",
            "ifmatch-merge",
        ]),
    ),
    ("ifmatch", May::Everything),
    ("xtask", May::Only(&[])),
];

/// Crates that do no I/O and run the same under any scheduler.
const PURE: &[&str] = &[
    "ifmatch-merge",
    "ifmatch-core",
    "ifmatch-dialects",
    "ifmatch-sources",
    "ifmatch-audit",
    "ifmatch-store",
    "ifmatch-sandbox",
    "ifmatch-sim",
];

/// Packages that do I/O.
const IMPURE: &[&str] = &["tokio", "axum", "hyper", "rusqlite"];

/// Every dependency of ours follows an arrow.
pub(crate) fn check(tree: &Tree, graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (package, names) in &graph.named {
        let Some((_, may)) = ARROWS.iter().find(|(name, _)| name == package) else {
            findings.push(finding(
                tree,
                package,
                "name",
                format!("`{package}` is not in the table of arrows"),
                "add it to `ARROWS` in xtask/src/tidy/arrows.rs with the crates that it may depend on",
            ));
            continue;
        };
        let May::Only(allowed) = may else { continue };
        let ours = names.iter().filter(|name| graph.named.contains_key(*name));
        for name in ours.filter(|name| !allowed.contains(&name.as_str())) {
            findings.push(finding(
                tree,
                package,
                name,
                format!("`{package}` depends on `{name}` against the arrows"),
                "move what is needed to where both may reach it; the arrows are in xtask/src/tidy/arrows.rs",
            ));
        }
    }
    findings
}

/// No pure crate links a package that does I/O, over however many steps.
pub(crate) fn check_pure(tree: &Tree, graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in PURE.iter().filter(|package| graph.named.contains_key(**package)) {
        for impure in IMPURE {
            let Some(way) = graph.way(package, impure) else {
                continue;
            };
            let first = way.get(1).map_or(*impure, String::as_str);
            findings.push(finding(
                tree,
                package,
                first,
                format!("`{package}` is pure and links `{impure}`: {}", way.join(" → ")),
                "keep I/O in the drivers, the server and the binary",
            ));
        }
    }
    findings
}

/// A finding in the manifest of a package, in the line that begins with a word.
fn finding(tree: &Tree, package: &str, word: &str, what: String, fix: &str) -> Finding {
    let folder = if package == "xtask" { "xtask".to_owned() } else { format!("crates/{package}") };
    let path = format!("{folder}/Cargo.toml");
    let begins = |line: &str| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '.', '=']));
    let line =
        tree.file(&path).and_then(|file| file.lines().find(|(_, line)| begins(line))).map_or(1, |(line, _)| line);
    Finding::new(&path, line, what, fix)
}

#[cfg(test)]
mod tests;
