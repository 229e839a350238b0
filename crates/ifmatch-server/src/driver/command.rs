//! What handlers ask of a driver, and what they are told.

use ifmatch_core::{Decision, Engine, Failure, Input, IntentId, Pass, Refusal, Response, Submission, Timestamp};
use tokio::sync::oneshot;

/// What a handler asks. The driver gives the ticket.
pub(super) enum Command {
    /// A new intent.
    Submit(Box<Submission>, oneshot::Sender<Reply>),
    /// A decision.
    Decide(Decision, oneshot::Sender<Reply>),
    /// A withdrawal: the intent, and by whom.
    Withdraw(IntentId, String, oneshot::Sender<Reply>),
    /// A request to be passed through.
    Pass(Pass, oneshot::Sender<Reply>),
    /// An input that nobody answers.
    Tell(Input),
    /// A look at the engine.
    Ask(Question),
}

/// A look at the engine.
pub(super) type Question = Box<dyn FnOnce(&Engine) + Send>;

/// What a handler is told.
#[derive(Debug)]
pub(super) enum Reply {
    /// The intent is durable.
    Accepted(Taken),
    /// The decision was taken.
    DecisionTaken,
    /// The withdrawal is durable.
    WithdrawalTaken,
    /// The request that was passed through ended.
    Passed(Result<Response, Failure>),
    /// Nothing was taken.
    Refused(Refusal),
}

/// An intent that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Its id; that of the first one when it was there before.
    pub(crate) id: IntentId,
    /// Whether it was there before.
    pub(crate) duplicate: bool,
    /// When it was taken.
    pub(crate) at: Timestamp,
}

/// A handler that waits.
pub(super) struct Waiting {
    pub(super) reply: oneshot::Sender<Reply>,
    /// When its command was handed to the engine.
    pub(super) at: Timestamp,
}
