//! One mutant in the simulator.

use super::mutant::Mutant;
use super::scratch::Scratch;
use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// What the simulator made of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trial {
    /// The judge that the patch names saw a promise broken that it names, after so many seeds and so much time.
    Caught { promise: String, seeds: u64, took: Duration },
    /// Violations, and none by that judge of such a promise: `P3 by once`.
    Other { seen: BTreeSet<String> },
    /// The simulator ended in another way: a panic, or it did not end at all.
    Stopped { how: String, seeds: u64 },
    /// Nothing was seen.
    Survived,
}

/// How long all seeds of a mutant may take.
const TIME_MAX: Duration = Duration::from_secs(300);
const STEP: Duration = Duration::from_millis(5);

/// The exit code for a promise that did not hold.
const BROKEN: i32 = 7;

/// Builds a mutant and runs seed after seed until its promise is seen broken.
///
/// # Errors
/// When the patch does not apply, the code does not compile, or the simulator does not start.
pub(super) fn of(scratch: &Scratch, mutant: &Mutant) -> Result<Trial> {
    scratch.apply(mutant)?;
    scratch.build(mutant)?;
    let started = Instant::now();
    let mut child = scratch
        .simulator()
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("the mutant does not start")?;
    let world = mutant.scenario.as_deref().unwrap_or("-");
    let mut input = child.stdin.take().expect("it is piped");
    writeln!(input, "1 {} {world} {} {}", mutant.seeds, mutant.checker, mutant.promises.join(" "))?;
    drop(input);
    let mut errors = child.stderr.take().expect("it is piped");
    // Read beside the waiting, so that a full pipe stops nobody.
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        let read = errors.read_to_string(&mut text);
        read.map(|_| text).unwrap_or_default()
    });
    let code = ended(&mut child)?;
    let text = reader.join().unwrap_or_default();
    Ok(said(mutant, code, &text, started.elapsed()))
}

/// What an exit code and the lines before it come to.
fn said(mutant: &Mutant, code: Option<i32>, text: &str, took: Duration) -> Trial {
    let seeds = last_seed(text);
    let found = violations(text);
    let named = |promise: &&String| found.contains(&format!("{promise} by {}", mutant.checker));
    let wanted = mutant.promises.iter().find(named);
    match (code, wanted) {
        (Some(BROKEN), Some(promise)) => Trial::Caught { promise: promise.clone(), seeds, took },
        (Some(0), _) if found.is_empty() => Trial::Survived,
        (Some(0), _) => Trial::Other { seen: found },
        (Some(code), _) => {
            let panic = text.lines().skip_while(|line| !line.contains("panicked")).take(2);
            Trial::Stopped { how: format!("exit code {code}: {}", panic.collect::<Vec<_>>().join(" ")), seeds }
        }
        (None, _) => Trial::Stopped { how: "it did not end".to_owned(), seeds },
    }
}

/// The exit code; none where it had to be stopped.
fn ended(child: &mut Child) -> Result<Option<i32>> {
    let started = Instant::now();
    while started.elapsed() < TIME_MAX {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.code().unwrap_or(-1)));
        }
        sleep(STEP);
    }
    child.kill()?;
    child.wait()?;
    Ok(None)
}

/// The last seed that was begun, by lines such as `seed 17`.
fn last_seed(errors: &str) -> u64 {
    errors.lines().filter_map(|line| line.strip_prefix("seed ")?.parse().ok()).next_back().unwrap_or(0)
}

/// What was seen and by whom, `P3 by once`, in lines such as `seed 17: P3 by once: … took effect in entries …`.
fn violations(errors: &str) -> BTreeSet<String> {
    let named = |line: &str| {
        let (_, rest) = line.strip_prefix("seed ")?.split_once(": ")?;
        let (seen, _) = rest.split_once(": ")?;
        let (promise, judge) = seen.split_once(" by ")?;
        (!promise.contains(' ') && !judge.contains(' ')).then(|| seen.to_owned())
    };
    errors.lines().filter_map(named).collect()
}

/// A time in seconds, as people read it.
pub(super) fn time(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

impl Trial {
    pub(super) fn is_caught(&self) -> bool {
        matches!(self, Self::Caught { .. })
    }

    /// In a few words.
    pub(super) fn said(&self) -> String {
        match self {
            Self::Caught { promise, seeds, took } => format!("{promise}, after {seeds}, {}", time(*took)),
            Self::Other { seen } => {
                let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
                format!("other than that: {}", seen.join(", "))
            }
            Self::Stopped { how, seeds } => format!("stopped after {seeds}: {how}"),
            Self::Survived => "survived".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
