//! What happens to an engine.

use crate::commit::Recovery;
use crate::hash::Digest;
use crate::ids::{AttemptId, CommitId, IntentId, SourceName, Ticket, TurnId};
use crate::intent::{Intent, Resource, Urgency};
use crate::record::IntentRecord;
use crate::shadow::{ResourceRow, Snapshot};
use crate::shared::Shared;
use crate::wire::{Failure, Request, Response};
use ifmatch_merge::Pointer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The store's knowledge: the first input of an engine, and the answer to
    /// [`crate::Effect::Recover`].
    Recovered(Box<Recovery>),
    /// A source submits an intent.
    Submitted(Box<Submission>),
    /// Payloads asked for by [`crate::Effect::Load`] are here; rows in the order asked for.
    Loaded {
        /// The turn that asked.
        turn: TurnId,
        /// A row for each resource; `None` where nothing is known.
        rows: Vec<Option<Shared<ResourceRow>>>,
        /// The intents, in the order asked for.
        intents: Vec<IntentRecord>,
    },
    /// The store could not be read for a turn: it is tried again later.
    LoadFailed {
        /// The turn that asked.
        turn: TurnId,
    },
    /// A commit is durable.
    Persisted(CommitId),
    /// A commit failed, and with it every later one not yet reported: memory is discarded.
    PersistFailed(CommitId),
    /// The target answered an exchange.
    Answered {
        /// The exchange.
        attempt: AttemptId,
        /// The answer.
        response: Response,
    },
    /// An exchange brought no answer.
    Failed {
        /// The exchange.
        attempt: AttemptId,
        /// How much of it may have arrived.
        failure: Failure,
    },
    /// A token was got, or not.
    Authorised {
        /// Whether there is a token.
        granted: bool,
        /// The target's words when not.
        message: String,
    },
    /// Somebody other than a turn saw the target's record: an event, or a client's read.
    Observed {
        /// The record.
        resource: Resource,
        /// Its representation, where the observer has it.
        snapshot: Option<Box<Snapshot>>,
        /// The version that was announced, where only that is known.
        version: Option<u64>,
        /// Whether the observation says that a lock on it was released.
        unlocked: bool,
        /// The source that was shown it.
        shown_to: Option<SourceName>,
    },
    /// A client's request that is no intent asks for its place in the budget.
    Pass(Pass),
    /// A person decides a review.
    Decided(Decision),
    /// A source or an operator withdraws an intent.
    Cancelled {
        /// The caller's number.
        ticket: Ticket,
        /// The intent.
        intent: IntentId,
        /// Who.
        by: String,
    },
    /// The brake is pulled or released.
    Braked(Brake),
    /// Something happened to the socket of [`crate::SocketDeed::Open`].
    Socket {
        /// Its number.
        number: u64,
        /// What.
        event: SocketEvent,
    },
    /// Another node owns the org from here on: nothing more is sent.
    LeaseLost,
    /// Time passed.
    Tick,
}

/// What happens to a socket in which the target tells things by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// The target says something.
    Said(String),
    /// The target said something that is too long to be looked at, or no text.
    Dropped,
    /// It has ended, or did not come about; why, without its address.
    Closed(String),
}

/// An intent on its way in.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// The caller's number, handed back.
    pub ticket: Ticket,
    /// The id that it gets if it is new.
    pub id: IntentId,
    /// Who sends it.
    pub source: SourceName,
    /// The wish.
    pub intent: Intent,
    /// Whether the body is the whole wish of its source: compared with what it said before.
    pub whole: bool,
    /// Digest of a proxied write without a key. The same one again joins the first while that is
    /// open, and repeats its answer where it names a version (RFC 9110 §13.1.1).
    pub fingerprint: Option<Fingerprint>,
    /// Whether the caller wants the target's bare semantics.
    pub strict: bool,
    /// Whether it came through the proxy.
    pub proxied: bool,
    /// Small facts of its sender's that become durable with it, and only with it: not where it was accepted before.
    pub keep: Vec<(String, Value)>,
}

/// What makes a proxied write the same write again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Digest of method, path, version and body.
    pub digest: Digest,
    /// Whether it names a version.
    pub versioned: bool,
}

/// A client's request that is passed through within the budget.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// The caller's number, handed back.
    pub ticket: Ticket,
    /// Who sends it.
    pub source: SourceName,
    /// The request.
    pub request: Request,
    /// The resource that it reads, where the dialect knows.
    pub reads: Option<Resource>,
    /// How urgent it is.
    pub class: Urgency,
}

/// A person's decision on a review.
///
/// Shape: `{"action": "apply", "choose": {"/score": "local"}, "seen": {"/score": "sha256:…"}}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The caller's number, handed back.
    pub ticket: Ticket,
    /// The intent in review.
    pub intent: IntentId,
    /// The person, for the audit.
    pub by: String,
    /// What to do.
    pub action: DecisionAction,
    /// Which side stands, by path: `"local"`, `"remote"` or `{"value": …}`. Paths not named take
    /// the local side.
    pub choose: BTreeMap<Pointer, Value>,
    /// Digests of the remote values that the person saw, by path.
    pub seen: BTreeMap<Pointer, Digest>,
    /// The person's own words.
    pub note: Option<String>,
}

/// What a decision does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionAction {
    /// The chosen values are written.
    Apply,
    /// The intent is dropped.
    Discard,
    /// It is tried again as it is.
    Retry,
}

/// A pull at the brake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brake {
    /// What it holds.
    pub scope: Scope,
    /// Pulled or released.
    pub on: bool,
    /// Who pulled it.
    pub by: String,
}

/// What a brake holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole org.
    Org,
    /// Intents of one source.
    Source(SourceName),
    /// Resources of one kind.
    Kind(String),
    /// One resource.
    Resource(Resource),
}
