//! `ifmatch apply`: carries a plan out, from wherever an earlier run stopped.

mod carry;
mod journal;
pub(crate) mod line;

use crate::cli::Context;
use crate::client::{self, Connect};
use crate::commands::intents::seconds;
use crate::commands::migration::{self, target};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use anyhow::{Context as _, anyhow};
use carry::Carrier;
use ifmatch_core::{Digest, OrgName};
use ifmatch_server::journal::JournalFile;
use ifmatch_sources::migration::{Account, Agents, Checked, Outcome, Plan, Survey};
use line::GatewayLine;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Carry a plan out: submit its rows, wait until they have settled, account for every row of the file.
///
/// Rows `create` and `update` become intents of class bulk. What happened is written to PLAN.json.journal, so that the same command
/// goes on after a kill, a crash or a time-out; submitting twice is harmless. Rows that are in review, on hold or rejected in the plan
/// are not submitted: they are in the account with their reasons.
///
/// The first row goes ahead alone. Where the target refuses three rows for one and the same rule, shape or right before it has taken
/// any, the rest stays here until --go-on.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch import zendesk-shift-trades trades.csv --plan plan.json
  $ ifmatch apply plan.json --report report.json

The same command, after anything, goes on where it stopped.

Exit codes: 0 every row is accounted for and needs nobody, 2 the gateway or the target refused a row, 3 the gateway is out of reach,
4 rows are in review or on hold, 5 rows have not settled in time, 6 there was nothing to do (with --detailed-exitcode).
The gravest counts: 2, 4, 5.")]
pub(crate) struct Args {
    /// The plan.
    plan: PathBuf,
    /// The org to land it in, where the plan names none; else the only one of the gateway.
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Who the addresses are, for a plan that was made without knowing: CSV with the columns email and id, or JSON.
    #[arg(long, value_name = "FILE")]
    agents: Option<PathBuf>,
    /// Write the account of every row here, as JSON.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Wait at most so many seconds for rows to settle.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    timeout: Duration,
    /// Submit all rows and do not wait until they have settled.
    #[arg(long)]
    no_wait: bool,
    /// Submit the rest although the first rows were refused alike.
    #[arg(long)]
    go_on: bool,
    /// List every row that needs somebody.
    #[arg(long)]
    all: bool,
    /// Exit with 6 when nothing was left to submit and nothing was open.
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let (mut plan, digest) = read(&args.plan)?;
    same_file(&plan, context)?;
    let mut journal = journal::open(&args.plan, &digest)?;
    let idle = journal.state.rows.values().filter(|row| row.has_ended()).count() >= plan.applied().count();
    let ended = match idle {
        true => Ok(()),
        false => client::converse(carry(args, context, &mut plan, &mut journal)),
    };
    // What was done is said even when the rest failed.
    let account = Account::of(&plan, &journal.state);
    let value = serde_json::to_value(&account).map_err(|error| Failure::new(Kind::Bug, error))?;
    if let Some(report) = &args.report {
        migration::write(report, &format!("{value:#}\n"))?;
    }
    context.out.data(&value, || migration::account(&account, args.all));
    ended.map_err(|failure| stopped(failure, &args.plan))?;
    Ok(exit(args, &account, idle))
}

/// Where a plan stands by its journal, without asking anybody.
pub(crate) fn account(plan: &Path) -> Result<Account, Failure> {
    let (read, digest) = read(plan)?;
    Ok(Account::of(&read, &journal::peek(plan, &digest)?))
}

fn read(file: &Path) -> Result<(Plan, Digest), Failure> {
    let bytes = migration::read(file)?;
    let plan: Plan =
        serde_json::from_slice(&bytes).with_context(|| format!("{} is no plan", file.display())).map_err(|error| {
            Failure::new(Kind::User, error).hint("`ifmatch import KIND FILE --plan OUT.json` makes one")
        })?;
    Ok((plan, Digest::of(&bytes)))
}

/// The file that was planned must not say something else by now.
fn same_file(plan: &Plan, context: &Context) -> Result<(), Failure> {
    let Ok(bytes) = std::fs::read(&plan.file) else {
        context.out.talk(&format!("{} is not there any more; the plan is applied as it is", plan.file));
        return Ok(());
    };
    if Digest::of(&bytes).to_string() == format!("sha256:{}", plan.sha256) {
        return Ok(());
    }
    let failure = Failure::user(format!("{} is not the file that was planned: its content has changed", plan.file));
    Err(failure.hint("import it again: rows that are the same keep their keys and are taken once"))
}

async fn carry(args: &Args, context: &Context, plan: &mut Plan, journal: &mut JournalFile) -> Result<(), Failure> {
    let mut line = GatewayLine::open(&args.connect, &context.environment).await?;
    let org = match (&args.org, &plan.org) {
        (Some(org), _) => OrgName::from(org.as_str()),
        (None, Some(org)) => org.clone(),
        (None, None) => target::only_org(line.gateway()).await?.ok_or_else(|| {
            Failure::user("the plan names no org and the gateway has several").hint("name one with --org")
        })?,
    };
    plan.set_org(&org);
    resolve(args, plan, journal, &line).await?;
    let moved = moved(plan, journal, &line, context).await;
    let until = Instant::now() + args.timeout;
    let at_once = args.go_on || args.no_wait;
    let mut carrier = Carrier::new(plan, journal, &moved, at_once);
    carrier.run(&mut line, until, args.no_wait, context).await?;
    match carrier.refusal() {
        Some(refusal) => Err(Failure::new(Kind::User, anyhow!(refusal.reason.clone()).context(refusal.to_string()))
            .hint("mend the file or the target's rules and import it again; the rest goes all the same with --go-on")),
        None => Ok(()),
    }
}

/// Finds out who the addresses are, where the plan does not know. Rows of nobody are refused, and the journal says so.
async fn resolve(
    args: &Args,
    plan: &mut Plan,
    journal: &mut JournalFile,
    line: &GatewayLine<'_>,
) -> Result<(), Failure> {
    if !Agents::are_missing(plan) {
        return Ok(());
    }
    let agents = match &args.agents {
        Some(file) => Some(migration::agents(file)?),
        None => target::sandbox_agents(line.gateway()).await?,
    };
    let agents = agents.ok_or_else(|| {
        Failure::user("the plan names agents by address, and this target has no directory of them")
            .hint("give a list with --agents FILE (columns email and id), here or at the import")
    })?;
    let refused = agents.resolve_left(plan, &journal.state);
    journal.write(refused).map_err(journal::failure)
}

/// Rows not submitted yet whose record is not what the plan saw. The engine merges them; here they are only named.
async fn moved(plan: &Plan, journal: &JournalFile, line: &GatewayLine<'_>, context: &Context) -> BTreeMap<u64, u64> {
    let fresh = plan.applied().any(|row| !journal.state.rows.contains_key(&row.row));
    if plan.target == Checked::Unchecked || !fresh {
        return BTreeMap::new();
    }
    match target::asked(line.gateway(), Survey::again(plan)).await {
        Ok(survey) => survey.moved(plan),
        Err(failure) => {
            context.out.talk(&format!("what moved since the plan was made is not known: {}", failure.error));
            BTreeMap::new()
        }
    }
}

fn stopped(failure: Failure, plan: &Path) -> Failure {
    if failure.kind != Kind::Remote {
        return failure;
    }
    let hint = format!("run `ifmatch apply {}` again: it goes on where it stopped", plan.display());
    Failure { error: failure.error.context(anyhow!("not all rows were carried out")), ..failure }.hint(hint)
}

fn exit(args: &Args, account: &Account, idle: bool) -> Exit {
    let some = |outcomes: &[Outcome]| outcomes.iter().any(|outcome| account.total(*outcome) > 0);
    let refused =
        |entry: &ifmatch_sources::migration::Entry| entry.outcome == Outcome::Rejected && entry.verdict.is_applied();
    if idle && args.detailed_exitcode {
        Exit::Nothing
    } else if account.account.iter().any(refused) {
        Exit::Usage
    } else if some(&[Outcome::Review, Outcome::Hold]) {
        Exit::Review
    } else if some(&[Outcome::Expired]) || (!args.no_wait && !account.complete) {
        Exit::Deferred
    } else {
        Exit::Done
    }
}
