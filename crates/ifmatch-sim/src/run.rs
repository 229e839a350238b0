//! Runs worlds, judges them, and replays what failed.

use crate::disk::Disk;
use crate::node::Node;
use crate::report::{Replay, ReplayError, Report};
use crate::scenario;
use crate::script::Setup;
use std::cell::RefCell;
use std::rc::Rc;

/// Runs one setup to its end and judges it.
#[must_use]
pub fn run(setup: Setup) -> Report {
    let mut node = Node::new(setup);
    node.run();
    node.report()
}

/// The same without a log: a run is a function of its setup, so what fails can be run again.
#[must_use]
pub fn run_silently(setup: Setup) -> Report {
    let mut node = Node::new(setup);
    node.silence();
    node.run();
    node.report()
}

/// The same over a store of the caller's, such as one on a real disk.
#[must_use]
pub fn run_on(setup: Setup, store: Rc<RefCell<dyn Disk>>) -> Report {
    let mut node = Node::on(setup, store);
    node.run();
    node.report()
}

/// Draws a world from a seed, runs it and judges it, with its log.
#[must_use]
pub fn run_seed(seed: u64) -> Report {
    run(scenario::draw(seed))
}

/// Runs a replay file's setup again and compares the logs line by line.
///
/// # Errors
/// The file is none, or the run went another way than the file says.
pub fn replay(text: &str) -> Result<Report, ReplayError> {
    let file: Replay = serde_json::from_str(text).map_err(|error| ReplayError::Unreadable(error.to_string()))?;
    let report = run(file.setup);
    let differs = report.log.lines.iter().zip(&file.log.lines).position(|(a, b)| a != b);
    let differs = differs.or_else(|| {
        (report.log.lines.len() != file.log.lines.len()).then(|| report.log.lines.len().min(file.log.lines.len()))
    });
    match differs {
        Some(line) => Err(ReplayError::Differs {
            world: report.setup.command(),
            line: line + 1,
            expected: file.log.lines.get(line).cloned().unwrap_or_default(),
            found: report.log.lines.get(line).cloned().unwrap_or_default(),
        }),
        None => Ok(report),
    }
}
