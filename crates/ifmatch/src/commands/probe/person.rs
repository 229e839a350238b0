//! The person at the terminal, or the one who said `--yes`.

use crate::output::Output;
use ifmatch_core::Request;
use ifmatch_dialects::probe::Announcement;
use ifmatch_server::{Consent, Console, Signals};
use std::io::{IsTerminal as _, Write as _};

/// A shorter wait is not told.
const WAIT_TOLD_S: i64 = 5;

/// Whoever is asked.
#[derive(Debug)]
pub(super) struct Person {
    out: Output,
    signals: Signals,
    /// Consent to everything.
    yes: bool,
    stopped: bool,
    /// Whether somebody was told that nobody can be asked.
    alone: bool,
}

impl Person {
    pub(super) fn new(out: Output, signals: Signals, yes: bool) -> Self {
        Self { out, signals, yes, stopped: false, alone: false }
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// Asks for records of test writes; none without a terminal.
    pub(super) async fn records(&mut self) -> Vec<(String, String)> {
        let mut records = Vec::new();
        while std::io::stdin().is_terminal() {
            let line = self.ask("record for test writes, KIND/ID, empty for none: ").await.unwrap_or_default();
            if line.is_empty() {
                break;
            }
            match super::record(&line) {
                Ok(record) => records.push(record),
                Err(reason) => self.out.talk(&format!("{line}: {reason}")),
            }
        }
        records
    }

    /// One line of an answer; `None` where somebody wants to stop.
    async fn ask(&mut self, question: &str) -> Option<String> {
        let mut stderr = std::io::stderr();
        // A closed pipe is no reason to fail.
        drop(write!(stderr, "{question}").and_then(|()| stderr.flush()));
        let reading = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map(|_| line.trim().to_owned()).unwrap_or_default()
        });
        tokio::select! {
            line = reading => line.ok(),
            () = self.signals.asked() => {
                self.stopped = true;
                None
            }
        }
    }
}

impl Console for Person {
    async fn consent(&mut self, announcement: &Announcement) -> Consent {
        let Announcement { record, request, writes, effect, undone } = announcement;
        self.out.talk(&format!("{record}: {request}, at most {writes} times\n  {effect}\n  undone: {undone}"));
        if self.yes {
            return Consent::Given;
        }
        if !std::io::stdin().is_terminal() {
            if !std::mem::replace(&mut self.alone, true) {
                self.out.talk("nobody can be asked here, so nothing is written; --yes consents to test writes");
            }
            return Consent::Refused;
        }
        match self.ask("  write? [y/N] ").await {
            Some(line) if ["y", "yes"].contains(&line.to_lowercase().as_str()) => Consent::Given,
            Some(_) => Consent::Refused,
            None => Consent::Stop,
        }
    }

    fn waits(&mut self, seconds: i64) {
        if seconds >= WAIT_TOLD_S {
            self.out.talk(&format!("  waiting {seconds} s"));
        }
    }

    fn writes(&mut self, request: &Request) {
        self.out.talk(&format!("  {} {}", request.method, request.path));
    }

    fn stopping(&mut self, left: Option<String>) {
        match left {
            Some(left) => self.out.talk(&format!("stopping: {left}; it is put back. Once more ends at once")),
            None => self.out.talk("stopping"),
        }
    }

    async fn stop(&mut self) {
        self.signals.asked().await;
        self.stopped = true;
    }
}
