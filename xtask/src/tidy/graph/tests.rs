//! Ways through the graph, and the graph of this workspace.

use super::*;

#[test]
fn the_shortest_way_is_found_and_none_is_invented() {
    let graph = Graph::sample(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &["tokio", "a"])]);
    assert_eq!(graph.way("a", "tokio").unwrap(), ["a", "c", "tokio"]);
    assert_eq!(graph.way("tokio", "a"), None);
}

#[test]
fn the_workspace_itself_is_read() {
    let graph = Graph::load().unwrap();
    assert!(graph.named["xtask"].contains("cargo_metadata"));
    assert!(graph.way("xtask", "serde_json").is_some());
}
