//! What somebody wants of the target, told so that both strategies can carry it out and the judge
//! can hold the outcome against what its sender truly knew.

use serde_json::Value;

/// One thing that somebody wants, as it arrives.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Names it within the incident. A replay has the name of its first.
    pub(super) name: String,
    /// When it arrives, milliseconds of scenario time since the start.
    pub(super) at_ms: i64,
    /// Its place among all wishes of the incident, as they arrive; the feed numbers them.
    pub(super) order: usize,
    /// Which worker of the naive loop takes it; a worker does one thing after the other.
    pub(super) worker: usize,
    /// How it gets to the gateway.
    pub(super) way: Way,
    /// The door through which its sender comes in the field.
    pub(super) door: Door,
    /// What the naive loop sends to the target.
    pub(super) payload: Payload,
    /// What only the sender and the judge know.
    pub(super) truth: Truth,
}

/// How a wish gets to the gateway.
#[derive(Debug, Clone)]
pub(super) enum Way {
    /// As an intent of a source.
    Submit {
        /// The source.
        source: String,
        /// The intent, as `POST /v1/intents` takes it.
        intent: Value,
    },
    /// Not at all: the reader of the file settles it and says why.
    Read(End),
}

/// The door through which a sender comes in the field, with what it hands in there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Door {
    /// A webhook with a signature, and its body.
    SignedHook(String),
    /// A webhook that shows a password, and its body.
    OpenHook(String),
    /// A row of an export in CSV, by its number from 1.
    Csv(u64),
    /// A line of a file in NDJSON.
    Ndjson(String),
    /// A client of the target's own API, in front of which the gateway stands.
    Proxy,
    /// The same, started anew by a timer each time.
    Timer,
}

impl Door {
    /// The name in JSON.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::SignedHook(_) => "signed_hook",
            Self::OpenHook(_) => "open_hook",
            Self::Csv(_) => "csv",
            Self::Ndjson(_) => "ndjson",
            Self::Proxy => "proxy",
            Self::Timer => "timer",
        }
    }
}

/// What the naive loop sends: the sender's own document, whatever the target holds by then.
#[derive(Debug, Clone)]
pub(super) enum Payload {
    /// A quality score, found by its natural key.
    Score(Value),
    /// A shift trade.
    Trade(Value),
    /// One agent's whole entry in a schedule.
    Agent {
        /// The schedule.
        schedule: String,
        /// The entry, with `agent_id`.
        entry: Value,
    },
    /// A publish of a schedule.
    Publish {
        /// The schedule.
        schedule: String,
    },
}

/// What only the sender and the judge know of a wish.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    /// The record that is meant.
    pub(super) subject: Subject,
    /// What the wish does to it.
    pub(super) effect: Effect,
    /// Why a person must look at it whatever the ledger shows; `None` where nothing demands it.
    pub(super) needs_person: Option<&'static str>,
    /// When it is worth nothing any more, milliseconds of scenario time since the start.
    pub(super) deadline_ms: Option<i64>,
}

/// A record, as the ledger knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// By its path.
    Path(String),
    /// By the mark that its sender gives it, for records that do not exist yet.
    Mark {
        /// JSON Pointer of the field, for example `/correlation_id`.
        field: &'static str,
        /// Its value.
        value: String,
    },
}

/// What a wish does to a record.
#[derive(Debug, Clone)]
pub(super) enum Effect {
    /// It sets values. None at all for an echo, a replay of a state, a second spelling.
    Sets(Vec<Set>),
    /// It does something to one shift, whatever the shift is by then.
    Shift {
        /// The shift.
        shift: String,
        /// What.
        deed: Deed,
    },
    /// It has the schedule published.
    Publish,
}

/// One value that a wish sets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Set {
    /// JSON Pointer as the ledger spells it.
    pub(super) path: String,
    /// The value that the sender saw there; absent for none.
    pub(super) base: Option<Value>,
    /// The value that it wants.
    pub(super) after: Option<Value>,
    /// Values that the sender itself put there before, so that it knows them.
    pub(super) own: Vec<Value>,
}

/// What is done to a shift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    /// It starts so many minutes later.
    Move(i64),
    /// It ends so many minutes later.
    Extend(i64),
    /// An activity is laid over it.
    Add {
        /// From its start, minutes.
        offset: i64,
        /// Minutes.
        length: i64,
        /// The activity.
        code: String,
    },
    /// It is taken away.
    Remove,
}

/// What a wish came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The target took it.
    Landed,
    /// The target held it already.
    Satisfied,
    /// A newer wish of the same sender says it all, or it is the same wish again.
    Superseded,
    /// It cannot be carried out, and the sender is told why.
    Rejected,
    /// Its deadline passed, and somebody is told.
    Expired,
    /// It was called off.
    Cancelled,
    /// It was given up.
    Discarded,
    /// A person must decide.
    Review,
    /// It did not end in time.
    Pending,
}

impl End {
    /// Every end, in the order in which reports list them.
    pub(super) const ALL: [Self; 9] = [
        Self::Landed,
        Self::Satisfied,
        Self::Superseded,
        Self::Rejected,
        Self::Expired,
        Self::Cancelled,
        Self::Discarded,
        Self::Review,
        Self::Pending,
    ];

    /// The name in JSON.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Satisfied => "satisfied",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Discarded => "discarded",
            Self::Review => "review",
            Self::Pending => "pending",
        }
    }

    /// The end that a state of an intent is; what is under way is pending.
    pub(super) fn of_state(state: &str) -> Self {
        Self::ALL.into_iter().find(|end| end.as_str() == state).unwrap_or(Self::Pending)
    }
}

/// A wish and what it came to.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    /// The wish.
    pub(super) wish: Wish,
    /// What it came to, as its strategy says.
    pub(super) end: End,
    /// When, milliseconds of scenario time since the start.
    pub(super) at_ms: i64,
    /// What is said about it, for the log.
    pub(super) said: String,
    /// The paths that a person is asked about, as JSON Pointers.
    pub(super) asked: Vec<String>,
}

/// What a person does in the target itself, past every strategy.
#[derive(Debug, Clone)]
pub(super) struct Hand {
    /// When, milliseconds of scenario time since the start.
    pub(super) at_ms: i64,
    /// The record's path.
    pub(super) path: String,
    /// What becomes of it, as a merge patch.
    pub(super) patch: Value,
    /// The person.
    pub(super) by: &'static str,
}
