//! The run stops at the first stage that fails.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering};

static REACHED: AtomicBool = AtomicBool::new(false);

#[test]
fn the_first_failing_stage_ends_the_run_and_is_named() {
    let stages = [
        Stage { name: "fine", run: || Ok(()) },
        Stage { name: "broken", run: || anyhow::bail!("it broke") },
        Stage {
            name: "never",
            run: || {
                REACHED.store(true, Ordering::SeqCst);
                Ok(())
            },
        },
    ];
    let error = run_stages(&stages).unwrap_err();
    assert_eq!(format!("{error:#}"), "ci failed in stage `broken`: it broke");
    assert!(!REACHED.load(Ordering::SeqCst));
}

#[test]
fn every_stage_that_passes_is_timed() {
    let times = run_stages(&[Stage { name: "fine", run: || Ok(()) }]).unwrap();
    assert_eq!(times.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["fine"]);
}
