//! The ways to send that the model knows: the one that the engine follows, and ways that break it.

/// How the target guards the resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// By a version that only grows.
    Version,
    /// By the content: a tag that returns when the content returns.
    Content,
    /// Not at all.
    Nothing,
}

/// What is sent after a write whose outcome nobody knows, while the version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resend {
    /// The same bytes with the same precondition, after a read.
    Identical,
    /// The same bytes without a precondition, at once.
    Blind,
    /// The same bytes with whatever version a read shows.
    Pasted,
}

/// What a stale answer to a write means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stale {
    /// Nothing of it took effect: merge again.
    MergeAgain,
    /// It may have been our own success: read, and tell by what the record holds.
    CheckFirst,
    /// It was our own success.
    Ours,
}

/// What becomes of an intent where the record cannot tell whether its write took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undecided {
    /// A person is asked.
    Review,
    /// It did not: merge again.
    Again,
    /// It did.
    Landed,
}

/// What the engine remembers of an attempt after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Restart {
    /// It may have taken effect.
    Ambiguous,
    /// It is forgotten: its intents are queued.
    Forgotten,
}

/// A true conflict with a foreign value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conflict {
    /// A person is asked.
    Review,
    /// A person is asked about everything, conflict or not.
    ReviewAll,
    /// The foreign value is overwritten.
    Force,
}

/// One protocol, rule by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Protocol {
    /// Whether an attempt is durable before it leaves.
    pub(super) records_first: bool,
    pub(super) resend: Resend,
    /// A stale answer to a first write.
    pub(super) stale_first: Stale,
    /// A stale answer to a write that was sent before.
    pub(super) stale_again: Stale,
    pub(super) undecided: Undecided,
    pub(super) restart: Restart,
    pub(super) conflict: Conflict,
    /// Whether a source's shadow moves when its write is sent, instead of when it is confirmed.
    pub(super) moves_base_on_send: bool,
    /// Whether a resource without a growing version rests until no copy can land any more.
    pub(super) quarantines: bool,
    /// Whether versions are counted where the target does not check them.
    pub(super) counts_versions: bool,
    /// Whether an answer that never comes is given up.
    pub(super) times_out: bool,
}

/// The protocol of design 4.1.
pub(super) const RIGHT: Protocol = Protocol {
    records_first: true,
    resend: Resend::Identical,
    stale_first: Stale::MergeAgain,
    stale_again: Stale::CheckFirst,
    undecided: Undecided::Review,
    restart: Restart::Ambiguous,
    conflict: Conflict::Review,
    moves_base_on_send: false,
    quarantines: true,
    counts_versions: true,
    times_out: true,
};
