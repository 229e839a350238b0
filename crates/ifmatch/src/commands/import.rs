//! `ifmatch import`: plans a file of a foreign system. Nothing is written but the plan.

mod text;

use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::commands::migration::{self, target};
use crate::error::{self, Failure};
use crate::exit::Exit;
use clap::ValueEnum;
use ifmatch_core::OrgName;
use ifmatch_sources::migration::{Import, Kind, Plan, ReadError, Verdict};
use ifmatch_sources::readers::LocalTimes;
use std::path::PathBuf;

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
    #[arg(long, value_name = "USER", default_value = Import::ECHO_USER)]
    echo_user: String,
    /// Requests per minute that the target allows, for the forecast.
    #[arg(long, value_name = "N", default_value_t = Import::BUDGET, value_parser = clap::value_parser!(u32).range(1..))]
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
    let import = import(args)?;
    // A file that is none is said before anybody is asked.
    let alone = import.alone(&bytes).map_err(refused)?;
    let plan = ask(args, &bytes, import, context)?.unwrap_or(alone);
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

/// What is known of the file.
fn import(args: &Args) -> Result<Import, Failure> {
    Ok(Import {
        org: args.org.as_deref().map(OrgName::from),
        agents: args.agents.as_deref().map(migration::agents).transpose()?,
        history: args.history,
        local_times: args.local_times.local_times(),
        time_zone: args.time_zone.clone(),
        schedule: args.schedule.clone(),
        management_unit: args.management_unit.clone(),
        codes: args.codes.as_deref().map(migration::codes).transpose()?,
        echo_user: args.echo_user.clone(),
        budget: args.budget,
        ..Import::new(args.kind, &args.file.to_string_lossy())
    })
}

fn refused(error: ReadError) -> Failure {
    let hint = match &error {
        ReadError::Unsaid { what: "schedule", .. } => "name it with --schedule ID",
        ReadError::Unsaid { what: "management unit", .. } => "name it with --management-unit ID",
        ReadError::Unsaid { what: "activity codes", .. } => "give them with --codes FILE (columns reason and code)",
        ReadError::Unsaid { what: "agents", .. } => "give them with --agents FILE (columns email and id)",
        ReadError::Unsaid { .. } => "name it with --time-zone, such as Europe/Paris",
        ReadError::File(_) | ReadError::Empty => "`ifmatch import --help` lists the kinds of files",
    };
    Failure::new(error::Kind::User, error).hint(hint)
}

/// The plan with what the target holds; `None` where it is not asked, which is said.
fn ask(args: &Args, bytes: &[u8], import: Import, context: &Context) -> Result<Option<Plan>, Failure> {
    if args.offline {
        return Ok(None);
    }
    let is_named = args.connect.is_named(&context.environment);
    let asked = client::converse(async {
        let gateway = Gateway::open(&args.connect, &context.environment).await?;
        checked(bytes, import, &gateway).await.map(Some)
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

async fn checked(bytes: &[u8], mut import: Import, gateway: &Gateway) -> Result<Plan, Failure> {
    if import.org.is_none() {
        import.org = target::only_org(gateway).await?;
    }
    if import.org.is_none() {
        return Err(Failure::user("the gateway serves several orgs").hint("name one with --org"));
    }
    if import.wants_agents() {
        import.agents = target::sandbox_agents(gateway).await?;
    }
    if import.wants_agents() {
        let failure = Failure::new(
            error::Kind::Config,
            anyhow::anyhow!("the rows name agents by address, and this target has no directory of them"),
        );
        return Err(failure.hint("give a list with --agents FILE (columns email and id)"));
    }
    let survey = target::asked(gateway, import.survey()).await?;
    import.checked(bytes, &survey).map_err(refused)
}

/// The rows of a plan that somebody must look at.
fn needing(plan: &Plan) -> impl Iterator<Item = &ifmatch_sources::migration::PlanRow> {
    let order = |verdict: Verdict| [Verdict::Review, Verdict::Reject, Verdict::Hold].iter().position(|v| *v == verdict);
    let mut rows: Vec<_> = plan.rows.iter().filter(|row| row.verdict.needs_person()).collect();
    rows.sort_by_key(|row| (order(row.verdict), row.row));
    rows.into_iter()
}
