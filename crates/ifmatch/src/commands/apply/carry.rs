//! Rows to the gateway, a bounded window at a time, and their outcomes into the journal.

use super::journal;
use super::line::GatewayLine;
use crate::cli::Context;
use crate::client::Body;
use crate::commands::intents::per_line;
use crate::error::{Failure, Kind};
use http::Method;
use ifmatch_server::journal::JournalFile;
use ifmatch_sources::migration::{Answered, NoAnswer, Plan, Refusal, Run};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long one row is waited for before the next one is looked at.
const TURN: Duration = Duration::from_secs(2);

/// From one try to the next of a row that the gateway could not take.
const PAUSE: Duration = Duration::from_millis(500);

/// One run.
#[derive(Debug)]
pub(super) struct Carrier<'a> {
    journal: &'a mut JournalFile,
    run: Run,
    bar: ProgressBar,
}

impl<'a> Carrier<'a> {
    /// What is left to do by the journal. `moved`: the versions that records have moved to; `at_once`: no row goes ahead.
    pub(super) fn new(plan: &Plan, journal: &'a mut JournalFile, moved: &BTreeMap<u64, u64>, at_once: bool) -> Self {
        let run = Run::of(plan, &journal.state, moved);
        let run = if at_once { run.all_at_once() } else { run };
        Self { journal, run, bar: ProgressBar::hidden() }
    }

    /// Why the rest was kept back, where it was.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.run.refusal()
    }

    /// Submits and waits until everything has settled, or until `until`.
    pub(super) async fn run(
        &mut self,
        line: &mut GatewayLine<'_>,
        until: Instant,
        no_wait: bool,
        context: &Context,
    ) -> Result<(), Failure> {
        self.bar = context.out.progress(self.run.left(), "landing");
        let carried = self.carry(line, until, no_wait).await;
        self.bar.finish_and_clear();
        carried
    }

    async fn carry(&mut self, line: &mut GatewayLine<'_>, until: Instant, no_wait: bool) -> Result<(), Failure> {
        while Instant::now() < until {
            if self.run.has_room() || (no_wait && !self.run.is_submitted()) {
                self.submit(line).await?;
            } else if self.run.open() > 0 && !no_wait {
                self.settle(line, until).await?;
            } else {
                break;
            }
        }
        Ok(())
    }

    /// The next window: written down, sent, the answers written down.
    async fn submit(&mut self, line: &mut GatewayLine<'_>) -> Result<(), Failure> {
        let window = self.run.window();
        self.journal.write(Run::unwritten(&window, &self.journal.state)).map_err(journal::failure)?;
        let text = |row: &ifmatch_sources::migration::Leaving| serde_json::to_string(&row.intent);
        let lines: Result<Vec<String>, _> = window.iter().map(text).collect();
        let lines = lines.map_err(|error| Failure::new(Kind::Bug, error))?;
        let answer = line.send(Method::POST, "/v1/intents", &Body::lines(&lines), Duration::ZERO).await?;
        let answers = per_line(&answer, lines.len())?;
        let (mut written, mut put_off) = (Vec::new(), false);
        for (row, answer) in window.into_iter().zip(&answers) {
            match self.run.answered(row, answer).map_err(no_answer)? {
                Answered::Written(row) => {
                    if row.is_settled() {
                        self.bar.inc(1);
                    }
                    written.push(row);
                }
                Answered::PutOff => put_off = true,
            }
        }
        self.journal.write(written).map_err(journal::failure)?;
        if put_off {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Looks at the row that was submitted first, and at all others that have settled meanwhile.
    async fn settle(&mut self, line: &mut GatewayLine<'_>, until: Instant) -> Result<(), Failure> {
        let mut settled = Vec::new();
        let mut wait = TURN.min(until.saturating_duration_since(Instant::now()));
        for _ in 0..self.run.open() {
            let Some((row, id)) = self.run.oldest() else { break };
            let path = format!("/v1/intents/{id}?wait={}", wait.as_secs_f64());
            let answer = line.send(Method::GET, &path, &Body::empty(), wait).await?.success()?;
            match self.run.looked_at(row, id, &answer).map_err(no_answer)? {
                Some(row) => {
                    self.bar.inc(1);
                    settled.push(row);
                }
                // The rest is only looked at: one of them may have settled, and the next round waits again.
                None => wait = Duration::ZERO,
            }
        }
        self.journal.write(settled).map_err(journal::failure)
    }
}

fn no_answer(error: NoAnswer) -> Failure {
    Failure::new(Kind::Remote, error)
}
