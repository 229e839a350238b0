//! Developer commands: `cargo xtask <ci | tidy | docs | sdk | examples | bench | mutants>`.

mod bench;
mod ci;
mod docs;
mod examples;
mod mutants;
mod python;
mod run;
mod say;
mod sdk;
mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <command>

  ci      everything that must hold before a change is merged; stops at the first stage that fails
  tidy    the checks that neither the compiler nor clippy makes
  docs    print the generated documents anew
  sdk     the vendor's SDK against the sandbox: all tests, or those named
  examples what examples/ holds, as its reader would use it: all, or those named
  bench   run the benches of the release binary; arguments are passed on
  mutants break the engine in many ways and see whether the simulator notices: --list, --only NAME, --write";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next();
    let rest: Vec<String> = words.collect();
    match dispatch(command.as_deref(), &rest) {
        None => {
            say::line(USAGE);
            ExitCode::from(2)
        }
        Some(Ok(())) => ExitCode::SUCCESS,
        Some(Err(error)) => {
            say::line(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a command; `None` where the words are no command.
fn dispatch(command: Option<&str>, rest: &[String]) -> Option<anyhow::Result<()>> {
    match (command, rest) {
        (Some("ci"), []) => Some(ci::run()),
        (Some("tidy"), []) => Some(tidy::run()),
        (Some("docs"), []) => Some(docs::run()),
        (Some("sdk"), rest) => Some(sdk::run(rest)),
        (Some("examples"), rest) => Some(examples::run(rest)),
        (Some("mutants"), rest) => Some(mutants::run(rest)),
        (Some("bench"), rest) => Some(bench::run(rest)),
        _ => None,
    }
}
