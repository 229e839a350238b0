//! One mutant in the simulator.

use super::mutant::Mutant;
use super::scratch::Scratch;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// What the simulator made of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trial {
    /// A violation of a promise that the patch names, after so many seeds.
    Caught { promise: String, seeds: u64 },
    /// Violations, and none of a promise that the patch names.
    Other { promises: BTreeSet<String> },
    /// The simulator ended in another way: a panic, or it did not end at all.
    Stopped { how: String, seeds: u64 },
    /// Nothing was seen.
    Survived,
}

/// How long one world may take, its shrinking included, in steps of [`STEP`].
const STEPS_MAX: u32 = 12_000;
const STEP: Duration = Duration::from_millis(5);

/// The exit code for a promise that did not hold.
const BROKEN: i32 = 7;

/// Builds a mutant and runs seed after seed until its promise is seen broken.
///
/// # Errors
/// When the patch does not apply, the code does not compile, or the binary does not start.
pub(super) fn of(scratch: &Scratch, mutant: &Mutant) -> Result<Trial> {
    scratch.apply(mutant)?;
    scratch.build(mutant)?;
    let mut others = BTreeSet::new();
    for seed in 1..=mutant.seeds {
        let world = world(scratch, mutant, seed)?;
        match world {
            World::Held => {}
            World::Broken(promises) => match promises.iter().find(|promise| mutant.promises.contains(promise)) {
                Some(promise) => return Ok(Trial::Caught { promise: promise.clone(), seeds: seed }),
                None => others.extend(promises),
            },
            World::Stopped(how) => return Ok(Trial::Stopped { how, seeds: seed }),
        }
    }
    Ok(if others.is_empty() { Trial::Survived } else { Trial::Other { promises: others } })
}

enum World {
    Held,
    /// The promises that its violations name.
    Broken(BTreeSet<String>),
    Stopped(String),
}

fn world(scratch: &Scratch, mutant: &Mutant, seed: u64) -> Result<World> {
    let mut command = scratch.binary()?;
    command.args(["sim", "run", "--seeds", "1", "--first-seed", &seed.to_string()]);
    if let Some(name) = &mutant.scenario {
        command.args(["--scenario", name]);
    }
    let mut child =
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context("the mutant does not start")?;
    let mut errors = child.stderr.take().expect("it is piped");
    // Read beside the waiting, so that a full pipe stops nobody.
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let read = errors.read_to_string(&mut text);
        read.map(|_| text).unwrap_or_default()
    });
    let code = ended(&mut child)?;
    let text = reader.join().unwrap_or_default();
    Ok(match code {
        Some(0) => World::Held,
        Some(BROKEN) => World::Broken(promises(&text)),
        Some(code) => World::Stopped(format!(
            "exit code {code}: {}",
            text.lines().find(|line| line.contains("panicked")).unwrap_or_default()
        )),
        None => World::Stopped("it did not end".to_owned()),
    })
}

/// The exit code; none where it had to be stopped.
fn ended(child: &mut Child) -> Result<Option<i32>> {
    for _ in 0..STEPS_MAX {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.code().unwrap_or(-1)));
        }
        sleep(STEP);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// The promises in lines such as `seed 17: P3: … took effect in entries …`.
fn promises(errors: &str) -> BTreeSet<String> {
    let named = |line: &str| {
        let (_, rest) = line.strip_prefix("seed ")?.split_once(": ")?;
        let (promise, _) = rest.split_once(": ")?;
        (!promise.contains(' ')).then(|| promise.to_owned())
    };
    errors.lines().filter_map(named).collect()
}

impl Trial {
    pub(super) fn is_caught(&self) -> bool {
        matches!(self, Self::Caught { .. })
    }

    /// In a few words.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Caught { promise, seeds } => format!("{promise}, after {seeds}"),
            Self::Other { promises } => {
                let named: Vec<&str> = promises.iter().map(String::as_str).collect();
                format!("another promise: {}", named.join(" "))
            }
            Self::Stopped { how, seeds } => format!("stopped after {seeds}: {how}"),
            Self::Survived => "survived".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
