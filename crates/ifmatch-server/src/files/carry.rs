//! Rows to the engine, a page at a time, and what became of them into the account.

use super::account::Ledger;
use super::pages::{Page, Read};
use super::{Carrier, FileRecord, Mode, Standing, Trouble};
use crate::driver::{Submitting, submission};
use crate::problem::Fault;
use crate::random;
use ifmatch_core::{Accepted, Change, Intent, IntentError, State, states};
use ifmatch_sources::files::{Entry, Outcome};
use ifmatch_sources::hook::Verdict;
use std::time::Duration;

/// How long nothing more is handed in while too much is open, and from one try to the next of a row that could not be taken, wall time.
const REST: Duration = Duration::from_millis(250);

impl Carrier {
    /// Carries the rows that have no line in the account yet.
    pub(super) async fn carry(&self, record: &mut FileRecord) -> Result<(), Trouble> {
        let mut ledger = self.ledger(record)?;
        match record.mode {
            Mode::Events => self.carry_events(record, &mut ledger).await?,
            Mode::State | Mode::Adopt => self.carry_state(record, &mut ledger).await?,
        }
        let grown = std::fs::metadata(self.door.folder.work(&record.name))?.len();
        if grown != record.bytes {
            let reason = format!("the file had {} bytes when it was taken, and has {grown} now", record.bytes);
            (record.code, record.reason) = (Some("file_changed".to_owned()), Some(reason));
        }
        self.close(ledger, record)?;
        record.state = Standing::Done;
        Ok(())
    }

    async fn carry_events(&self, record: &FileRecord, ledger: &mut Ledger) -> Result<(), Trouble> {
        let mut pages = self.pages(record);
        while let Some(rows) = next(&mut pages, ledger).await? {
            self.wait_for_room().await?;
            let entries = self.take_events(rows, record).await?;
            self.write(ledger, record, &entries)?;
        }
        Ok(())
    }

    async fn take_events(&self, rows: Vec<Read>, record: &FileRecord) -> Result<Vec<Entry>, Trouble> {
        // Handed over together, they share groups of commits.
        let mut handed = Vec::with_capacity(rows.len());
        for row in rows {
            handed.push(match row {
                Err(fault) => Handed::Told(Entry::refused(Some(fault.number), &fault.error)),
                Ok(row) => match self.settings.meaning.of(&row, &record.id) {
                    Verdict::Intent(intent) => {
                        let submitting = self.hand_in(&intent, Vec::new()).await;
                        Handed::Over(row.number, intent, submitting)
                    }
                    Verdict::Ignored { reason } => {
                        let reason = Some(reason.to_owned());
                        Handed::Told(Entry { reason, ..Entry::of(Some(row.number), Outcome::Ignored) })
                    }
                    Verdict::Refused(error) => Handed::Told(Entry::refused(Some(row.number), &error)),
                },
            });
        }
        let mut entries = Vec::with_capacity(handed.len());
        for handed in handed {
            entries.push(match handed {
                Handed::Told(entry) => entry,
                Handed::Over(row, intent, submitting) => {
                    let mut answer = taken(submitting).await;
                    while let Err(Fault::Overloaded | Fault::Unavailable { .. } | Fault::NotReady) = answer {
                        // Its key makes it the same intent where the first one is durable after all.
                        tokio::time::sleep(REST).await;
                        self.org.ready().await;
                        answer = taken(self.hand_in(&intent, Vec::new()).await).await;
                    }
                    entry(Some(row), &answer).about(intent.resource.key())
                }
            });
        }
        Ok(entries)
    }

    pub(super) async fn hand_in(
        &self,
        intent: &Intent,
        keep: Vec<(String, serde_json::Value)>,
    ) -> Result<Submitting, Fault> {
        self.hand_in_as(random::intent_id(&self.clock), intent, keep).await
    }

    /// Hands in an intent under an id, with what becomes durable with it.
    pub(super) async fn hand_in_as(
        &self,
        id: ifmatch_core::IntentId,
        intent: &Intent,
        keep: Vec<(String, serde_json::Value)>,
    ) -> Result<Submitting, Fault> {
        if let Change::Undo(_) = intent.change {
            let reason = "an undo is asked for with POST /v1/intents/{id}/undo";
            return Err(IntentError::new("unsupported_change", "/change/undo", reason).into());
        }
        let mut submission = submission(id, self.door.source.clone(), intent.clone());
        submission.keep = keep;
        self.org.submit_patiently(submission).await
    }

    /// Waits while too many intents of the org are open. Those in review wait for people, so nobody waits for them.
    pub(super) async fn wait_for_room(&self) -> Result<(), Trouble> {
        loop {
            let counts = self.org.read(|store, org| store.counts(org)).await?;
            let open = states::ALL.into_iter().filter(|state| !state.is_terminal() && *state != State::Review);
            let open: u64 = open.filter_map(|state| counts.get(&state)).sum();
            if open < self.open_max {
                return Ok(());
            }
            tokio::time::sleep(REST).await;
        }
    }
}

enum Handed {
    Over(u64, Box<Intent>, Result<Submitting, Fault>),
    Told(Entry),
}

pub(super) async fn taken(submitting: Result<Submitting, Fault>) -> Result<Accepted, Fault> {
    match submitting {
        Ok(submitting) => submitting.taken().await,
        Err(fault) => Err(fault),
    }
}

/// What became of a row that was handed in.
pub(super) fn entry(row: Option<u64>, answer: &Result<Accepted, Fault>) -> Entry {
    match answer {
        Ok(accepted) if accepted.duplicate => Entry::taken(row, Outcome::Duplicate, accepted.id),
        Ok(accepted) => Entry::taken(row, Outcome::Accepted, accepted.id),
        Err(fault) => {
            let problem = fault.problem().to_json();
            let text = |name: &str| problem[name].as_str().map(str::to_owned);
            let (code, field, reason) = (text("code"), text("field"), text("detail"));
            Entry { code, field, reason, ..Entry::of(row, Outcome::Refused) }
        }
    }
}

/// The next page, without the rows that have a line already.
pub(super) async fn next(
    pages: &mut tokio::sync::mpsc::Receiver<Page>,
    ledger: &Ledger,
) -> Result<Option<Vec<Read>>, Trouble> {
    match pages.recv().await {
        Some(Page::Rows(mut rows)) => {
            let number = |row: &Read| row.as_ref().map_or_else(|fault| fault.number, |row| row.number);
            rows.retain(|row| number(row) > ledger.account.rows);
            Ok(Some(rows))
        }
        Some(Page::End(_)) => Ok(None),
        Some(Page::Broken(error)) => Err(Trouble::Gateway(error.to_string())),
        None => Err(Trouble::Gateway("the reader of a file ended".to_owned())),
    }
}
