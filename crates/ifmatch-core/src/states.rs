//! The states of an intent and the table of transitions between them.
//!
//! The table is data: the engine asserts every transition against it, and `docs/STATES.md` is
//! printed from it by a test.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Durable; nothing was decided yet.
    Accepted,
    /// In its lane.
    Queued,
    /// Merged with what the target holds, about to be written.
    Planned,
    /// Its attempt is durable and may be on the wire.
    Sent,
    /// The target took it and works on it.
    Tracking,
    /// An attempt may or may not have taken effect.
    Ambiguous,
    /// Waits for a lock domain.
    Parked,
    /// Waits for a budget, a time or the brake.
    Deferred,
    /// Waits for a person.
    Review,
    /// In the target.
    Landed,
    /// The target held it already.
    Satisfied,
    /// A newer intent of the same source says it all.
    Superseded,
    /// Refused for good.
    Rejected,
    /// Its deadline passed.
    Expired,
    /// Withdrawn by its source.
    Cancelled,
    /// Dropped by a person's decision.
    Discarded,
}

/// All states, in the order of the table.
pub const ALL: [State; 16] = [
    State::Accepted,
    State::Queued,
    State::Planned,
    State::Sent,
    State::Tracking,
    State::Ambiguous,
    State::Parked,
    State::Deferred,
    State::Review,
    State::Landed,
    State::Satisfied,
    State::Superseded,
    State::Rejected,
    State::Expired,
    State::Cancelled,
    State::Discarded,
];

impl State {
    /// The name as in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Queued => "queued",
            Self::Planned => "planned",
            Self::Sent => "sent",
            Self::Tracking => "tracking",
            Self::Ambiguous => "ambiguous",
            Self::Parked => "parked",
            Self::Deferred => "deferred",
            Self::Review => "review",
            Self::Landed => "landed",
            Self::Satisfied => "satisfied",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Discarded => "discarded",
        }
    }

    /// Reads the name as in JSON.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether nothing follows.
    #[must_use]
    pub fn is_terminal(self) -> bool {
        self >= Self::Landed
    }

    /// Whether an attempt of it may be on the wire or may have taken effect.
    #[must_use]
    pub fn is_unresolved(self) -> bool {
        matches!(self, Self::Sent | Self::Tracking | Self::Ambiguous)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One allowed transition and its reason.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The state it leaves.
    pub from: State,
    /// The state it enters.
    pub to: State,
    /// When it happens.
    pub when: &'static str,
}

macro_rules! table {
    ($($from:ident => { $($to:ident: $when:literal,)* })*) => {
        /// Every allowed transition.
        pub const TABLE: &[Rule] = &[
            $($(Rule { from: State::$from, to: State::$to, when: $when },)*)*
        ];
    };
}

table! {
    Accepted => {
        Queued: "it takes its place in its lane",
        Superseded: "the same wish again, or older than one already taken",
        Rejected: "it cannot be carried out by anybody",
        Review: "it is undecidable as given",
    }
    Queued => {
        Planned: "merged with what the target holds",
        Satisfied: "the target equals the wish",
        Superseded: "a newer intent of its source covers every path",
        Rejected: "the wish cannot be carried out, or lost a race for good",
        Review: "a true conflict, a breach of a rule, or a base that nobody knows",
        Deferred: "its budget is closed, its time has not come, or the brake is on",
        Parked: "its lock domain is held",
        Expired: "its deadline passed",
        Cancelled: "its source withdrew it",
    }
    Planned => {
        Sent: "its attempt is durable",
        Tracking: "it joined a running operation",
        Queued: "the plan was dropped before the attempt left",
    }
    Sent => {
        Landed: "2xx",
        Tracking: "202: the target works on it",
        Queued: "refused as stale, false or lagging: to be merged again",
        Parked: "refused by a lock",
        Deferred: "refused by the rate limit or for want of a token",
        Ambiguous: "no answer, 408, 5xx, or a crash",
        Rejected: "refused on its shape, or a lost race",
        Review: "refused by a rule, for want of rights, or for a reason nobody knows",
    }
    Tracking => {
        Landed: "the operation ended and covers the wish",
        Queued: "the operation ended without the wish",
        Ambiguous: "the operation was lost from sight",
        Review: "the operation failed for good",
    }
    Ambiguous => {
        Landed: "evidence that it took effect",
        Queued: "evidence that it did not and cannot any more",
        Rejected: "the identical resend was refused on its shape",
        Review: "nobody can tell, or the budget for telling is spent",
        Tracking: "the operation that it started was found running",
    }
    Parked => {
        Queued: "the lock was released, or a probe is due",
        Review: "the lock outlasted its budget",
        Superseded: "a newer intent of its source covers every path",
        Expired: "its deadline passed",
        Cancelled: "its source withdrew it",
    }
    Deferred => {
        Queued: "the time has come",
        Review: "the budget for waiting is spent",
        Superseded: "a newer intent of its source covers every path",
        Expired: "its deadline passed",
        Cancelled: "its source withdrew it",
    }
    Review => {
        Queued: "a person decided to apply it, or to try again",
        Discarded: "a person decided against it",
        Superseded: "a newer intent of its source covers every path",
        Satisfied: "the target came to equal the wish",
        Expired: "its deadline passed",
        Cancelled: "its source withdrew it",
    }
}

/// Whether the table allows a transition.
#[must_use]
pub fn allows(from: State, to: State) -> bool {
    TABLE.iter().any(|rule| rule.from == from && rule.to == to)
}

#[cfg(test)]
mod tests;
