//! `ifmatch intents submit`: hands intents to the gateway, one or many.

mod input;

use super::outcome::{Standing, Waited, exit_of, refusals, summary};
use super::{describe, fetch, seconds};
use crate::cli::Context;
use crate::client::{Answer, Body, Connect, Gateway};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::field;
use http::Method;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How many lines one request carries: what goes wrong with a request then concerns few.
const LINES_MAX: usize = 500;

/// How many bytes one request carries, unless a single line is longer; half of what a gateway
/// takes by default.
const BYTES_MAX: usize = 4 << 20;

/// The longest single wait that is asked for.
const TURN: Duration = Duration::from_secs(20);

/// Submit intents from a file or from standard input.
///
/// Takes one JSON object, a JSON array, or one JSON object per line (NDJSON), and prints one
/// answer per intent in the order of the input. A refused line does not stop the others. Give
/// each intent an "idempotency_key": then the same file can be submitted again after anything.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch intents submit changes.ndjson --wait 30
  $ cat intent.json | ifmatch intents submit --json

Exit codes: 0 done, 2 something was refused or rejected, 3 something could not be taken,
4 something is in review, 5 not settled in time, 6 nothing had to change (with
--detailed-exitcode). The gravest counts: 3, 2, 4, 5.")]
pub(crate) struct Args {
    /// The file; `-` is standard input.
    #[arg(default_value = "-")]
    file: String,
    /// Wait so many seconds for all of them to settle.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    wait: Option<Duration>,
    /// Exit with 6 when every intent ended and none had to change anything.
    #[arg(long, requires = "wait")]
    detailed_exitcode: bool,
    #[command(flatten)]
    connect: Connect,
}

/// Runs the command.
pub(crate) async fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let lines = input::lines(&input::read(&args.file)?)?;
    let gateway = Gateway::open(&args.connect, &context.environment).await?;
    let started = Instant::now();
    let mut answers = Vec::with_capacity(lines.len());
    let mut ended = send(&gateway, &lines, &mut answers, context).await;
    if let (Ok(()), Some(wait)) = (&ended, args.wait) {
        ended = settle(&gateway, &mut answers, started + wait, context).await;
    }
    // What was answered is said even when the rest failed.
    for answer in &answers {
        context.out.data(answer, || describe::line(answer));
    }
    ended?;
    context.out.talk(&summary(&answers));
    for code in refusals(&answers) {
        context.out.talk(&format!("hint: `ifmatch explain {code}` says more"));
    }
    Ok(exit(args, &answers))
}

fn exit(args: &Args, answers: &[Value]) -> Exit {
    let standings: Vec<Standing> = answers.iter().map(Standing::of).collect();
    let unchanged = standings.iter().all(|standing| *standing == Standing::Unchanged);
    if args.detailed_exitcode && unchanged {
        return Exit::Nothing;
    }
    exit_of(&standings, if args.wait.is_some() { Waited::Yes } else { Waited::No })
}

/// Sends the lines in chunks; the answers are in their order.
async fn send(gateway: &Gateway, lines: &[String], answers: &mut Vec<Value>, context: &Context) -> Result<(), Failure> {
    let bar = context.out.progress(lines.len(), "submitting");
    for chunk in chunks(lines) {
        let answer = gateway.send(Method::POST, "/v1/intents", Body::lines(chunk), Duration::ZERO).await;
        let taken = answer.and_then(|answer| per_line(&answer, chunk.len()));
        answers.extend(taken.map_err(|failure| stopped(failure, answers.len()))?);
        bar.inc(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
    }
    bar.finish_and_clear();
    Ok(())
}

/// A failure after some chunks were answered.
fn stopped(failure: Failure, answered: usize) -> Failure {
    if answered == 0 {
        return failure;
    }
    let message = format!("the first {answered} intents were answered, then it stopped");
    let hint = "submit the file again: intents with an idempotency key are taken once";
    Failure { error: failure.error.context(message), ..failure }.hint(hint)
}

/// The lines in pieces that fit into a request.
fn chunks(mut lines: &[String]) -> Vec<&[String]> {
    let mut chunks = Vec::new();
    while !lines.is_empty() {
        let mut bytes = 0;
        let fits = lines.iter().take(LINES_MAX).take_while(|line| {
            bytes += line.len() + 1;
            bytes <= BYTES_MAX
        });
        let (chunk, rest) = lines.split_at(fits.count().max(1));
        chunks.push(chunk);
        lines = rest;
    }
    chunks
}

/// One answer per line of the chunk. Where every line was refused, the status is a refusal too,
/// and the lines say more than it does.
pub(crate) fn per_line(answer: &Answer, expected: usize) -> Result<Vec<Value>, Failure> {
    let lines = answer.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let results: Option<Vec<Value>> = lines.map(|line| serde_json::from_slice(line).ok().filter(is_result)).collect();
    match results {
        Some(results) if results.len() == expected => Ok(results),
        Some(results) if answer.status.is_success() => {
            let came = results.len();
            Err(Failure::remote(format!("{expected} intents were sent and {came} results came: is it a gateway?")))
        }
        None if answer.status.is_success() => {
            Err(Failure::remote("the answer is no list of results: is it a gateway?"))
        }
        _ => Err(answer.refusal()),
    }
}

/// Whether a line is an answer, or a refusal of its intent.
fn is_result(line: &Value) -> bool {
    line.get("id").is_some() || line.get("error").is_some()
}

/// Waits for those that are open, until an instant.
async fn settle(gateway: &Gateway, answers: &mut [Value], ends: Instant, context: &Context) -> Result<(), Failure> {
    let bar = context.out.progress(answers.len(), "settling");
    for answer in answers {
        while !Standing::of(answer).is_settled() {
            let left = ends.saturating_duration_since(Instant::now());
            *answer = fetch(gateway, &field(answer, "/id"), left.min(TURN)).await?;
            if left.is_zero() {
                break;
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

#[cfg(test)]
mod tests;
