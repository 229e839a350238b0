//! `cargo xtask ci`: everything that must hold before a change is merged.

use crate::{examples, run, say, sdk, tidy};
use anyhow::{Context as _, Result};
use std::process::Command;
use std::time::{Duration, Instant};

/// One step; the first that fails ends the run.
struct Stage {
    name: &'static str,
    run: fn() -> Result<()>,
}

const STAGES: &[Stage] = &[
    Stage { name: "C compiler", run: c_compiler },
    Stage { name: "rustfmt", run: rustfmt },
    Stage { name: "clippy", run: clippy },
    Stage { name: "build tests", run: build_tests },
    Stage { name: "test", run: test },
    Stage { name: "sdk", run: vendor_sdk },
    Stage { name: "examples", run: all_examples },
    Stage { name: "rustdoc", run: rustdoc },
    Stage { name: "tidy", run: tidy::run },
    Stage { name: "release build", run: release_build },
    Stage { name: "simulator", run: simulator },
    Stage { name: "demo", run: demo },
];

/// Runs the stages in order, each with its time.
///
/// # Errors
/// That of the first stage that fails, with its name.
pub(crate) fn run() -> Result<()> {
    let times = run_stages(STAGES)?;
    say::line("\nall stages passed:");
    for (name, time) in times {
        say::line(&format!("  {:>7.1} s  {name}", time.as_secs_f64()));
    }
    Ok(())
}

fn run_stages(stages: &[Stage]) -> Result<Vec<(&'static str, Duration)>> {
    let mut times = Vec::new();
    for Stage { name, run } in stages {
        say::line(&format!("\n== {name}"));
        let started = Instant::now();
        run().with_context(|| format!("ci failed in stage `{name}`"))?;
        let time = started.elapsed();
        say::line(&format!("== {name}: {:.1} s", time.as_secs_f64()));
        times.push((*name, time));
    }
    Ok(times)
}

/// The bundled SQLite is compiled from C.
fn c_compiler() -> Result<()> {
    if run::output(&mut run::program("cc", &["--version"])).is_ok() {
        return Ok(());
    }
    run::install(&["gcc", "libc6-dev"], "install a C compiler by hand; the bundled SQLite needs one")
}

fn rustfmt() -> Result<()> {
    run::pass(&mut run::cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

fn build_tests() -> Result<()> {
    cargo(&["test", "--workspace", "--locked", "--no-run"])
}

fn test() -> Result<()> {
    cargo(&["test", "--workspace", "--locked"])
}

/// With the binary that the test stage built.
fn vendor_sdk() -> Result<()> {
    sdk::check(&[])
}

/// With the same binary.
fn all_examples() -> Result<()> {
    examples::check(&[])
}

fn rustdoc() -> Result<()> {
    let mut command = run::cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    run::pass(command.env("RUSTDOCFLAGS", "-D warnings").env("CARGO_INCREMENTAL", "0"))
}

/// How many worlds run a second is a figure of the binary as it is released.
fn release_build() -> Result<()> {
    cargo(&["build", "--release", "--package", "ifmatch", "--locked"])
}

/// The same worlds each time, and some that nobody has run before: their seed is printed first, and they run with debug
/// assertions and checked arithmetic. The first ones run on one core, with nothing beside them: what they print is what a core does.
fn simulator() -> Result<()> {
    worlds("release", &["sim", "run", "--seeds", "1800", "--first-seed", "1", "--jobs", "1"])?;
    worlds("debug", &["sim", "run", "--seeds", "200"])?;
    worlds("release", &["sim", "run", "--seeds", "2000", "--first-seed", "1", "--scenario", "platform"])?;
    worlds("release", &["sim", "run", "--seeds", "200", "--first-seed", "1", "--scenario", "rest"])
}

/// Worlds take huge pages and keep what they were given, which the gateway does not (`docs/design/010-allocator.md`).
fn worlds(profile: &str, args: &[&str]) -> Result<()> {
    run::pass(built(profile, args)?.envs([("MIMALLOC_ALLOW_THP", "1"), ("MIMALLOC_PURGE_DELAY", "-1")]))
}

/// With the binary that the test stage built.
fn demo() -> Result<()> {
    run::pass(&mut built("debug", &["demo", "--json"])?)
}

/// Snapshots are compared and never written; nothing is built that only the next edit would use.
fn cargo(args: &[&str]) -> Result<()> {
    run::pass(run::cargo(args).env("INSTA_UPDATE", "no").env("CARGO_INCREMENTAL", "0"))
}

/// The binary that an earlier stage built in a profile.
fn built(profile: &str, args: &[&str]) -> Result<Command> {
    Ok(run::program(run::built(profile, "ifmatch")?, args))
}

#[cfg(test)]
mod tests;
