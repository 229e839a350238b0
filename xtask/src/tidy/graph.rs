//! Who depends on whom, from `cargo metadata`.

use crate::run;
use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The packages of the workspace and what they depend on, by name.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// Per package of the workspace: every dependency that its manifest names, of any kind.
    pub(crate) named: BTreeMap<String, BTreeSet<String>>,
    /// Per package, foreign ones too: what is linked into it; development dependencies are not.
    pub(crate) linked: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    /// Reads the graph of the workspace.
    ///
    /// # Errors
    /// When cargo cannot resolve it.
    pub(crate) fn load() -> Result<Self> {
        let metadata = MetadataCommand::new().current_dir(run::root()).exec()?;
        let named = metadata.workspace_packages().into_iter().map(|package| {
            let names = package.dependencies.iter().map(|dependency| dependency.name.to_string());
            (package.name.to_string(), names.collect())
        });
        let mut graph = Self { named: named.collect(), ..Self::default() };
        let resolve = metadata.resolve.as_ref().context("cargo resolved nothing")?;
        for node in &resolve.nodes {
            let linked = graph.linked.entry(metadata[&node.id].name.to_string()).or_default();
            let kept = node
                .deps
                .iter()
                .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal));
            linked.extend(kept.map(|dependency| metadata[&dependency.pkg].name.to_string()));
        }
        Ok(graph)
    }

    /// The shortest way along which one package links another, both ends included.
    pub(crate) fn way(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let mut ways = VecDeque::from([vec![from.to_owned()]]);
        let mut seen = BTreeSet::from([from.to_owned()]);
        while let Some(way) = ways.pop_front() {
            let last = way.last()?;
            if last == to {
                return Some(way);
            }
            for next in self.linked.get(last).into_iter().flatten() {
                if seen.insert(next.clone()) {
                    ways.push_back(way.iter().chain([next]).cloned().collect());
                }
            }
        }
        None
    }

    /// A graph from literals: package, what it names and links.
    #[cfg(test)]
    pub(crate) fn sample(edges: &[(&str, &[&str])]) -> Self {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let all: BTreeMap<String, BTreeSet<String>> =
            edges.iter().map(|(name, names)| ((*name).to_owned(), set(names))).collect();
        let ours = all.iter().filter(|(name, _)| name.starts_with("ifmatch") || *name == "xtask");
        Self { named: ours.map(|(name, names)| (name.clone(), names.clone())).collect(), linked: all }
    }
}

#[cfg(test)]
mod tests;
