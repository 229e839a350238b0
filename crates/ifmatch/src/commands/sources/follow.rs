//! What became of a file, looked at until it rests; the same for every command that starts one.

use crate::cli::Context;
use crate::client::{Body, Connect};
use crate::commands::apply::line::GatewayLine;
use crate::commands::intents::seconds;
use crate::commands::migration;
use crate::error::Failure;
use crate::exit::Exit;
use crate::output::field;
use http::Method;
use indicatif::ProgressBar;
use serde_json::Value;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// From one look to the next.
const LOOK: Duration = Duration::from_millis(200);

/// What is said at the end of `--help` of these commands.
pub(super) const EXITS: &str = "Exit codes: 0 every row is accounted for and none is refused, 2 the file or some of its rows are refused, 3 the gateway is out \
of reach, 4 the file is held or records without a row were left alone, 5 it does not rest in time, 6 nothing was to be done (with --detailed-exitcode).";

/// How a file is followed.
#[derive(Debug, clap::Args)]
pub(super) struct Follow {
    /// Wait at most so many seconds until every row is accounted for.
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = seconds)]
    timeout: Duration,
    /// Do not wait.
    #[arg(long)]
    no_wait: bool,
    /// Write the account here, a line of JSON for each row.
    #[arg(long, value_name = "FILE", conflicts_with = "no_wait")]
    account: Option<PathBuf>,
    /// Exit with 6 when nothing was to be done.
    #[arg(long)]
    detailed_exitcode: bool,
    #[command(flatten)]
    pub(super) connect: Connect,
}

/// A text as part of a path.
pub(super) fn part(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

impl Follow {
    /// Looks at a file until it rests, tells of it, and says how it ended.
    pub(super) async fn to_its_end(
        &self,
        line: &mut GatewayLine<'_>,
        source: &str,
        begun: Value,
        rows: usize,
        context: &Context,
    ) -> Result<Exit, Failure> {
        let path = format!("/v1/files/{}/{}", part(source), field(&begun, "/id"));
        let bar = context.out.progress(rows, "rows");
        let file = self.wait(line, &path, begun, &bar).await;
        bar.finish_and_clear();
        let file = file?;
        if let Some(to) = &self.account {
            let answer =
                line.send(Method::GET, &format!("{path}/account"), &Body::empty(), Duration::from_secs(60)).await?;
            if !answer.status.is_success() {
                return Err(answer.refusal());
            }
            migration::write(to, &String::from_utf8_lossy(&answer.body))?;
        }
        context.out.data(&file, || text(&file));
        Ok(self.exit(&file))
    }

    async fn wait(
        &self,
        line: &mut GatewayLine<'_>,
        path: &str,
        begun: Value,
        bar: &ProgressBar,
    ) -> Result<Value, Failure> {
        let (started, mut file) = (Instant::now(), begun);
        while !self.no_wait && file["ended"] != true && started.elapsed() < self.timeout {
            tokio::time::sleep(LOOK).await;
            file = line.send(Method::GET, path, &Body::empty(), Duration::ZERO).await?.success()?;
            bar.set_position(file["rows_so_far"].as_u64().unwrap_or(0));
        }
        Ok(file)
    }

    fn exit(&self, file: &Value) -> Exit {
        let total = |outcomes: &[&str]| outcomes.iter().filter_map(|name| file["totals"][name].as_u64()).sum::<u64>();
        match file["state"].as_str() {
            Some("held") => Exit::Review,
            Some("refused") => Exit::Usage,
            _ if file["ended"] != true && self.no_wait => Exit::Done,
            _ if file["ended"] != true => Exit::Deferred,
            _ if file["repeated"] == true => self.nothing(),
            _ if total(&["refused"]) > 0 => Exit::Usage,
            _ if total(&["withheld"]) > 0 || file["code"].is_string() => Exit::Review,
            _ if total(&["accepted", "missing", "adopted", "differs"]) == 0 => self.nothing(),
            _ => Exit::Done,
        }
    }

    fn nothing(&self) -> Exit {
        if self.detailed_exitcode { Exit::Nothing } else { Exit::Done }
    }
}

/// A file in a few lines: `week.ndjson (9f1c…): done, 300 rows: 3 accepted, 297 unchanged`.
pub(super) fn text(file: &Value) -> String {
    let totals = file["totals"].as_object().into_iter().flatten();
    let counts = totals.filter(|(_, count)| count.as_u64() != Some(0)).map(|(name, count)| format!("{count} {name}"));
    let counts: Vec<String> = counts.collect();
    let rows = file["rows"].as_u64().map(|rows| format!(", {rows} rows")).unwrap_or_default();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    let again = if file["repeated"] == true { " (it was sent before)" } else { "" };
    let head =
        format!("{} ({}): {}{again}{rows}{counts}", field(file, "/name"), field(file, "/id"), field(file, "/state"));
    match file["code"].as_str() {
        Some(code) => format!("{head}\n{code}: {}\n`ifmatch explain {code}` says what to do", field(file, "/reason")),
        None => head,
    }
}
