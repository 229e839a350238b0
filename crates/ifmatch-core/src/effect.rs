//! What an engine asks its caller to do.

use crate::commit::Commit;
use crate::ids::{AttemptId, IntentId, Ticket, TurnId};
use crate::intent::Resource;
use crate::record::IntentStatus;
use crate::shared::Shared;
use crate::wire::{Failure, Request, Response};
use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;

/// One deed.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Load payloads; answer with [`crate::Input::Loaded`] in the order given here. What was
    /// persisted by effects before this one must be seen.
    Load {
        /// The turn that waits.
        turn: TurnId,
        /// The resources.
        resources: Vec<Resource>,
        /// The intents.
        intents: Vec<IntentId>,
    },
    /// Make this durable; answer with [`crate::Input::Persisted`] in order, or
    /// [`crate::Input::PersistFailed`].
    Persist(Commit),
    /// Send this with the org's token; answer with [`crate::Input::Answered`] or
    /// [`crate::Input::Failed`]. Never emitted for a write before its attempt is durable.
    Send(Exchange),
    /// Get a new token; answer with [`crate::Input::Authorised`]. One at a time.
    Authorise,
    /// Tell a caller.
    Notify(Notice),
    /// Do this with the socket in which the target tells things by itself; there is one at most. What happens to it comes back
    /// as [`crate::Input::Socket`].
    Socket(SocketDeed),
    /// Read the store again and answer with [`crate::Input::Recovered`]: memory was discarded.
    Recover,
}

/// What is done with a socket.
#[derive(Clone, PartialEq, Eq)]
pub enum SocketDeed {
    /// Open it, in place of one that there is.
    Open {
        /// Its number, named by what happens to it.
        number: u64,
        /// Where it is; whoever knows that can listen.
        address: String,
    },
    /// Say this in it.
    Say {
        /// The text.
        text: String,
    },
    /// Close it.
    Close,
}

impl fmt::Debug for SocketDeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { number, .. } => f.debug_struct("Open").field("number", number).finish_non_exhaustive(),
            Self::Say { text } => f.debug_struct("Say").field("text", text).finish(),
            Self::Close => f.write_str("Close"),
        }
    }
}

/// A request that shall leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Its number.
    pub attempt: AttemptId,
    /// The request.
    pub request: Arc<Request>,
    /// Give up waiting for the answer at this instant.
    pub give_up_at: Timestamp,
    /// Whether it is a write of intents, whose attempt is durable, or a client's own request that asks for a change. Reads
    /// and errands change nothing.
    pub writes: bool,
}

/// Something that a caller waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The intent is durable, or was before.
    Accepted(Accepted),
    /// The intent or decision was not taken; nothing was stored.
    Refused {
        /// The caller's number.
        ticket: Ticket,
        /// Why.
        refusal: Refusal,
    },
    /// An intent changed its state, durably.
    Changed {
        /// The intent.
        id: IntentId,
        /// Its resource.
        resource: Resource,
        /// Its status.
        status: Shared<IntentStatus>,
    },
    /// A decision was taken.
    DecisionTaken {
        /// The caller's number.
        ticket: Ticket,
    },
    /// A withdrawal is durable: nothing of the intent is sent from here on but what resolves an attempt that
    /// may have taken effect.
    WithdrawalTaken {
        /// The caller's number.
        ticket: Ticket,
    },
    /// A request that was passed through has its answer.
    Passed {
        /// The caller's number.
        ticket: Ticket,
        /// The answer, or why there is none.
        result: Result<Response, Failure>,
    },
    /// Something that an operator should see: a missing right, an unknown answer, a refused token,
    /// a value that a write may have overwritten.
    Alarm {
        /// Stable code.
        code: &'static str,
        /// One sentence.
        message: String,
    },
}

/// An intent that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The caller's number.
    pub ticket: Ticket,
    /// The intent; an earlier one when it was the same.
    pub id: IntentId,
    /// Whether it was there before.
    pub duplicate: bool,
    /// When this submission of it was taken; of the first one, the intent's `accepted_at`.
    pub at: Timestamp,
}

/// Why something was not taken.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// The intent is at fault.
    Intent(crate::IntentError),
    /// The key was used for another content.
    IdempotencyMismatch {
        /// The intent that holds the key.
        first: IntentId,
    },
    /// The store could not take it: nothing is lost, send again later.
    Unavailable,
    /// There is no such open intent, or it is not in review.
    NotInReview,
    /// A value that the person saw has moved; the new conflict is in the intent.
    ConflictMoved,
}
