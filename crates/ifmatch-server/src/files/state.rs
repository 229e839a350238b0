//! A whole state: only what differs from what was said becomes an intent, and what was said moves in its commit.

use super::account::Ledger;
use super::carry::{entry, next, taken};
use super::compare::Compared;
use super::pages::Read;
use super::survey::{StateRow, Stated, Survey};
use super::{Carrier, FileRecord, Mode, Trouble, keep, to_value};
use crate::config::Missing;
use crate::problem::Fault;
use crate::random;
use ifmatch_core::{IntentError, Op};
use ifmatch_sources::files::{Difference, Entry, Outcome, Said, Sighting};
use std::time::Duration;

/// From one try to the next of a row that could not be taken, wall time.
const REST: Duration = Duration::from_millis(250);

impl Carrier {
    pub(super) async fn carry_state(&self, record: &FileRecord, ledger: &mut Ledger) -> Result<(), Trouble> {
        let survey = match self.survey(record).await? {
            Ok(survey) => survey,
            Err((_, reason)) => return Err(Trouble::Gateway(reason)),
        };
        self.note_scopes(&survey.census, record).await?;
        let mut pages = self.pages(record);
        while let Some(rows) = next(&mut pages, ledger).await? {
            let entries = match record.mode {
                Mode::Adopt => self.adopt(rows, record, &survey).await?,
                Mode::State | Mode::Events => {
                    self.wait_for_room().await?;
                    self.take_state(rows, record, &survey).await?
                }
            };
            self.write(ledger, record, &entries)?;
        }
        for scope in survey.census.scopes.keys() {
            self.take_missing(scope, record, &survey, ledger).await?;
        }
        Ok(())
    }

    /// The rows of a page that say a record for the first time in this file; the others have an entry.
    fn sorted(&self, rows: Vec<Read>, record: &FileRecord, survey: &Survey) -> Vec<Result<Box<Stated>, Box<Entry>>> {
        let sort = |row: Read| match self.state_row(row, record) {
            StateRow::Stated(row) => match survey.seen.sighting(&row.scope, &row.record(), row.row) {
                Sighting::First => Ok(row),
                Sighting::Repeats(first) => {
                    let (code, reason) = (Some("duplicate_row".to_owned()), Some(format!("row {first} says the same")));
                    let entry = Entry { code, reason, ..Entry::of(Some(row.row), Outcome::Unchanged) };
                    Err(Box::new(entry.about(row.record())))
                }
                Sighting::Contradicts(first) => {
                    let reason = format!("rows about this record say different things, the first of them row {first}");
                    let error = IntentError::new("contradicting_duplicate", "", reason);
                    Err(Box::new(Entry::refused(Some(row.row), &error).about(row.record())))
                }
            },
            StateRow::Ignored(row, reason) => {
                let entry = Entry { reason: Some(reason.to_owned()), ..Entry::of(Some(row), Outcome::Ignored) };
                Err(Box::new(entry))
            }
            StateRow::Refused(row, error) => Err(Box::new(Entry::refused(Some(row), &error))),
        };
        rows.into_iter().map(sort).collect()
    }

    async fn take_state(&self, rows: Vec<Read>, record: &FileRecord, survey: &Survey) -> Result<Vec<Entry>, Trouble> {
        let rows = self.sorted(rows, record, survey);
        let stated = || rows.iter().filter_map(|row| row.as_ref().ok());
        let said = self.said(stated().map(|row| (row.scope.as_str(), row.record()))).await?;
        // Handed over together, they share groups of commits.
        let mut handed = Vec::with_capacity(said.len());
        for (row, said) in stated().zip(said) {
            handed.push(self.offer(row, said.as_ref(), record).await);
        }
        let mut handed = handed.into_iter();
        let mut entries = Vec::with_capacity(rows.len());
        for row in rows {
            entries.push(match row {
                Err(entry) => *entry,
                Ok(row) => {
                    let offered = handed.next().expect("one was offered for each row");
                    self.told(&row, offered, record).await?
                }
            });
        }
        Ok(entries)
    }

    /// Hands in what a row changes, if it changes anything.
    async fn offer(&self, row: &Stated, said: Option<&Said>, record: &FileRecord) -> Offered {
        let run = record.run();
        let difference = Difference::of(said, &row.value(), &run);
        if let Difference::Taken(intent) = difference {
            return Offered::Told(Entry::taken(Some(row.row), Outcome::Accepted, intent));
        }
        let Some(intent) = difference.intent(row.intent.clone(), said) else {
            return Offered::Told(Entry::of(Some(row.row), Outcome::Unchanged));
        };
        let id = random::intent_id(&self.clock);
        let word = Said {
            value: Some(row.value()),
            resource: intent.resource.clone(),
            run,
            row: Some(row.row),
            intent: Some(id),
        };
        let fact = (self.door.keys.said(&row.scope) + &row.record(), to_value(&word));
        let submitting = self.hand_in_as(id, &intent, vec![fact.clone()]).await;
        Offered::Over(fact, submitting)
    }

    /// What became of a row. One that could not be taken now is compared anew: it may be durable after all.
    async fn told(&self, row: &Stated, mut offered: Offered, record: &FileRecord) -> Result<Entry, Trouble> {
        loop {
            let (fact, submitting) = match offered {
                Offered::Told(entry) => return Ok(entry.about(row.record())),
                Offered::Over(fact, submitting) => (fact, submitting),
            };
            match taken(submitting).await {
                Err(Fault::Overloaded | Fault::Unavailable { .. } | Fault::NotReady) => {
                    tokio::time::sleep(REST).await;
                    self.org.ready().await;
                    let said = self.said(std::iter::once((row.scope.as_str(), row.record()))).await?.pop().flatten();
                    offered = self.offer(row, said.as_ref(), record).await;
                }
                answer => {
                    self.remember(fact, &answer).await?;
                    return Ok(entry(Some(row.row), &answer).about(row.record()));
                }
            }
        }
    }

    /// An intent that was accepted before carries no fact along: it is kept by itself.
    async fn remember(
        &self,
        (key, mut fact): (String, serde_json::Value),
        answer: &Result<ifmatch_core::Accepted, Fault>,
    ) -> Result<(), Trouble> {
        match answer {
            Ok(accepted) if accepted.duplicate => {
                fact["intent"] = to_value(&accepted.id);
                self.keep(vec![keep(key, Some(fact))]).await
            }
            _ => Ok(()),
        }
    }

    /// Makes rows what was said, without a word to the engine.
    async fn adopt(&self, rows: Vec<Read>, record: &FileRecord, survey: &Survey) -> Result<Vec<Entry>, Trouble> {
        let rows = self.sorted(rows, record, survey);
        let stated = || rows.iter().filter_map(|row| row.as_ref().ok());
        let word = |row: &Stated| Said {
            value: Some(row.value()),
            resource: row.intent.resource.clone(),
            run: record.run(),
            row: Some(row.row),
            intent: None,
        };
        let fact = |row: &Stated| keep(self.door.keys.said(&row.scope) + &row.record(), Some(to_value(&word(row))));
        let ops: Vec<Op> = stated().map(|row| fact(row)).collect();
        let records: Vec<_> = stated().map(|row| (row.intent.resource.clone(), row.value())).collect();
        let compared = if record.compare { self.compare(&records).await } else { Vec::new() };
        self.keep(ops).await?;
        let mut compared = compared.into_iter();
        let told = |row: Result<Box<Stated>, Box<Entry>>| match row {
            Err(entry) => *entry,
            Ok(row) => {
                let (outcome, reason) = match compared.next() {
                    None | Some(Compared::Equal) => (Outcome::Adopted, None),
                    Some(Compared::Differs(reason)) => (Outcome::Differs, Some(reason)),
                    Some(Compared::Unknown(reason)) => (Outcome::Adopted, Some(format!("not compared: {reason}"))),
                };
                Entry { reason, ..Entry::of(Some(row.row), outcome) }.about(row.record())
            }
        };
        Ok(rows.into_iter().map(told).collect())
    }

    /// The records of a scope that were said and have no row.
    async fn take_missing(
        &self,
        scope: &str,
        record: &FileRecord,
        survey: &Survey,
        ledger: &mut Ledger,
    ) -> Result<(), Trouble> {
        let set = match (&self.settings.missing, record.mode) {
            // What is adopted is all that was said.
            (_, Mode::Adopt) => return self.forget_missing(scope, survey).await,
            (Missing::Keep, _) => return Ok(()),
            (Missing::Delete, _) => None,
            (Missing::Set(fields), _) => Some(fields),
        };
        let (run, mut after) = (record.run(), String::new());
        loop {
            let page = self.said_page(scope, &after).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            let mut entries = Vec::new();
            self.wait_for_room().await?;
            for (key, mut said) in page {
                let name = said.resource.key();
                if survey.seen.has(scope, &name) {
                    continue;
                }
                let told = match (said.stands(), said.intent) {
                    (false, Some(intent)) if said.run == run => Entry::taken(None, Outcome::Missing, intent),
                    (false, _) => continue,
                    (true, _) if !survey.census.tells_missing() => {
                        let reason = Some("rows of the file cannot be read: it may be one of them".to_owned());
                        Entry { reason, ..Entry::of(None, Outcome::Withheld) }
                    }
                    (true, _) => loop {
                        let id = random::intent_id(&self.clock);
                        let fact = (key.clone(), to_value(&said.left_out(set, &run, id)));
                        let answer = taken(self.hand_in_as(id, &said.missing(set), vec![fact.clone()]).await).await;
                        if let Err(Fault::Overloaded | Fault::Unavailable { .. } | Fault::NotReady) = answer {
                            tokio::time::sleep(REST).await;
                            self.org.ready().await;
                            let known = self.said(std::iter::once((scope, name.clone()))).await?.pop().flatten();
                            said = known.unwrap_or(said);
                            match (said.stands(), said.intent) {
                                (false, Some(intent)) => break Entry::taken(None, Outcome::Missing, intent),
                                _ => continue,
                            }
                        }
                        self.remember(fact, &answer).await?;
                        let told = entry(None, &answer);
                        let outcome = if answer.is_ok() { Outcome::Missing } else { told.outcome };
                        break Entry { outcome, ..told };
                    },
                };
                entries.push(told.about(name));
            }
            self.write(ledger, record, &entries)?;
        }
    }

    /// Forgets what was said of records that an adopted state does not have.
    async fn forget_missing(&self, scope: &str, survey: &Survey) -> Result<(), Trouble> {
        let mut after = String::new();
        loop {
            let page = self.said_page(scope, &after).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            let gone = page.into_iter().filter(|(_, said)| !survey.seen.has(scope, &said.resource.key()));
            self.keep(gone.map(|(key, _)| keep(key, None)).collect()).await?;
        }
    }
}

enum Offered {
    /// With the fact that becomes durable with it.
    Over((String, serde_json::Value), Result<crate::driver::Submitting, Fault>),
    Told(Entry),
}
