//! `ARCHITECTURE.md` names every crate.

use super::finding::Finding;
use super::graph::Graph;
use super::tree::Tree;

const MAP: &str = "ARCHITECTURE.md";

/// Every package of the workspace stands in the map, in backticks.
pub(crate) fn check(tree: &Tree, graph: &Graph) -> Vec<Finding> {
    let Some(text) = tree.file(MAP).and_then(|file| file.text.as_deref()) else {
        return Vec::new();
    };
    let named = |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("`crates/{name}`"));
    let missing = graph.named.keys().filter(|name| !named(name));
    missing
        .map(|name| {
            let what = format!("the crate `{name}` is not named");
            Finding::new(MAP, 1, what, "add a paragraph that says what it is for")
        })
        .collect()
}

#[cfg(test)]
mod tests;
