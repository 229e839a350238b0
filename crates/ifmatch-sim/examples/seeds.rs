//! Runs seed after seed until a promise is seen broken, for `cargo xtask mutants`, which builds this in
//! place of the binary: it needs neither the server nor a store on disk.
//!
//! One line on standard input says what: the first seed, the last one, a scenario or `-` for drawn worlds, a
//! judge, and promises. The exit code is 7 when that judge saw one of them broken. The number of an incident in the place
//! of a scenario plays that one under every option of the target; its demands are the judge `demands`, its number the promise.

use ifmatch_sim::incidents::{self, Incident};
use ifmatch_sim::{Violation, run_silently, scenario};
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
        let violations = match incidents::named(name) {
            Some(incident) => played(&incident, seed),
            None => run_silently(scenario::named(name, seed).unwrap_or_else(|| scenario::draw(seed))).violations,
        };
        for violation in &violations {
            writeln!(err, "seed {seed}: {} by {}: {}", violation.promise, violation.judge, violation.what)?;
        }
        let mut seen = violations.iter().filter(|violation| violation.judge == *judge);
        if seen.any(|violation| promises.contains(&violation.promise.as_str())) {
            return Ok(ExitCode::from(7));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What an incident came to under each option, unmet demands among it.
fn played(incident: &Incident, seed: u64) -> Vec<Violation> {
    let plain = incident.setup(seed);
    let variants = incidents::variants(&plain).into_iter().filter(|(name, _)| incident.is_tried_with(name));
    let setups = std::iter::once(("as it is".to_owned(), plain.clone())).chain(variants);
    let unmet = |(name, setup): (String, _)| {
        let played = incident.play(setup);
        let unmet = played.demands.into_iter().filter(|demand| !demand.holds);
        let told = unmet.map(move |demand| Violation {
            promise: incident.id.to_owned(),
            judge: "demands".to_owned(),
            what: format!("{name}: {}", demand.what),
        });
        played.violations.into_iter().chain(told).collect::<Vec<_>>()
    };
    setups.flat_map(unmet).collect()
}
