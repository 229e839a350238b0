//! `cargo xtask tidy`: what neither the compiler nor clippy checks.
//!
//! Every check is a function from the [`Tree`] (or the [`Graph`]) to [`Finding`]s, so that its tests
//! hand it a small tree that breaks the rule. A finding says where, what, and what to do.
//! What is a matter of taste is only printed: see [`sizes`].

mod arrows;
mod codes;
mod crates;
mod finding;
mod graph;
mod hosts;
mod machine;
mod paths;
mod places;
mod rust;
mod sizes;
mod snapshots;
mod tree;

use crate::say;
use anyhow::{Result, bail};
use finding::Finding;
use graph::Graph;
use tree::Tree;

type Check = fn(&Tree, &Graph) -> Vec<Finding>;

/// Every check that can fail, by name.
const CHECKS: &[(&str, Check)] = &[
    ("arrows between crates", |tree, graph| arrows::check(tree, graph)),
    ("what pure crates link", |tree, graph| arrows::check_pure(tree, graph)),
    ("SQL, clocks and environment in their places", |tree, _| places::check(tree)),
    ("paths named in documents", |tree, _| paths::check(tree)),
    ("crates named in the map", |tree, graph| crates::check(tree, graph)),
    ("a page for each code", |tree, _| codes::check(tree)),
    ("a reader for each page", |tree, _| codes::check_listed(tree)),
    ("orphan snapshots", |tree, _| snapshots::check(tree)),
    ("machine paths", |tree, _| machine::check(tree)),
    ("package sources", |tree, _| hosts::check(tree)),
];

/// Runs every check and prints every finding, then the sizes.
///
/// # Errors
/// When there is a finding, or git or cargo cannot list what to look at.
pub(crate) fn run() -> Result<()> {
    let tree = Tree::load()?;
    let graph = Graph::load()?;
    let mut findings = 0;
    for (name, check) in CHECKS {
        for finding in check(&tree, &graph) {
            findings += 1;
            say::line(&format!("{name}: {finding}"));
        }
    }
    sizes::print(&tree);
    if findings > 0 {
        bail!("tidy has {findings} finding(s), see above");
    }
    say::line(&format!("tidy: {} checks over {} files, nothing found", CHECKS.len(), tree.files().len()));
    Ok(())
}
