//! An environment that is not there is told from one that is.

use super::*;

#[test]
fn a_folder_without_an_interpreter_does_not_work() {
    assert!(!works(Path::new("no/such/environment"), &["python", "--version"]));
}
