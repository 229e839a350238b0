//! One record of the test writes: how it stands, how it is written, and how it is put back.

mod restore;

use super::certificate::Exchange;
use super::line::{Answered, Halt};
use super::manner::{self, Mark};
use super::session::{Outcome, Session, Sight, said};
use ifmatch_core::{
    Class, Evidence, Fact, Notes, Precondition, Resource, SignedDuration, Snapshot, Timestamp, WriteItem,
};
use std::sync::Arc;

/// Pauses between looks at a record whose write is not shown yet, milliseconds; the last one repeats.
const LOOKS_MS: &[i64] = &[250, 500, 1_000, 2_000, 4_000, 8_000];

/// The longest that a write is looked for.
const LOOK_MAX: SignedDuration = SignedDuration::from_secs(150);

/// Pauses between tries at a record that seems to be locked, seconds.
const LOCK_S: &[i64] = &[2, 4, 8, 16, 30, 30, 30];

/// What a write shall make of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Its own values.
    Same,
    /// The mark.
    Mark,
    /// The mark taken away.
    Unmark,
}

/// Which version a write names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Naming {
    Current,
    None,
    Version(u64, Option<String>),
    Tag(String),
}

/// How long something took that was only seen from outside, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Span {
    pub(super) at_least: u64,
    pub(super) at_most: u64,
}

/// What the first read after a write that shows it told.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) sight: Sight,
    pub(super) span: Span,
    /// Whether a read showed an older version than one before it.
    pub(super) went_back: bool,
}

/// The record.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) resource: Resource,
    /// How it stands, as far as the latest answer told.
    pub(super) current: Snapshot,
    /// Versions that it had, with their tags, the oldest first.
    pub(super) older: Vec<(u64, Option<String>)>,
    pub(super) mark: Option<Mark>,
    /// Whether the mark may stand in the target.
    pub(super) marked: bool,
    pub(super) touched: bool,
    /// Whether the target counts a version in a header only, as it said.
    pub(super) everywhere: bool,
    /// Locks that were met: at least and at most, milliseconds.
    pub(super) locks: Vec<(u64, Option<u64>, Exchange)>,
    /// Raises of its version by one write each.
    pub(super) steps: Vec<u64>,
    pub(super) uploaded: bool,
}

impl Record {
    pub(super) fn new(session: &Session, resource: &Resource, sight: &Sight) -> Self {
        let dialect = session.dialect.name();
        Self {
            resource: resource.clone(),
            current: sight.snapshot.clone(),
            older: Vec::new(),
            mark: manner::mark(dialect, &resource.kind, &sight.snapshot.value),
            marked: false,
            touched: false,
            everywhere: false,
            locks: Vec::new(),
            steps: Vec::new(),
            uploaded: manner::is_uploaded(dialect, &resource.kind),
        }
    }

    /// One write of it.
    pub(super) fn item(&self, want: Want, naming: &Naming) -> WriteItem {
        let from = self.current.value.clone();
        let to = match (want, &self.mark) {
            (Want::Mark, Some(mark)) => Arc::new(mark.set(&from)),
            (Want::Unmark, Some(mark)) => Arc::new(mark.unset(&from)),
            _ => from.clone(),
        };
        let (version, etag) = match naming {
            Naming::Current => (self.current.version, self.current.etag.clone()),
            Naming::None => (None, None),
            Naming::Version(version, tag) => (Some(*version), tag.clone()),
            Naming::Tag(tag) => (None, Some(tag.clone())),
        };
        let etag = etag.filter(|_| self.everywhere || version.is_none());
        let precondition = Precondition { version, etag, everywhere: self.everywhere };
        WriteItem { resource: self.resource.clone(), precondition, from, to }
    }

    /// Sends one write and takes what it says, whatever that is.
    pub(super) async fn send(
        &mut self,
        session: &mut Session,
        want: Want,
        naming: &Naming,
        noted: Notes,
    ) -> Result<(Fact, Answered), Halt> {
        let item = self.item(want, naming);
        self.touched = true;
        self.note_mark(session, want == Want::Mark);
        let Outcome { facts, answered } = session.write(vec![item], noted).await?;
        let fact = facts.into_iter().next().ok_or_else(|| Halt::Seen("the answer is about nothing".to_owned()))?;
        self.take(session, want, &fact);
        Ok((fact, answered))
    }

    /// Takes what an answer to a write tells of the record.
    pub(super) fn take(&mut self, session: &Session, want: Want, fact: &Fact) {
        match fact {
            Fact::Written(written) => {
                self.note_step(self.current.version, written.snapshot.version, self.current.etag.clone());
                self.current = written.snapshot.clone();
                if want == Want::Unmark {
                    self.note_mark(session, false);
                }
            }
            // What was refused at once stands nowhere, unless a mark of before does.
            Fact::Refused(evidence) if want == Want::Mark && evidence.class != Class::Ambiguous => {
                self.note_mark(session, self.shows_mark());
            }
            _ => {}
        }
    }

    /// Notes by how much one write raised its version, and the version that it had before.
    pub(super) fn note_step(&mut self, old: Option<u64>, new: Option<u64>, tag: Option<String>) {
        if let (Some(old), Some(new)) = (old, new)
            && new != old
        {
            self.steps.push(new.saturating_sub(old));
            self.older.push((old, tag));
        }
    }

    /// Whether the record has the mark, as far as the latest answer told.
    pub(super) fn shows_mark(&self) -> bool {
        self.mark.as_ref().is_some_and(|mark| mark.is_in(&self.current.value))
    }

    /// Notes whether the mark may stand there, for whoever stops the probe.
    pub(super) fn note_mark(&mut self, session: &Session, marked: bool) {
        self.marked = marked || (self.marked && self.shows_mark());
        let words = self.mark.as_ref().map(|mark| {
            let (record, before) = (super::book::record(&self.resource), mark.before());
            format!("{} of {record} may be {} in place of {before}", mark.pointer, mark.to)
        });
        session.line.desk().left = words.filter(|_| self.marked);
    }

    /// A write from the current version. A lock is waited for; a version that others raised is read again.
    pub(super) async fn put(&mut self, session: &mut Session, want: Want) -> Result<(Fact, Answered), Halt> {
        let mut pauses = LOCK_S.iter();
        let mut held: Option<(Timestamp, Timestamp, Exchange)> = None;
        loop {
            let (fact, answered) = self.send(session, want, &Naming::Current, Notes::default()).await?;
            let Fact::Refused(evidence) = &fact else {
                if let Some((first, last, exchange)) = held {
                    let at_most = millis(first, answered.came);
                    self.locks.push((millis(first, last), Some(at_most), exchange));
                }
                return Ok((fact, answered));
            };
            if evidence.class == Class::Precondition && !self.everywhere {
                self.everywhere = true;
                continue;
            }
            if !matches!(evidence.class, Class::Lock | Class::Stale | Class::Bare) {
                return Err(refused(evidence));
            }
            let first = held.as_ref().map_or(answered.sent, |(first, ..)| *first);
            held = Some((first, answered.sent, answered.exchange.showing(said(evidence))));
            let Some(pause) = pauses.next() else {
                if let Some((first, last, exchange)) = held {
                    self.locks.push((millis(first, last), None, exchange));
                }
                return Err(Halt::Seen(format!("the record seems to be locked: {}", said(evidence))));
            };
            session.line.wait(SignedDuration::from_secs(*pause)).await?;
            let sight = session.read(&self.resource).await?;
            if sight.snapshot.version > self.current.version {
                // Somebody wrote meanwhile: that was no lock.
                self.current = sight.snapshot;
                held = None;
            }
        }
    }

    /// Whether a write of the mark from the current version is carried out, as it is where nothing but a version can refuse it.
    pub(super) async fn lands(&mut self, session: &mut Session) -> Result<bool, Halt> {
        match self.send(session, Want::Mark, &Naming::Current, Notes::default()).await? {
            (Fact::Written(_), _) => Ok(true),
            (Fact::Processing(_), _) => self.is_carried_out(session).await,
            _ => Ok(false),
        }
    }

    /// Whether an upload of the mark was carried out: nobody tells, and what reads show once it is surely over counts.
    pub(super) async fn is_carried_out(&mut self, session: &mut Session) -> Result<bool, Halt> {
        session.carried_out().await?;
        self.current = session.read(&self.resource).await?.snapshot;
        self.note_mark(session, self.shows_mark());
        Ok(self.shows_mark())
    }

    /// Looks at the record until a read shows what is wanted.
    pub(super) async fn until(
        &self,
        session: &mut Session,
        wrote: &Answered,
        shows: impl Fn(&Snapshot) -> bool,
    ) -> Result<Seen, Halt> {
        let (mut at_least, mut newest, mut went_back) = (0, None, false);
        let mut looks = LOOKS_MS.iter().copied();
        let mut pause = 0;
        loop {
            let sight = session.read(&self.resource).await?;
            went_back |= newest > sight.snapshot.version;
            newest = newest.max(sight.snapshot.version);
            if shows(&sight.snapshot) {
                let span = Span { at_least, at_most: millis(wrote.sent, sight.answered.came) };
                return Ok(Seen { sight, span, went_back });
            }
            at_least = millis(wrote.came, sight.answered.sent);
            if session.now().duration_since(wrote.came) > LOOK_MAX {
                let seconds = LOOK_MAX.as_secs();
                return Err(Halt::Seen(format!("no read showed an accepted write within {seconds} s")));
            }
            pause = looks.next().unwrap_or(pause);
            session.line.wait(SignedDuration::from_millis(pause)).await?;
        }
    }
}

/// A refusal that tells nothing of versions.
pub(super) fn refused(evidence: &Evidence) -> Halt {
    Halt::Seen(format!("a test write was refused: {}", said(evidence)))
}

pub(super) fn millis(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or_default()
}
