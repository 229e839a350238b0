//! What a person would fix once: the cause of many intents' waiting.

use super::Line;
use ifmatch_core::{IntentId, SignedDuration, State, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Why intents wait, as one person would have to know it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// They should have landed: the target does not answer, or throttles.
    Late,
    /// A lock is held.
    Parked {
        /// Which case, for example `parked/lock`.
        code: String,
    },
    /// A person must decide.
    Review {
        /// Which case, for example `review/true_conflict`.
        code: String,
        /// The kind of resource.
        kind: String,
    },
}

impl fmt::Display for Cause {
    /// As in a correlation id: `late`, `parked/lock`, `review/true_conflict/quality-score`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late => f.write_str("late"),
            Self::Parked { code } => f.write_str(code),
            Self::Review { code, kind } => write!(f, "{code}/{kind}"),
        }
    }
}

/// How long a cause has to last before it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For intents that are neither parked nor in review.
    pub late: SignedDuration,
    /// For locks.
    pub parked: SignedDuration,
    /// For reviews.
    pub review: SignedDuration,
}

impl Default for Patience {
    /// Five minutes, a quarter of an hour, one minute.
    fn default() -> Self {
        Self {
            late: SignedDuration::from_mins(5),
            parked: SignedDuration::from_mins(15),
            review: SignedDuration::from_mins(1),
        }
    }
}

impl Patience {
    fn of(&self, cause: &Cause) -> SignedDuration {
        match cause {
            Cause::Late => self.late,
            Cause::Parked { .. } => self.parked,
            Cause::Review { .. } => self.review,
        }
    }
}

/// The cause of an intent's waiting that went where the line says; `None` where nobody has to know: it ended, or it waits because
/// somebody wants it to.
fn cause_of(line: &Line) -> Option<Cause> {
    let code = || line.code.clone().unwrap_or_else(|| line.to.as_str().to_owned());
    match line.to {
        State::Review => Some(Cause::Review { code: code(), kind: line.resource.kind.to_string() }),
        State::Parked => Some(Cause::Parked { code: code() }),
        State::Deferred if matches!(line.code.as_deref(), Some("deferred/not_before" | "deferred/brake")) => None,
        to if to.is_terminal() => None,
        _ => Some(Cause::Late),
    }
}

/// An open intent and since when it has its cause.
#[derive(Debug, Clone, PartialEq)]
struct Member {
    cause: Option<Cause>,
    since: Timestamp,
    reason: Option<String>,
}

/// The open intents by their causes.
#[derive(Debug, Default)]
pub(super) struct Causes {
    open: BTreeMap<IntentId, Member>,
    /// Of those with a cause, by how long they have had it: a look at the causes does not look at every intent.
    waiting: BTreeMap<Cause, BTreeSet<(Timestamp, IntentId)>>,
}

/// The intents of one cause.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// How many.
    pub(super) intents: usize,
    /// The one that has had it for longest.
    pub(super) oldest: IntentId,
    /// Since when.
    pub(super) since: Timestamp,
    /// What that one's last transition said.
    pub(super) reason: Option<String>,
}

impl Causes {
    /// Takes one line in. An intent that stays with its cause keeps the time since which it has it.
    pub(super) fn take(&mut self, line: &Line) {
        let cause = cause_of(line);
        if let Some(member) = self.open.get_mut(&line.intent)
            && member.cause == cause
            && !line.to.is_terminal()
        {
            member.reason = line.reason.clone().or(member.reason.take());
            return;
        }
        self.forget(line.intent);
        if line.to.is_terminal() {
            return;
        }
        if let Some(cause) = &cause {
            self.waiting.entry(cause.clone()).or_default().insert((line.at, line.intent));
        }
        self.open.insert(line.intent, Member { cause, since: line.at, reason: line.reason.clone() });
    }

    fn forget(&mut self, intent: IntentId) {
        let Some(Member { cause: Some(cause), since, .. }) = self.open.remove(&intent) else { return };
        if let Some(waiting) = self.waiting.get_mut(&cause) {
            waiting.remove(&(since, intent));
            if waiting.is_empty() {
                self.waiting.remove(&cause);
            }
        }
    }

    /// Every cause that an open intent has.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&Cause, Group)> {
        self.waiting.iter().filter_map(|(cause, waiting)| {
            let (since, oldest) = *waiting.first()?;
            let reason = self.open.get(&oldest).and_then(|member| member.reason.clone());
            Some((cause, Group { intents: waiting.len(), oldest, since, reason }))
        })
    }
}

impl Group {
    /// When the cause has lasted long enough to be told.
    pub(super) fn due(&self, cause: &Cause, patience: &Patience) -> Timestamp {
        self.since.checked_add(patience.of(cause)).unwrap_or(Timestamp::MAX)
    }
}
