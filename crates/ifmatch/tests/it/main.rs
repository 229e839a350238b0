//! The binary as people and scripts use it: words, streams, exit codes.

mod audit;
mod config;
mod explain;
mod gateway;
mod run;
mod usage;

/// A test file that nobody declares would never run.
#[test]
fn no_test_file_is_forgotten() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let own = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.strip_suffix(".rs").unwrap();
        assert!(
            stem == "main" || own.contains(&format!("\nmod {stem};\n")),
            "{name} is not declared"
        );
    }
}
