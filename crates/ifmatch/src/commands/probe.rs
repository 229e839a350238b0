//! `ifmatch probe`: asks a target what it does where its pages are silent, and prints a certificate.

mod person;
mod table;

use crate::cli::Context;
use crate::commands::config;
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::log;
use anyhow::Context as _;
use ifmatch_dialects::probe::{Certificate, Writes};
use ifmatch_server::config::{Flags, OrgSettings, load};
use ifmatch_server::{ProbeError, ProbeSetup, Signals};
use person::Person;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What the log says where nothing else is asked for: the announcements are talk enough.
const LOG: &str = "warn";

/// Ask a target what it does where its pages are silent, and print a certificate of it.
///
/// It reads mostly, within the target's budget, and leaves a tenth of that to others. Test writes go to the records that
/// --record names and to no others; each is announced before, asked for on a terminal, and undone. Without consent what they
/// would tell stays unknown. Ctrl-C puts back what is changed; a second one ends at once and says what is left.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch probe --org acme --read-only
  $ ifmatch probe --org acme --record quality-score/qs-118 --out acme.certificate.json
  $ ifmatch probe --record agent-schedule/s-7/6f1c --record agent-schedule/s-7/88d2 --yes --json

Two records of one kind tell what a write of several does when one of them is stale.
`certificate = \"acme.certificate.json\"` in the [[org]] has `ifmatch serve` use it.")]
pub(crate) struct Args {
    #[command(flatten)]
    file: config::File,
    /// The org of the configuration [default: the only one].
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// A record for test writes; may be given several times.
    #[arg(long = "record", value_name = "KIND/ID", value_parser = record)]
    records: Vec<(String, String)>,
    /// Make no test writes.
    #[arg(long, conflicts_with = "yes")]
    read_only: bool,
    /// Consent to all test writes, for scripts.
    #[arg(long)]
    yes: bool,
    /// Use up a window of requests to see how the target refuses; it is then closed for everybody who shares it.
    #[arg(long)]
    exhaust_window: bool,
    /// Write the certificate to a file as well.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let org = org(args, context)?;
    log::start(&context.environment, LOG)?;
    let bug = |error| Failure::new(Kind::Bug, error);
    let runtime = tokio::runtime::Runtime::new().context("the runtime does not start").map_err(bug)?;
    let outcome = runtime.block_on(async {
        let signals = Signals::listen().context("signals cannot be waited for").map_err(bug)?;
        let mut person = Person::new(context.out, signals, args.yes);
        let mut records = args.records.clone();
        if records.is_empty() && !args.read_only && !args.yes {
            records = person.records().await;
        }
        let writes = if args.read_only { Writes::Never } else { Writes::Asked };
        let setup = ProbeSetup { org, records, writes, exhaust_window: args.exhaust_window };
        let outcome = ifmatch_server::probe(setup, &mut person).await.map_err(failure);
        outcome.map(|certificate| (certificate, person.is_stopped()))
    });
    // Somebody may still be asked something: nobody waits for the answer.
    runtime.shutdown_background();
    let (certificate, stopped) = outcome?;
    if let Some(file) = &args.out {
        write(file, &certificate)?;
        context.out.talk(&format!("written to {}", file.display()));
    }
    context.out.data(&json!(certificate), || table::text(&certificate));
    if let Some(left) = certificate.records.iter().find(|record| !record.restored) {
        return Err(Failure::remote(format!("{} may not be as it was", left.record)).hint("look at it in the target"));
    }
    Ok(if stopped { Exit::Deferred } else { Exit::Done })
}

fn org(args: &Args, context: &Context) -> Result<OrgSettings, Failure> {
    let loaded = load(&Flags { file: args.file.path(), ..Flags::default() }, &context.environment)?;
    for warning in &loaded.warnings {
        context.out.talk(&format!("warning: {warning}"));
    }
    let orgs = loaded.config.orgs;
    let names = orgs.iter().map(|org| org.name.clone()).collect::<Vec<_>>().join(", ");
    let missing = |message: String, hint: String| Failure::new(Kind::Config, anyhow::anyhow!(message)).hint(hint);
    match (&args.org, orgs.len()) {
        (_, 0) => Err(missing(
            "the configuration has no org: there is nothing to probe".to_owned(),
            "add an [[org]]; `ifmatch config print --default` shows one".to_owned(),
        )),
        (None, 1) => Ok(orgs.into_iter().next().expect("there is one")),
        (None, _) => {
            Err(missing("the configuration has several orgs".to_owned(), format!("give --org, one of {names}")))
        }
        (Some(name), _) => orgs
            .into_iter()
            .find(|org| org.name == *name)
            .ok_or_else(|| missing(format!("there is no org named {name:?}"), format!("give one of {names}"))),
    }
}

/// `quality-score/qs-118`: the kind, then the id, in which there may be more of them.
fn record(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((kind, id)) if !kind.is_empty() && !id.is_empty() => Ok((kind.to_owned(), id.to_owned())),
        _ => Err("not KIND/ID".to_owned()),
    }
}

fn write(file: &Path, certificate: &Certificate) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(certificate).expect("a certificate is JSON");
    text.push('\n');
    std::fs::write(file, text)
        .with_context(|| format!("{} cannot be written", file.display()))
        .map_err(|error| Failure::new(Kind::User, error))
}

fn failure(error: ProbeError) -> Failure {
    match &error {
        ProbeError::UnknownKind { kinds, .. } => {
            let hint = format!("name a record of one of {}", kinds.join(", "));
            Failure::new(Kind::User, error).hint(hint)
        }
        ProbeError::NoToken(_) => {
            Failure::new(Kind::Remote, error).hint("check login_url, client_id and the secret of the org")
        }
        ProbeError::Ended(_) => Failure::new(Kind::Remote, error),
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the arguments.

    use super::*;

    #[test]
    fn a_record_is_a_kind_and_an_id_that_may_have_parts() {
        assert_eq!(record("agent-schedule/s-7/6f1c"), Ok(("agent-schedule".to_owned(), "s-7/6f1c".to_owned())));
        assert!(record("quality-score").is_err() && record("/x").is_err() && record("x/").is_err());
    }
}
