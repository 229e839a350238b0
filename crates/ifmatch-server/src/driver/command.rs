//! What handlers ask of a driver, and what they are told.

use ifmatch_core::{Accepted, Decision, Engine, Failure, Input, IntentId, Pass, Refusal, Response, Submission};
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
    Accepted(Accepted),
    /// The decision was taken.
    DecisionTaken,
    /// The withdrawal is durable.
    WithdrawalTaken,
    /// The request that was passed through ended.
    Passed(Result<Response, Failure>),
    /// Nothing was taken.
    Refused(Refusal),
}
