//! The first look at a file: nothing is sent. A whole state is counted against what was said before, and judged.

use super::pages::{Page, pages};
use super::record::Scope;
use super::{Carrier, FileRecord, Looked, Mode, Standing, Trouble};
use ifmatch_core::IntentError;
use ifmatch_sources::files::{Census, Difference, Row, RowFault, Said, Seen, record_of};
use ifmatch_sources::hook::Verdict;
use serde_json::Value;

/// Facts that are read of the store at a time.
const FACTS: usize = 256;

/// A row of a whole state: which record, and what it says of it.
pub(super) struct Stated {
    pub(super) row: u64,
    pub(super) scope: String,
    pub(super) intent: ifmatch_core::Intent,
}

impl Stated {
    pub(super) fn record(&self) -> String {
        self.intent.resource.key()
    }

    /// The record that it says.
    pub(super) fn value(&self) -> Value {
        record_of(&self.intent).map_or(Value::Null, |(_, value)| value.clone())
    }
}

/// What a row of a whole state is.
pub(super) enum StateRow {
    Stated(Box<Stated>),
    Ignored(u64, &'static str),
    Refused(u64, IntentError),
}

/// What a survey found.
pub(super) struct Survey {
    pub(super) census: Census,
    pub(super) seen: Seen,
}

impl Carrier {
    /// Whether the rows of a file may be carried.
    pub(super) async fn looked_at(&self, record: &mut FileRecord) -> Result<Looked, Trouble> {
        if record.mode == Mode::Events {
            // A heading that is none refuses the file before its first row.
            let mut rows = self.pages(record);
            return Ok(match rows.recv().await {
                Some(Page::Broken(error)) => self.stop(record, Standing::Refused, "unreadable_file", error.to_string()),
                _ => Looked::Go,
            });
        }
        let survey = match self.survey(record).await? {
            Ok(survey) => survey,
            Err((code, reason)) => return Ok(self.stop(record, Standing::Refused, code, reason)),
        };
        let prefix = self.door.keys.scopes();
        let has_said = !self.org.read(move |store, org| store.kept_below(org, &prefix, "", 1)).await?.is_empty();
        let judged = match record.mode {
            Mode::Adopt => {
                let taken = |standing: &ifmatch_sources::files::Standing| standing.said > 0;
                let again = survey.census.scopes.values().any(taken) && !record.replace;
                let whole = self.settings.guard.judge(&survey.census, true);
                match whole {
                    Err(held) if held.code != "mass_change" => Err((held.code, held.reason)),
                    _ if again => {
                        let reason = "this source has said these records before; --replace forgets what it said";
                        Err(("already_adopted", reason.to_owned()))
                    }
                    _ => Ok(()),
                }
            }
            _ => self.settings.guard.judge(&survey.census, has_said).map_err(|held| (held.code, held.reason)),
        };
        record.rows = Some(survey.census.rows);
        record.census = Some(survey.census);
        Ok(match judged {
            Ok(()) => Looked::Go,
            Err((code, reason)) => {
                let standing = if record.mode == Mode::Adopt { Standing::Refused } else { Standing::Held };
                self.write_empty_account(record, code, reason.clone())?;
                self.stop(record, standing, code, reason)
            }
        })
    }

    pub(super) fn stop(&self, record: &mut FileRecord, state: Standing, code: &str, reason: String) -> Looked {
        (record.state, record.code, record.reason) = (state, Some(code.to_owned()), Some(reason));
        Looked::Rest
    }

    pub(super) fn pages(&self, record: &FileRecord) -> tokio::sync::mpsc::Receiver<Page> {
        pages(self.door.folder.work(&record.name), record.bytes, self.settings.format, self.bounds)
    }

    /// Counts a whole state. The inner error refuses the file: code and reason.
    pub(super) async fn survey(&self, record: &FileRecord) -> Result<Result<Survey, (&'static str, String)>, Trouble> {
        let (mut census, mut seen) = (Census::default(), Seen::default());
        let mut pages = self.pages(record);
        let run = record.run();
        loop {
            let rows = match pages.recv().await {
                Some(Page::Rows(rows)) => rows,
                Some(Page::End(end)) => {
                    (census.rows, census.cut) = (end.rows, end.cut);
                    break;
                }
                Some(Page::Broken(error)) => return Ok(Err(("unreadable_file", error.to_string()))),
                None => return Err(Trouble::Gateway("the reader of a file ended".to_owned())),
            };
            let mut stated = Vec::with_capacity(rows.len());
            for row in rows {
                match self.state_row(row, record) {
                    StateRow::Stated(row) => stated.push(row),
                    StateRow::Ignored(..) => {}
                    StateRow::Refused(..) => census.refused += 1,
                }
            }
            let said = self.said(stated.iter().map(|row| (row.scope.as_str(), row.record()))).await?;
            for (row, said) in stated.iter().zip(said) {
                let (record, value) = (row.record(), row.value());
                let again = seen.has(&row.scope, &record);
                seen.note(&row.scope, &record, &value, row.row);
                let standing = census.scopes.entry(row.scope.clone()).or_default();
                match Difference::of(said.as_ref(), &value, &run) {
                    _ if again => {}
                    Difference::Unchanged | Difference::Taken(_) => standing.unchanged += 1,
                    Difference::New => standing.new += 1,
                    Difference::Changed { .. } => standing.changed += 1,
                }
            }
            if seen.len() as u64 > self.rows_max {
                let reason = format!("a whole state may have {} records", self.rows_max);
                return Ok(Err(("too_large", reason)));
            }
        }
        if self.settings.scope.is_empty() {
            // The file is all of the whole, also where it has no rows.
            census.scopes.entry(String::new()).or_default();
        }
        for scope in census.scopes.keys().cloned().collect::<Vec<_>>() {
            let (said, missing) = self.count_said(&scope, &seen).await?;
            let standing = census.scopes.entry(scope).or_default();
            standing.said = said;
            let counts = self.settings.missing != crate::config::Missing::Keep && census.refused == 0 && !census.cut;
            standing.missing = if counts { missing } else { 0 };
        }
        Ok(Ok(Survey { census, seen }))
    }

    /// How many records of a scope were said, and how many of them have no row.
    async fn count_said(&self, scope: &str, seen: &Seen) -> Result<(u64, u64), Trouble> {
        let (mut said, mut missing, mut after) = (0, 0, String::new());
        loop {
            let page = self.said_page(scope, &after).await?;
            let Some((last, _)) = page.last() else { return Ok((said, missing)) };
            after.clone_from(last);
            for (key, word) in page.iter().filter(|(_, word)| word.stands()) {
                said += 1;
                let record = key.strip_prefix(&self.door.keys.said(scope)).unwrap_or_default();
                debug_assert_eq!(record, word.resource.key());
                missing += u64::from(!seen.has(scope, record));
            }
        }
    }

    /// The next records of a scope that anything was said of, behind a key.
    pub(super) async fn said_page(&self, scope: &str, after: &str) -> Result<Vec<(String, Said)>, Trouble> {
        let (prefix, after) = (self.door.keys.said(scope), after.to_owned());
        let page = self.org.read(move |store, org| store.kept_below(org, &prefix, &after, FACTS)).await?;
        let said = |(key, value): (String, Value)| match serde_json::from_value(value) {
            Ok(said) => Ok((key, said)),
            Err(error) => Err(Trouble::Gateway(format!("{key} is not what was said of a record: {error}"))),
        };
        page.into_iter().map(said).collect()
    }

    /// What was said last of records, in their order.
    pub(super) async fn said(
        &self,
        records: impl Iterator<Item = (&str, String)>,
    ) -> Result<Vec<Option<Said>>, Trouble> {
        let keys: Vec<String> = records.map(|(scope, record)| self.door.keys.said(scope) + &record).collect();
        let read = move |store: &mut dyn ifmatch_store::Store, org: &ifmatch_core::OrgName| {
            keys.iter().map(|key| store.kept(org, key)).collect::<Result<Vec<_>, _>>()
        };
        let values = self.org.read(read).await?;
        let said = |value: Option<Value>| match value.map(serde_json::from_value).transpose() {
            Ok(said) => Ok(said),
            Err(error) => Err(Trouble::Gateway(format!("what was said of a record cannot be read: {error}"))),
        };
        values.into_iter().map(said).collect()
    }

    /// What a row of a whole state is.
    pub(super) fn state_row(&self, row: Result<Row, RowFault>, record: &FileRecord) -> StateRow {
        let row = match row {
            Ok(row) => row,
            Err(fault) => return StateRow::Refused(fault.number, fault.error),
        };
        let intent = match self.settings.meaning.of(&row, &record.id) {
            Verdict::Intent(intent) => *intent,
            Verdict::Ignored { reason } => return StateRow::Ignored(row.number, reason),
            Verdict::Refused(error) => return StateRow::Refused(row.number, error),
        };
        let stated =
            record_of(&intent).map(drop).and_then(|()| self.settings.meaning.scope(&row, &self.settings.scope));
        match stated {
            Ok(scope) => StateRow::Stated(Box::new(Stated { row: row.number, scope, intent })),
            Err(error) => StateRow::Refused(row.number, error),
        }
    }

    /// Notes that this file is the last one that spoke of these scopes.
    pub(super) async fn note_scopes(&self, census: &Census, record: &FileRecord) -> Result<(), Trouble> {
        let fact = super::to_value(&Scope { order: record.order, file: record.name.clone() });
        let key = |scope: &String| self.door.keys.scopes() + scope;
        self.keep(census.scopes.keys().map(|scope| super::keep(key(scope), Some(fact.clone()))).collect()).await
    }
}
