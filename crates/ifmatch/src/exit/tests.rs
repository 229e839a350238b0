//! Every code is documented.

use super::*;

#[test]
fn every_code_stands_in_the_help_with_its_number() {
    let all = [
        (Exit::Done, "done"),
        (Exit::Bug, "a bug"),
        (Exit::Usage, "usage"),
        (Exit::Unreachable, "the target or the gateway"),
        (Exit::Review, "something is in review"),
        (Exit::Deferred, "deferred"),
        (Exit::Nothing, "nothing to do"),
        (Exit::Broken, "a promise or a bar"),
    ];
    for (exit, words) in all {
        let line = format!("\n  {}  {words}", exit as u8);
        assert!(HELP.contains(&line), "{exit:?}");
    }
}
