//! The tree of commands.

use crate::commands::{
    apply, audit, bench, brake, config, demo, explain, import, intents, lab, observe, probe, sandbox, serve, sim,
    sources, status,
};
use crate::error::Failure;
use crate::exit::{self, Exit};
use crate::output::{self, Form, Output};
use clap::{Parser, Subcommand};
use ifmatch_server::config::Environment;

/// Lands changes in APIs that guard their records with versions.
///
/// ifmatch takes intents ("set this score", "publish this week") and lands each one exactly once
/// in the target, merged with what other people changed meanwhile.
#[derive(Debug, Parser)]
#[command(name = "ifmatch", version, after_long_help = exit::HELP, after_help = "`ifmatch --help` also lists the exit codes.")]
pub(crate) struct Cli {
    /// Print data as JSON, one value per line.
    #[arg(long, global = true, help_heading = "Output")]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    Sandbox(sandbox::Args),
    Import(import::Args),
    Apply(apply::Args),
    Intents(intents::Args),
    Why(intents::WhyArgs),
    Pause(brake::PauseArgs),
    Resume(brake::ResumeArgs),
    Status(status::Args),
    Explain(explain::Args),
    Config(config::Args),
    Sources(sources::Args),
    Observe(observe::Args),
    Probe(probe::Args),
    Audit(audit::Args),
    Bench(bench::Args),
    Sim(sim::Args),
    Lab(lab::Args),
}

/// What every command gets beside its arguments.
#[derive(Debug)]
pub(crate) struct Context {
    /// Where it prints.
    pub(crate) out: Output,
    /// The environment variables.
    pub(crate) environment: Environment,
}

/// Reads the command line and runs it.
pub(crate) fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            output::usage(&error);
            return if error.use_stderr() { Exit::Usage } else { Exit::Done };
        }
    };
    let out = Output::new(if cli.json { Form::Json } else { Form::Text });
    let context = Context { out, environment: Environment::process() };
    dispatch(cli.command, &context).unwrap_or_else(|failure| {
        out.failure(&failure);
        failure.exit()
    })
}

fn dispatch(command: Command, context: &Context) -> Result<Exit, Failure> {
    match command {
        Command::Demo(args) => demo::run(&args, context),
        Command::Serve(args) => serve::run(&args, context),
        Command::Sandbox(args) => sandbox::run(&args, context),
        Command::Import(args) => import::run(&args, context),
        Command::Apply(args) => apply::run(&args, context),
        Command::Intents(args) => intents::run(args, context),
        Command::Why(args) => intents::why(&args, context),
        Command::Pause(args) => brake::pause(&args, context),
        Command::Resume(args) => brake::resume(&args, context),
        Command::Status(args) => status::run(&args, context),
        Command::Explain(args) => explain::run(&args, context),
        Command::Config(args) => config::run(&args, context),
        Command::Sources(args) => sources::run(&args, context),
        Command::Observe(args) => observe::run(&args, context),
        Command::Probe(args) => probe::run(&args, context),
        Command::Audit(args) => audit::run(&args, context),
        Command::Bench(args) => bench::run(&args, context),
        Command::Sim(args) => sim::run(&args, context),
        Command::Lab(args) => lab::run(&args, context),
    }
}

#[cfg(test)]
mod tests;
