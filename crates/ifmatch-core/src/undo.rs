//! Takes back what an intent wrote: the intent that does so, made from the attempt that landed it.
//!
//! Pure. The new intent states what the old one wrote and what stood there before, path by path. A
//! path that somebody changed since is then a conflict like any other, and one that holds the old
//! value already has nothing to do.

use crate::commit::{AttemptOutcome, AttemptRecord, Share};
use crate::dialect::Call;
use crate::intent::{BaseHint, Change, Intent, Origin, Undo, Urgency};
use crate::record::IntentRecord;
use crate::states::State;
use ifmatch_merge::Change as Step;

/// The system that an undo names as its origin; the record there is the undone intent.
pub const UNDO_SYSTEM: &str = "ifmatch-undo";

/// Why an intent cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// It is not in the target, or not yet.
    #[error("it is {0} and has changed nothing in the target")]
    NotLanded(State),
    /// Whether it wrote anything is not known yet.
    #[error("it is {0}: whether it changed anything is not known yet")]
    Open(State),
    /// It is a publish, or another operation.
    #[error("what the target did cannot be taken back by a write")]
    Operation,
    /// It made the record.
    #[error("it made the record, and this API removes none")]
    Creation,
    /// It landed without a value of its own, or its attempt is not kept any more.
    #[error("no change of its own is known")]
    Nothing,
}

/// The intent that takes back what a landed one wrote. `attempts` are those that carried it, by
/// number, each with its end.
///
/// Shape: `{"resource": {…}, "change": {"undo": {"intent": "int_…", "changes": [{"path": "/score", "before": 85, "after":
/// 80}]}}, "base": {"version": 14}, "class": "interactive", "origin": {"system": "ifmatch-undo", "record": "int_…"}}`.
///
/// # Errors
/// Why there is nothing to take back; sending it again changes that only for one that is still open. Of a pair this is one
/// half: [`undo_both`].
pub fn undo<'a>(
    record: &IntentRecord,
    attempts: impl IntoIterator<Item = (&'a AttemptRecord, Option<&'a AttemptOutcome>)>,
) -> Result<Intent, UndoError> {
    match record.status.state {
        State::Landed => {}
        state if state.is_terminal() => return Err(UndoError::NotLanded(state)),
        state => return Err(UndoError::Open(state)),
    }
    if record.intent.operation().is_some() {
        return Err(UndoError::Operation);
    }
    let (attempt, share) = landing(record, attempts).ok_or(UndoError::Nothing)?;
    if let Call::Create(_) = attempt.call {
        return Err(UndoError::Creation);
    }
    let version = record.status.result.as_ref().and_then(|result| result.version);
    inverse(record, share, version).ok_or(UndoError::Nothing)
}

/// What takes back both halves of a pair: `one` takes back one of them, `other` is what [`undo`] says of its partner
/// (`partner` of its status). A partner that wrote nothing, or was taken back before, has no part in it.
///
/// # Errors
/// The partner is still open: what it comes to is not known yet.
pub fn undo_both(one: Intent, other: Result<Intent, UndoError>) -> Result<Intent, UndoError> {
    let also = match other {
        Ok(other) => Box::new(other),
        Err(UndoError::Open(state)) => return Err(UndoError::Open(state)),
        Err(_) => return Ok(one),
    };
    let Change::Undo(undo) = one.change else { return Ok(one) };
    Ok(Intent { change: Change::Undo(Undo { also: Some(also), ..undo }), ..one })
}

/// The intent that takes back what an intent contributed to the write that landed it at a version; `None` where that was
/// nothing.
pub(crate) fn inverse(record: &IntentRecord, share: &Share, version: Option<u64>) -> Option<Intent> {
    let back = |step: &Step| Step { path: step.path.clone(), before: step.after.clone(), after: step.before.clone() };
    let changes: Vec<Step> = share.changes.iter().map(back).collect();
    (!changes.is_empty()).then(|| Intent {
        idempotency_key: None,
        resource: record.resource.clone(),
        change: Change::Undo(Undo { intent: record.id, changes, also: None }),
        base: version.map(|version| BaseHint { version: Some(version), value: None }),
        on_conflict: None,
        class: Urgency::Interactive,
        not_before: None,
        deadline: None,
        origin: Some(Origin { system: UNDO_SYSTEM.to_owned(), record: Some(record.id.to_string()), sequence: None }),
        pair: None,
    })
}

/// The attempt that landed an intent, with what it contributed; `None` where it is not kept.
pub(crate) fn landing<'a>(
    record: &IntentRecord,
    attempts: impl IntoIterator<Item = (&'a AttemptRecord, Option<&'a AttemptOutcome>)>,
) -> Option<(&'a AttemptRecord, &'a Share)> {
    let carries = |attempt: &&AttemptRecord| attempt.shares.iter().any(|share| share.intent == record.id);
    let ended = attempts.into_iter().filter(|(_, outcome)| took_effect(*outcome)).map(|(attempt, _)| attempt);
    let attempt = ended.filter(carries).last()?;
    attempt.shares.iter().find(|share| share.intent == record.id).map(|share| (attempt, share))
}

/// Whether an attempt may be the one that landed: the last such one is.
fn took_effect(outcome: Option<&AttemptOutcome>) -> bool {
    matches!(outcome, Some(AttemptOutcome::Answered(_) | AttemptOutcome::TookEffect))
}
