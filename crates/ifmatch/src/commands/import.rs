//! `ifmatch import`: plans a file of a foreign system. Nothing is written but the plan.

mod text;

use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::commands::migration::{self, target};
use crate::error::{self, Failure};
use crate::exit::Exit;
use clap::ValueEnum;
use ifmatch_core::OrgName;
use ifmatch_sources::migration::{Agents, Assumed, Forecast, Kind, Plan, ReadError, Reading, Verdict, compare, read};
use ifmatch_sources::readers::LocalTimes;
use jiff::civil::Weekday;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The org of a plan that nobody gave one; the gateway that applies it fills its own in.
const UNNAMED: &str = "unnamed";

/// Plan the rows of a file: what each would do in the target, and what a person must decide first.
///
/// KIND is zendesk-shift-trades or zendesk-time-off (CSV), servicenow-quality-reviews, scheduler-week or scheduler-changes (NDJSON). Nothing is changed:
/// `ifmatch apply` carries the plan out. The target is asked where a gateway answers and the caller is a source; otherwise the plan is
/// made from the file alone and says "unchecked".
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch import zendesk-shift-trades trades.csv --plan plan.json
  $ ifmatch import zendesk-shift-trades trades.csv --plan plan.json --offline --agents agents.csv
  $ ifmatch import servicenow-quality-reviews reviews.ndjson --plan plan.json --time-zone Europe/Paris
  $ ifmatch apply plan.json

Exit codes: 0 planned; with --detailed-exitcode 4 when rows need a person, 6 when there is nothing to apply.
docs/MIGRATION.md leads through a migration.")]
pub(crate) struct Args {
    /// What the file is.
    kind: Kind,
    /// The file.
    file: PathBuf,
    /// Where the plan goes; without it only the summary is shown.
    #[arg(long, value_name = "OUT.json")]
    plan: Option<PathBuf>,
    /// The org that the rows belong to; else the only one of the gateway.
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Land settled requests that changed nothing (denied) too, as history.
    #[arg(long)]
    history: bool,
    /// What a local time without offset means that the clock shows twice or never.
    #[arg(long, value_enum, value_name = "POLICY", default_value = "review")]
    local_times: Policy,
    /// Who the addresses are: CSV with the columns email and id, or JSON.
    #[arg(long, value_name = "FILE")]
    agents: Option<PathBuf>,
    /// Zone of local times, for files that do not say it (quality reviews, time off).
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The target's schedule, for files that do not say it (scheduler-week, scheduler-changes).
    #[arg(long, value_name = "ID")]
    schedule: Option<String>,
    /// The target's management unit, for files that do not say it (zendesk-time-off).
    #[arg(long, value_name = "ID")]
    management_unit: Option<String>,
    /// What the source's reasons are in the target: CSV with the columns reason and code (zendesk-time-off).
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    /// The user under whom our own write-back appears in the source.
    #[arg(long, value_name = "USER", default_value = "wfm.integration")]
    echo_user: String,
    /// Requests per minute that the target allows, for the forecast.
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    budget: u32,
    /// Ask nobody: plan from the file alone.
    #[arg(long)]
    offline: bool,
    /// Fail where the target cannot be asked, rather than plan without it.
    #[arg(long, conflicts_with = "offline")]
    checked: bool,
    /// List every row that needs a person.
    #[arg(long)]
    all: bool,
    /// Tell rows that need a person and rest apart by the exit code.
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    connect: Connect,
}

/// What somebody says about names of the file.
struct Known {
    agents: Option<Agents>,
    codes: Option<BTreeMap<String, String>>,
}

/// What a repeated or missing hour means.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Policy {
    /// A person decides; the plan names both instants.
    Review,
    /// The row is rejected.
    Reject,
    /// The earlier instant.
    Earlier,
    /// The later instant.
    Later,
    /// The earlier of two, the later where the hour is missing.
    Compatible,
}

impl Policy {
    fn local_times(self) -> LocalTimes {
        match self {
            Self::Review => LocalTimes::Review,
            Self::Reject => LocalTimes::Reject,
            Self::Earlier => LocalTimes::Earlier,
            Self::Later => LocalTimes::Later,
            Self::Compatible => LocalTimes::Compatible,
        }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let bytes = migration::read(&args.file)?;
    let known = Known {
        agents: args.agents.as_deref().map(migration::agents).transpose()?,
        codes: args.codes.as_deref().map(migration::codes).transpose()?,
    };
    // A file that is none is said before anybody is asked.
    let alone = plan(args, &bytes, args.org.as_deref(), &known)?;
    let mut plan = match ask(args, &bytes, known, context)? {
        Some(plan) => plan,
        None => alone,
    };
    plan.forecast = Some(Forecast::of(&plan, Assumed::at(args.budget)));
    let value = serde_json::to_value(&plan).map_err(|error| Failure::new(error::Kind::Bug, error))?;
    if let Some(out) = &args.plan {
        migration::write(out, &format!("{:#}\n", value))?;
    }
    context.out.data(&value, || text::summary(&plan, args.plan.as_deref(), args.all));
    Ok(exit(args, &plan))
}

fn exit(args: &Args, plan: &Plan) -> Exit {
    if !args.detailed_exitcode {
        Exit::Done
    } else if plan.rows.iter().any(|row| row.verdict.needs_person()) {
        Exit::Review
    } else if plan.applied().next().is_none() {
        Exit::Nothing
    } else {
        Exit::Done
    }
}

/// The plan by the file alone.
fn plan(args: &Args, bytes: &[u8], org: Option<&str>, known: &Known) -> Result<Plan, Failure> {
    let reading = Reading {
        file: &args.file.to_string_lossy(),
        kind: args.kind,
        org: &OrgName::from(org.unwrap_or(UNNAMED)),
        agents: known.agents.as_ref(),
        history: args.history,
        local_times: args.local_times.local_times(),
        week_starts: Weekday::Monday,
        time_zone: args.time_zone.as_deref(),
        schedule: args.schedule.as_deref(),
        management_unit: args.management_unit.as_deref(),
        codes: known.codes.as_ref(),
        echo_user: &args.echo_user,
    };
    let mut plan = read(&reading, bytes).map_err(|error| {
        let hint = match &error {
            ReadError::Unsaid { what: "schedule", .. } => "name it with --schedule ID",
            ReadError::Unsaid { what: "management unit", .. } => "name it with --management-unit ID",
            ReadError::Unsaid { what: "activity codes", .. } => "give them with --codes FILE (columns reason and code)",
            ReadError::Unsaid { what: "agents", .. } => "give them with --agents FILE (columns email and id)",
            ReadError::Unsaid { .. } => "name it with --time-zone, such as Europe/Paris",
            ReadError::File(_) | ReadError::Empty => "`ifmatch import --help` lists the kinds of files",
        };
        Failure::new(error::Kind::User, error).hint(hint)
    })?;
    plan.org = org.map(OrgName::from);
    Ok(plan)
}

/// The plan with what the target holds; `None` where it is not asked, which is said.
fn ask(args: &Args, bytes: &[u8], known: Known, context: &Context) -> Result<Option<Plan>, Failure> {
    if args.offline {
        return Ok(None);
    }
    let is_named = args.connect.is_named(&context.environment);
    let asked = client::converse(async {
        let gateway = Gateway::open(&args.connect, &context.environment).await?;
        checked(args, bytes, known, &gateway).await
    });
    match asked {
        Ok(plan) => Ok(plan),
        // Who names a gateway means it, and a target that is not asked by accident is worse than an error.
        Err(failure) if args.checked || (is_named && failure.kind != error::Kind::Config) => Err(failure),
        Err(failure) => {
            context.out.talk(&format!("the target is not asked, the plan is unchecked: {}", failure.error));
            Ok(None)
        }
    }
}

async fn checked(args: &Args, bytes: &[u8], mut known: Known, gateway: &Gateway) -> Result<Option<Plan>, Failure> {
    let org = match &args.org {
        Some(org) => Some(OrgName::from(org.as_str())),
        None => target::only_org(gateway).await?,
    };
    let Some(org) = org else {
        return Err(Failure::user("the gateway serves several orgs").hint("name one with --org"));
    };
    if known.agents.is_none() && args.kind.names_agents_by_email() {
        known.agents = target::sandbox_agents(gateway).await?;
    }
    if args.kind.names_agents_by_email() && known.agents.is_none() {
        let failure = Failure::new(
            error::Kind::Config,
            anyhow::anyhow!("the rows name agents by address, and this target has no directory of them"),
        );
        return Err(failure.hint("give a list with --agents FILE (columns email and id)"));
    }
    let mut plan = plan(args, bytes, Some(org.as_str()), &known)?;
    match (args.kind, &args.schedule) {
        (Kind::ZendeskShiftTrades, _) => {
            let trades = target::trades(gateway).await?;
            compare::trades(&mut plan, &compare::Trades::of(&trades));
        }
        (Kind::SchedulerWeek, Some(id)) => compare::weeks(&mut plan, &target::schedule(gateway, id).await?),
        // Each row of these builds on the one before it: the target tells about the first at most.
        (Kind::ServicenowQualityReviews | Kind::SchedulerChanges | Kind::SchedulerWeek | Kind::ZendeskTimeOff, _) => {}
    }
    Ok(Some(plan))
}

/// The rows of a plan that somebody must look at.
fn needing(plan: &Plan) -> impl Iterator<Item = &ifmatch_sources::migration::PlanRow> {
    let order = |verdict: Verdict| [Verdict::Review, Verdict::Reject, Verdict::Hold].iter().position(|v| *v == verdict);
    let mut rows: Vec<_> = plan.rows.iter().filter(|row| row.verdict.needs_person()).collect();
    rows.sort_by_key(|row| (order(row.verdict), row.row));
    rows.into_iter()
}
