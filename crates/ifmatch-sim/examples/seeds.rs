//! Runs seed after seed until a promise is seen broken, for `cargo xtask mutants`, which builds this in
//! place of the binary: it needs neither the server nor a store on disk.
//!
//! One line on standard input says what: the first seed, the last one, a scenario or `-` for drawn worlds, a
//! judge, and promises. The exit code is 7 when that judge saw one of them broken.

use ifmatch_sim::{run_silently, scenario};
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> Result<ExitCode, std::io::Error> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let words: Vec<&str> = line.split_whitespace().collect();
    let [first, last, name, judge, promises @ ..] = words.as_slice() else { return Ok(ExitCode::from(2)) };
    let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else { return Ok(ExitCode::from(2)) };
    let mut err = std::io::stderr();
    for seed in first..=last {
        writeln!(err, "seed {seed}")?;
        let report = run_silently(scenario::named(name, seed).unwrap_or_else(|| scenario::draw(seed)));
        for violation in &report.violations {
            writeln!(err, "seed {seed}: {} by {}: {}", violation.promise, violation.judge, violation.what)?;
        }
        let mut seen = report.violations.iter().filter(|violation| violation.judge == *judge);
        if seen.any(|violation| promises.contains(&violation.promise.as_str())) {
            return Ok(ExitCode::from(7));
        }
    }
    Ok(ExitCode::SUCCESS)
}
