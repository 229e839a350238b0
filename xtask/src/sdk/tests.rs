//! The suite pins what it installs.

use super::*;

#[test]
fn every_package_is_pinned_to_one_version() {
    let packages = python::pinned(REQUIREMENTS);
    assert!(packages.iter().any(|package| package == "PureCloudPlatformClientV2==269.0.0"), "{packages:?}");
}
