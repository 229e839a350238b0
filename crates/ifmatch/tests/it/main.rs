//! The binary as people and scripts use it: words, streams, exit codes.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod apart;
mod audit;
mod before;
mod bench;
mod config;
mod demo;
mod disk;
mod doors;
mod explain;
mod files;
mod gateway;
mod genesys;
mod genesys_calls;
mod http;
mod import;
mod imports;
mod killed;
mod lab;
mod neighbours;
mod notices;
mod observe;
mod pasted;
mod probe;
mod probe_options;
mod refusals;
mod rest;
mod rig;
mod ring;
mod run;
mod shutdown;
mod sim;
mod sinks;
mod sources;
mod swaps;
mod torn;
mod two_orgs;
mod undo;
mod usage;
mod why;
mod wire;

/// A test file that nobody declares would never run.
#[test]
fn no_test_file_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let own = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".rs") else {
            continue;
        };
        assert!(stem == "main" || own.contains(&format!("\nmod {stem};\n")), "{name} is not declared");
    }
}
