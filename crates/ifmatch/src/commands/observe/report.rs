//! `ifmatch observe report`: the report of one ISO week, as text, JSON or one HTML page.

use super::{html, words};
use crate::cli::Context;
use crate::client::{self, Connect, Gateway};
use crate::error::{Failure, Kind};
use crate::exit::Exit;
use anyhow::Context as _;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;

/// Report which edits of other people each integration erased in a week, what it sent again, and which conflicts would have
/// merged.
///
/// The gateway must run, with `serve --observe` or a source with `observe = true`. Weeks are ISO weeks in UTC.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  $ ifmatch observe report
  $ ifmatch observe report --week 2026-W47 --source servicenow
  $ ifmatch observe report --html erased.html
  $ ifmatch observe report --json")]
pub(super) struct Args {
    /// The week [default: the present one].
    #[arg(long, value_name = "YYYY-Www", value_parser = week)]
    week: Option<String>,
    /// Only this source.
    #[arg(long)]
    source: Option<String>,
    /// Only this org.
    #[arg(long)]
    org: Option<String>,
    /// Write the report as one HTML page that needs nothing else.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    #[command(flatten)]
    connect: Connect,
}

pub(super) fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    let answer = client::converse(async {
        let gateway = Gateway::open(&args.connect, &context.environment).await?;
        gateway.get(&format!("/v1/observed?{}", args.query()), Duration::ZERO).await
    })?;
    let week = args.week.clone().unwrap_or_else(|| answer["week"].as_str().unwrap_or_default().to_owned());
    let mut report = answer.clone();
    if let Some(sheets) = report["sheets"].as_array_mut() {
        sheets.retain(|sheet| sheet["week"] == week.as_str());
    }
    if let Some(file) = &args.html {
        let page = html::page(&report, &week);
        std::fs::write(file, page)
            .with_context(|| format!("{} cannot be written", file.display()))
            .map_err(|error| Failure::new(Kind::Config, error))?;
        context.out.talk(&format!("written to {}", file.display()));
        if !context.out.is_json() {
            return Ok(Exit::Done);
        }
    }
    if is_unwatched(&answer) {
        context
            .out
            .talk("no source of this gateway is observed: start it with --observe, or give a source observe = true");
    }
    context.out.data(&report, || words::text(&report, &week));
    Ok(Exit::Done)
}

fn is_unwatched(answer: &Value) -> bool {
    answer["orgs"].as_array().is_none_or(Vec::is_empty)
}

impl Args {
    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("week", &self.week), ("source", &self.source), ("org", &self.org)] {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

fn week(text: &str) -> Result<String, String> {
    let parts = text.split_once("-W").filter(|(year, week)| {
        let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(year, 4) && digits(week, 2)
    });
    let number = parts.and_then(|(_, week)| week.parse::<u8>().ok()).filter(|week| (1..=53).contains(week));
    number.map(|_| text.to_owned()).ok_or_else(|| "is no ISO week, which looks like 2026-W47".to_owned())
}

#[cfg(test)]
mod tests {
    //! Behaviour of the week's form.

    use super::*;

    #[test]
    fn a_week_is_a_year_and_a_number() {
        assert_eq!(week("2026-W47"), Ok("2026-W47".to_owned()));
        for wrong in ["2026-47", "2026-W54", "2026-W00", "26-W47", "2026-W4", ""] {
            assert!(week(wrong).is_err(), "{wrong}");
        }
    }
}
