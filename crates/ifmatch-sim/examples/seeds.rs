//! Runs seed after seed until a promise is seen broken, for `cargo xtask mutants`, which builds this in
//! place of the binary: it needs neither the server nor a store on disk.
//!
//! One line on standard input says what: the first seed, the last one, a scenario or `-` for drawn worlds,
//! and the promises. The exit code is 7 when one of them did not hold.

use ifmatch_sim::{run_silently, scenario};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> Result<ExitCode, std::io::Error> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [first, last, name, promises @ ..] = words.as_slice() else { return Ok(ExitCode::from(2)) };
    let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else { return Ok(ExitCode::from(2)) };
    let mut err = std::io::stderr();
    for seed in first..=last {
        writeln!(err, "seed {seed}")?;
        let report = run_silently(scenario::named(name, seed).unwrap_or_else(|| scenario::draw(seed)));
        for violation in &report.violations {
            writeln!(err, "seed {seed}: {}: {}", violation.promise, violation.what)?;
        }
        if report.violations.iter().any(|violation| promises.contains(&violation.promise.as_str())) {
            return Ok(ExitCode::from(7));
        }
    }
    Ok(ExitCode::SUCCESS)
}
