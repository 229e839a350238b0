//! Targets by description: the examples of `docs/REST.md` as they stand there, and what is said of a description that is wrong.

use crate::run::{Ran, command, finish};

const REST: &str = include_str!("../../../../docs/REST.md");

/// What `config check` says of a configuration.
fn check(config: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ifmatch.toml"), config).unwrap();
    finish(&mut command(folder.path(), &["config", "check"]))
}

fn examples() -> Vec<&'static str> {
    REST.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_examples_are_configurations() {
    assert_eq!(examples().len(), 3);
    for example in examples() {
        check(example).expect(0);
    }
}

#[test]
fn what_makes_no_sense_is_named_by_its_field() {
    let table = examples()[0];
    let wrong = |from: &str, to: &str, field: &str| {
        let text = table.replace(from, to);
        assert_ne!(text, table);
        let told = check(&text);
        assert_eq!(told.code, 2, "{told:?}");
        assert!(told.err.contains(field), "{field}: {told:?}");
    };
    wrong("/{id}\"", "\"", "org.0.kind.0.path");
    wrong("u_score = \"number\"", "u_score = \"points\"", "org.0.kind.0.fields");
    wrong("key = [\"u_agent\"", "key = [\"u_boss\"", "org.0.kind.0.key");
    wrong("preset = \"servicenow-table\"", "preset = \"servicenow\"", "org.0.kind.0.preset");
    wrong("name = \"review\"", "name = \"review\"\nlens = 1", "lens");
    wrong("dialect = \"rest\"", "dialect = \"wfm-v2\"", "org.0.kind");
    wrong("login = \"basic\"", "login = \"magic\"", "org.0.login");
    wrong("login = \"basic\"", "token_path = \"token\"", "org.0.token_path");
}
