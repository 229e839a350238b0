//! What answers of the gateway mean for the exit code and the summary.

use crate::exit::Exit;
use crate::output::field;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Where an answer stands, as far as the exit code is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// In the target by this intent, or ended by somebody's will.
    Done,
    /// Ended, and nothing was changed for it.
    Unchanged,
    /// Not ended.
    Open,
    /// Waits for a person.
    Review,
    /// Its deadline passed.
    Late,
    /// Refused at the door, or ended `rejected`.
    Refused,
    /// The gateway could not take it; nothing is wrong with it.
    PutOff,
}

impl Standing {
    /// Reads it from an answer or from a refused line.
    pub(crate) fn of(answer: &Value) -> Self {
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let status = error.get("status").and_then(Value::as_u64).unwrap_or(400);
            return if status < 500 { Self::Refused } else { Self::PutOff };
        }
        match field(answer, "/state").as_str() {
            "landed" if answer.get("duplicate") == Some(&Value::Bool(true)) => Self::Unchanged,
            "landed" | "cancelled" | "discarded" => Self::Done,
            "satisfied" | "superseded" => Self::Unchanged,
            "rejected" => Self::Refused,
            "expired" => Self::Late,
            "review" => Self::Review,
            _ => Self::Open,
        }
    }

    /// Whether waiting longer would not change it.
    pub(crate) fn is_settled(self) -> bool {
        self != Self::Open
    }

    /// The exit code of one intent that was waited for.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::Done | Self::Unchanged => Exit::Done,
            Self::Open | Self::Late => Exit::Deferred,
            Self::Review => Exit::Review,
            Self::Refused => Exit::Usage,
            Self::PutOff => Exit::Unreachable,
        }
    }
}

/// Whether the command waited for the outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    Yes,
    No,
}

/// The exit code of many: the gravest. What is open counts only when it was waited for.
pub(super) fn exit_of(standings: &[Standing], waited: Waited) -> Exit {
    let counts = |standing: &&Standing| waited == Waited::Yes || standing.is_settled();
    let exits = standings.iter().filter(counts).map(|standing| standing.exit());
    exits
        .min_by_key(|exit| match exit {
            Exit::Unreachable => 0,
            Exit::Usage => 1,
            Exit::Review => 2,
            Exit::Deferred => 3,
            _ => 4,
        })
        .unwrap_or(Exit::Done)
}

/// How many answers stand where: `3 intents: 2 landed, 1 refused`.
pub(super) fn summary(answers: &[Value]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for answer in answers {
        let state = field(answer, "/state");
        let state = if state.is_empty() { "refused".to_owned() } else { state };
        *counts.entry(state).or_default() += 1;
    }
    let counts: Vec<String> = counts.into_iter().map(|(state, count)| format!("{count} {state}")).collect();
    let intents = if answers.len() == 1 { "intent" } else { "intents" };
    format!("{} {intents}: {}", answers.len(), counts.join(", "))
}

/// The codes of the lines that were refused, each once.
pub(super) fn refusals(answers: &[Value]) -> BTreeSet<String> {
    answers.iter().map(|answer| field(answer, "/error/code")).filter(|code| !code.is_empty()).collect()
}

#[cfg(test)]
mod tests;
