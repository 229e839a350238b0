//! Takes back what an intent wrote: the intent that does so, made from what its writes did.
//!
//! Pure. The new intent states what the old one wrote and what stood there before, path by path; of one that did not
//! land, what writes of it put there nevertheless. A path that somebody changed since is then a conflict like any
//! other, and one that holds the old value already has nothing to do.

use crate::applied::{Sure, stood_at};
use crate::commit::{AttemptOutcome, AttemptRecord, Share};
use crate::dialect::{Call, Dialect, alike};
use crate::intent::{BaseHint, Change, Intent, Origin, Undo, Urgency};
use crate::record::{IntentRecord, IntentStatus};
use crate::states::State;
use ifmatch_merge::{Change as Step, Pointer, Schema, apply, get, same};
use serde_json::{Value, json};

/// The system that an undo names as its origin; the record there is the undone intent.
pub const UNDO_SYSTEM: &str = "ifmatch-undo";

/// The system that names itself as the origin of an undo that the engine makes of half a pair; the record there names the
/// half that landed and the one that did not.
pub const PAIR_SYSTEM: &str = "ifmatch-pair";

impl Intent {
    /// Whether the engine made it, to take back half a pair.
    #[must_use]
    pub fn takes_back_half(&self) -> bool {
        let ours = self.origin.as_ref().is_some_and(|origin| origin.system == PAIR_SYSTEM);
        ours && matches!(self.change, Change::Undo(_))
    }
}

/// Why an intent cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// It is not in the target, or not yet.
    #[error("it is {0} and has changed nothing in the target")]
    NotLanded(State),
    /// Whether it wrote anything is not known yet.
    #[error("it is {0}: whether it changed anything is not known yet")]
    Open(State),
    /// Some of it stands in the target, and what becomes of it is still open.
    #[error("it is {state} and has not settled, while what it wrote at {paths} stands in the target")]
    Stands {
        /// Where it stands.
        state: State,
        /// What it wrote.
        paths: String,
    },
    /// It settled without landing, and its write stands over what others wrote.
    #[error(
        "it is {state}, and what it wrote at {paths} stands over what others wrote, which the target does not tell"
    )]
    Over {
        /// How it ended.
        state: State,
        /// What it wrote.
        paths: String,
    },
    /// It settled without landing, and of a write of it nobody could tell.
    #[error("it is {0}, and nobody could tell whether a write of it took effect")]
    Untold(State),
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

/// The intent that takes back what another wrote: by the write that it landed by, and by those that took effect though it
/// did not land by them. `attempts` are those that carried it, by number, each with its end.
///
/// Shape: `{"resource": {…}, "change": {"undo": {"intent": "int_…", "changes": [{"path": "/score", "before": 85, "after":
/// 80}]}}, "base": {"version": 14}, "class": "interactive", "origin": {"system": "ifmatch-undo", "record": "int_…"}}`.
///
/// # Errors
/// Why there is nothing to take back; sending it again changes that only for one that is still open. Of a pair this is one
/// half: [`undo_both`].
pub fn undo<'a>(
    dialect: &dyn Dialect,
    record: &IntentRecord,
    attempts: impl IntoIterator<Item = (&'a AttemptRecord, Option<&'a AttemptOutcome>)>,
) -> Result<Intent, UndoError> {
    let IntentStatus { state, applied, result, .. } = &*record.status;
    if !state.is_terminal() {
        let stands = stood_at(record).map(|paths| UndoError::Stands { state: *state, paths });
        return Err(stands.unwrap_or(UndoError::Open(*state)));
    }
    let landed = *state == State::Landed;
    if !landed && applied.is_empty() {
        return Err(UndoError::NotLanded(*state));
    }
    if record.intent.operation().is_some() {
        return Err(UndoError::Operation);
    }
    let attempts: Vec<_> = attempts.into_iter().collect();
    let made = |(attempt, _): &(&AttemptRecord, _)| {
        matches!(attempt.call, Call::Create(_))
            && applied.iter().any(|applied| applied.attempt == attempt.id && applied.stood())
    };
    if attempts.iter().any(made) {
        return Err(UndoError::Creation);
    }
    let known = applied.iter().filter(|applied| applied.sure == Sure::Known);
    let mut writes: Vec<(Option<u64>, &[Step])> = known.map(|applied| (applied.version, &*applied.changes)).collect();
    if landed {
        let (attempt, share) = landing(record, attempts).ok_or(UndoError::Nothing)?;
        if let Call::Create(_) = attempt.call {
            return Err(UndoError::Creation);
        }
        writes.push((result.as_ref().and_then(|result| result.version), &share.changes));
    }
    taken_back(dialect, record, &writes).ok_or_else(|| match stood_at(record) {
        _ if landed => UndoError::Nothing,
        Some(_) if applied.iter().all(|applied| applied.sure == Sure::Known) => UndoError::Nothing,
        Some(paths) => UndoError::Over { state: *state, paths },
        None => UndoError::Untold(*state),
    })
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
pub(crate) fn inverse(
    dialect: &dyn Dialect,
    record: &IntentRecord,
    share: &Share,
    version: Option<u64>,
) -> Option<Intent> {
    taken_back(dialect, record, &[(version, &share.changes)])
}

/// The intent that takes back what several writes of one did, oldest first, each with the version that it led to; `None`
/// where nothing of them is left to take back.
fn taken_back(dialect: &dyn Dialect, record: &IntentRecord, writes: &[(Option<u64>, &[Step])]) -> Option<Intent> {
    let back = |step: &Step| Step { path: step.path.clone(), before: step.after.clone(), after: step.before.clone() };
    let schema = &dialect.kind(&record.resource.kind)?.schema;
    let steps = Composition { dialect, schema }.of(writes);
    let version = steps.iter().filter_map(|(version, _)| *version).max();
    let other = |(at, step): &(Option<u64>, Step)| at.filter(|_| *at != version).map(|at| (step.path.clone(), at));
    let since = steps.iter().filter_map(other).collect();
    let changes: Vec<Step> = steps.iter().map(|(_, step)| back(step)).collect();
    (!changes.is_empty()).then(|| Intent {
        base: version.map(|version| BaseHint { version: Some(version), value: None }),
        class: Urgency::Interactive,
        origin: Some(Origin { system: UNDO_SYSTEM.to_owned(), record: Some(record.id.to_string()), sequence: None }),
        ..Intent::new(record.resource.clone(), Change::Undo(Undo { intent: record.id, changes, since, also: None }))
    })
}

/// What several writes of one intent come to, by the kind that they are of.
struct Composition<'a> {
    dialect: &'a dyn Dialect,
    schema: &'a Schema,
}

impl Composition<'_> {
    /// What several writes changed all in all, each path with the version that it came by. Where others wrote between two of
    /// them at one place, what the earlier one put there is gone, and the later one alone counts.
    fn of(&self, writes: &[(Option<u64>, &[Step])]) -> Vec<(Option<u64>, Step)> {
        let mut all: Vec<(Option<u64>, Step)> = Vec::new();
        for (version, step) in writes.iter().flat_map(|(version, steps)| steps.iter().map(move |step| (*version, step)))
        {
            let (touched, rest): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|(_, earlier)| earlier.path.overlaps(&step.path));
            let touched: Vec<Step> = touched.into_iter().map(|(_, earlier)| earlier).collect();
            all = rest;
            all.push((version, self.gone_on(&touched, step)));
        }
        all.retain(|(_, step)| !same(step.before.as_ref(), step.after.as_ref()));
        all
    }

    /// A later step, and the earlier ones at its place: one that was made around it, or those that were made below it.
    fn gone_on(&self, earlier: &[Step], later: &Step) -> Step {
        match earlier {
            [around] if around.path.is_prefix_of(&later.path) => self.inside(around, later),
            below => {
                let mut before = later.before.clone();
                for step in below.iter().filter(|step| self.stands(&later.path, later.before.as_ref(), step)) {
                    before = self.with(&later.path, before, &step.path, step.before.clone());
                }
                Step { before, ..later.clone() }
            }
        }
    }

    /// A later step at the place of an earlier one, or inside it.
    fn inside(&self, around: &Step, later: &Step) -> Step {
        let goes_on = self.is(&around.path, around.after.as_ref(), &later.path, later.before.as_ref());
        let before = match goes_on {
            true => around.before.clone(),
            // What others put there meanwhile is what stood before the later one; beside it the earlier one still counts.
            false if self.at(&around.path, around.before.as_ref(), &later.path).is_some() => {
                self.with(&around.path, around.before.clone(), &later.path, later.before.clone())
            }
            false => return later.clone(),
        };
        let after = self.with(&around.path, around.after.clone(), &later.path, later.after.clone());
        Step { path: around.path.clone(), before, after }
    }

    /// Whether a value at a place holds below it what an earlier step put there.
    fn stands(&self, place: &Pointer, value: Option<&Value>, earlier: &Step) -> bool {
        self.is(place, value, &earlier.path, earlier.after.as_ref())
    }

    fn is(&self, place: &Pointer, value: Option<&Value>, path: &Pointer, wanted: Option<&Value>) -> bool {
        alike(self.dialect, self.at(place, value, path).as_ref(), wanted)
    }

    /// What stands at a path, where a value stands at a place around it.
    fn at(&self, place: &Pointer, value: Option<&Value>, path: &Pointer) -> Option<Value> {
        get(self.schema, &self.set(&json!({}), place, value.cloned()), path).cloned()
    }

    /// A value at a place with another one at a path inside it.
    fn with(&self, place: &Pointer, value: Option<Value>, path: &Pointer, inner: Option<Value>) -> Option<Value> {
        let around = self.set(&json!({}), place, value);
        get(self.schema, &self.set(&around, path, inner), place).cloned()
    }

    fn set(&self, around: &Value, path: &Pointer, value: Option<Value>) -> Value {
        apply(self.schema, around, &[Step { path: path.clone(), before: None, after: value }])
    }
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
