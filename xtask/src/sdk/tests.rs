//! The suite pins what it installs.

use super::*;

#[test]
fn every_package_is_pinned_to_one_version() {
    let text = std::fs::read_to_string(suite().join(REQUIREMENTS)).unwrap();
    let packages: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(packages.contains(&"PureCloudPlatformClientV2==269.0.0"));
    for package in packages {
        assert_eq!(package.matches("==").count(), 1, "{package}");
    }
}

#[test]
fn a_folder_without_an_interpreter_does_not_work() {
    assert!(!works(Path::new("no/such/python")));
}
