//! `ifmatch status`: how the gateway stands, or one intent.

use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::commands::intents::{self, Standing, fetch, line};
use crate::commands::{apply, migration};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use crate::output::field;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Show how each org stands: intents by state, closed budgets, locks. Or how one intent or one plan stands.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch status
  $ ifmatch status int_01J8Z
  $ ifmatch status plan.json

A plan's standing is read from its journal; nobody is asked.

Exit codes with an ID: 0 settled, 2 rejected, 4 in review, 5 not settled.
Without one: 0; with --detailed-exitcode 4 when something is in review, 6 when nothing is open.")]
pub(crate) struct Args {
    /// An intent, or a plan's file.
    #[arg(value_parser = id)]
    id: Option<String>,
    /// Tell review and rest apart by the exit code.
    #[arg(long, conflicts_with = "id")]
    detailed_exitcode: bool,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    if let Some(plan) = args.id.as_deref().filter(|id| id.ends_with(PLAN)) {
        return of_plan(plan, context);
    }
    let answer = client::converse(async {
        let gateway = Gateway::open(&args.connect, &context.environment).await?;
        match &args.id {
            Some(id) => fetch(&gateway, id, Duration::ZERO).await,
            None => gateway.get("/v1/status", Duration::ZERO).await,
        }
    })?;
    if args.id.is_some() {
        context.out.data(&answer, || line(&answer));
        return Ok(Standing::of(&answer).exit());
    }
    context.out.data(&answer, || orgs(&answer).iter().map(page).collect::<Vec<_>>().join("\n"));
    Ok(if args.detailed_exitcode { detailed(orgs(&answer)) } else { Exit::Done })
}

/// How the file of a plan ends.
const PLAN: &str = ".json";

fn id(text: &str) -> Result<String, String> {
    if text.ends_with(PLAN) { Ok(text.to_owned()) } else { intents::id(text) }
}

fn of_plan(plan: &str, context: &Context) -> Result<Exit, Failure> {
    let account = apply::account(Path::new(plan))?;
    let value = serde_json::to_value(&account).map_err(|error| Failure::new(Kind::Bug, error))?;
    context.out.data(&value, || migration::account(&account, false));
    Ok(if account.complete { Exit::Done } else { Exit::Deferred })
}

fn orgs(answer: &Value) -> &[Value] {
    answer.get("orgs").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// States in which an intent has ended.
const ENDED: [&str; 7] = ["landed", "satisfied", "superseded", "rejected", "expired", "cancelled", "discarded"];

fn detailed(orgs: &[Value]) -> Exit {
    let counts: Vec<(&str, u64)> = orgs.iter().flat_map(counts).collect();
    let some = |wanted: &dyn Fn(&str) -> bool| counts.iter().any(|(state, count)| wanted(state) && *count > 0);
    if some(&|state| state == "review") {
        Exit::Review
    } else if some(&|state| !ENDED.contains(&state)) {
        Exit::Done
    } else {
        Exit::Nothing
    }
}

fn counts(org: &Value) -> Vec<(&str, u64)> {
    let counts = org.get("intents").and_then(Value::as_object);
    counts.into_iter().flatten().map(|(state, count)| (state.as_str(), count.as_u64().unwrap_or(0))).collect()
}

/// One org in a few lines.
fn page(org: &Value) -> String {
    let ready = if org.get("ready") == Some(&Value::Bool(true)) { "ready" } else { "reading its store" };
    let mut page = format!("{}: {ready}, {} on the wire\n", field(org, "/org"), field(org, "/in_flight"));
    let counts: Vec<String> = counts(org)
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {state}"))
        .collect();
    let counts = if counts.is_empty() { "none yet".to_owned() } else { counts.join(", ") };
    writeln!(page, "  intents: {counts}").expect("a text takes text");
    for budget in list(org, "closed_budgets") {
        writeln!(page, "  budget {} is closed until {}", field(budget, "/bucket"), field(budget, "/until"))
            .expect("a text takes text");
    }
    for lock in list(org, "locks") {
        let (domain, waiting, probe) = (field(lock, "/domain"), field(lock, "/waiting"), field(lock, "/next_probe"));
        writeln!(page, "  {waiting} wait for the lock of {domain}, next probe at {probe}").expect("a text takes text");
    }
    for doubt in list(org, "ambiguous") {
        let counts = ["/took_effect", "/no_effect", "/undecided"].map(|name| field(doubt, name));
        let [took, lost, undecided] = counts;
        let after = field(doubt, "/after");
        writeln!(
            page,
            "  writes in doubt after {after}: {took} took effect, {lost} did not, {undecided} nobody can tell"
        )
        .expect("a text takes text");
    }
    let many = |name: &str| org.get(name).and_then(Value::as_u64).unwrap_or(0);
    let (overwrites, repairs) = (many("overwrites"), many("repairs"));
    if overwrites + repairs > 0 {
        writeln!(page, "  overwrites since the start: {overwrites}, {repairs} not looked into or repaired yet")
            .expect("a text takes text");
    }
    if let Some(notices) = org.get("notices").filter(|notices| !notices.is_null()) {
        writeln!(page, "  notices: {}", heard(notices)).expect("a text takes text");
    }
    for sink in list(org, "sinks") {
        writeln!(page, "  sink {}: {}", field(sink, "/name"), tells(sink)).expect("a text takes text");
    }
    page
}

/// How a sink stands: what it told, and what went wrong last.
fn tells(sink: &Value) -> String {
    let count = |name: &str| sink.get(name).and_then(Value::as_u64).unwrap_or(0);
    let mut words = format!("{} told, {} failed, {} given up", count("told"), count("failed"), count("given_up"));
    if count("open_incidents") > 0 {
        write!(words, ", {} open incidents", count("open_incidents")).expect("a text takes text");
    }
    last_error(sink, &mut words);
    words
}

fn last_error(of: &Value, words: &mut String) {
    if let Some(error) = of.get("last_error").filter(|error| !error.is_null()) {
        let (at, message) = (field(error, "/at"), field(error, "/message"));
        write!(words, "; last error at {at}: {message}").expect("a text takes text");
    }
}

/// How the org listens to what its target tells by itself.
fn heard(notices: &Value) -> String {
    let count = |name: &str| notices.get(name).and_then(Value::as_u64).unwrap_or(0);
    let mut words = match notices.get("connected_since").and_then(Value::as_str) {
        Some(since) => format!("connected since {since}"),
        None if count("channels") == 0 => return "nothing was written yet that is told of".to_owned(),
        None => "not connected".to_owned(),
    };
    let (received, dropped, reconnects) = (count("received"), count("dropped"), count("reconnects"));
    write!(words, ", {received} received, {dropped} dropped, {reconnects} reconnects").expect("a text takes text");
    last_error(notices, &mut words);
    words
}

fn list<'a>(org: &'a Value, name: &str) -> &'a [Value] {
    org.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests;
