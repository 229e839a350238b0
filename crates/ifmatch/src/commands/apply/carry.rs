//! Rows to the gateway, a bounded window at a time, and their outcomes into the journal.

use super::journal::JournalFile;
use super::line::GatewayLine;
use crate::cli::Context;
use crate::client::Body;
use crate::commands::intents::per_line;
use crate::error::{Failure, Kind};
use http::Method;
use ifmatch_core::IntentId;
use ifmatch_sources::migration::{Plan, Progress};
use indicatif::ProgressBar;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Rows of one request.
const WINDOW: usize = 100;

/// Rows that were submitted and have not settled; no more are submitted before some have.
const OPEN_MAX: usize = 400;

/// How long one row is waited for before the next one is looked at.
const TURN: Duration = Duration::from_secs(2);

/// From one try to the next of a row that the gateway could not take.
const PAUSE: Duration = Duration::from_millis(500);

/// One run.
#[derive(Debug)]
pub(super) struct Carrier<'a> {
    journal: &'a mut JournalFile,
    /// Rows to submit, each with its line.
    todo: VecDeque<(Progress, String)>,
    /// Rows that were submitted.
    open: VecDeque<(Progress, IntentId)>,
    bar: ProgressBar,
}

impl<'a> Carrier<'a> {
    /// What is left to do by the journal. `moved`: the versions that records have moved to.
    pub(super) fn new(plan: &Plan, journal: &'a mut JournalFile, moved: BTreeMap<u64, u64>) -> Self {
        let (mut todo, mut open) = (VecDeque::new(), VecDeque::new());
        for row in plan.applied() {
            let Some(intent) = &row.intent else { continue };
            match journal.state.rows.get(&row.row) {
                Some(progress) if progress.has_ended() => {}
                Some(Progress { intent: Some(id), .. }) => open.push_back((journal.state.rows[&row.row].clone(), *id)),
                known => {
                    let moved_to = known.map_or_else(|| moved.get(&row.row).copied(), |progress| progress.moved_to);
                    let line = serde_json::to_string(intent).expect("an intent is JSON");
                    todo.push_back((Progress::sent(row.row, moved_to), line));
                }
            }
        }
        Self { journal, todo, open, bar: ProgressBar::hidden() }
    }

    /// Submits and waits until everything has settled, or until `until`.
    pub(super) async fn run(
        &mut self,
        line: &mut GatewayLine<'_>,
        until: Instant,
        no_wait: bool,
        context: &Context,
    ) -> Result<(), Failure> {
        self.bar = context.out.progress(self.todo.len() + self.open.len(), "landing");
        let carried = self.carry(line, until, no_wait).await;
        self.bar.finish_and_clear();
        carried
    }

    async fn carry(&mut self, line: &mut GatewayLine<'_>, until: Instant, no_wait: bool) -> Result<(), Failure> {
        while (!self.todo.is_empty() || (!self.open.is_empty() && !no_wait)) && Instant::now() < until {
            if !self.todo.is_empty() && (no_wait || self.open.len() < OPEN_MAX) {
                self.submit(line).await?;
            } else {
                self.settle(line, until).await?;
            }
        }
        Ok(())
    }

    /// The next window: written down, sent, the answers written down.
    async fn submit(&mut self, line: &mut GatewayLine<'_>) -> Result<(), Failure> {
        let window: Vec<(Progress, String)> = self.todo.drain(..WINDOW.min(self.todo.len())).collect();
        let sent = window.iter().map(|(row, _)| row).filter(|row| !self.journal.state.rows.contains_key(&row.row));
        let sent: Vec<Progress> = sent.cloned().collect();
        self.journal.write(sent)?;
        let lines: Vec<String> = window.iter().map(|(_, text)| text.clone()).collect();
        let answer = line.send(Method::POST, "/v1/intents", &Body::lines(&lines), Duration::ZERO).await?;
        let answers = per_line(&answer, lines.len())?;
        let mut written = Vec::new();
        let mut put_off = false;
        for ((row, text), answer) in window.into_iter().zip(&answers) {
            if is_put_off(answer) {
                self.todo.push_back((row, text));
                put_off = true;
                continue;
            }
            let Some(row) = row.answered(answer) else { return Err(no_answer()) };
            match row.intent {
                Some(id) if !row.is_settled() => self.open.push_back((row.clone(), id)),
                _ => self.bar.inc(1),
            }
            written.push(row);
        }
        self.journal.write(written)?;
        if put_off {
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Looks at the row that was submitted first, and at all others that have settled meanwhile.
    async fn settle(&mut self, line: &mut GatewayLine<'_>, until: Instant) -> Result<(), Failure> {
        let mut settled = Vec::new();
        let mut wait = TURN.min(until.saturating_duration_since(Instant::now()));
        for _ in 0..self.open.len() {
            let Some((row, id)) = self.open.pop_front() else { break };
            let path = format!("/v1/intents/{id}?wait={}", wait.as_secs_f64());
            let answer = line.send(Method::GET, &path, &Body::empty(), wait).await?.success()?;
            let Some(row) = row.answered(&answer) else { return Err(no_answer()) };
            if row.is_settled() {
                self.bar.inc(1);
                settled.push(row);
            } else {
                self.open.push_back((row, id));
                // The rest is only looked at: one of them may have settled, and the next round waits again.
                wait = Duration::ZERO;
            }
        }
        self.journal.write(settled)
    }
}

/// A line that is nobody's fault: the gateway could not take it now.
fn is_put_off(answer: &Value) -> bool {
    answer.pointer("/error/status").and_then(Value::as_u64).is_some_and(|status| status >= 500 || status == 429)
}

fn no_answer() -> Failure {
    Failure::new(Kind::Remote, anyhow::anyhow!("the answer is none about an intent: is it a gateway?"))
}
