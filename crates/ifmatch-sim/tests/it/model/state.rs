//! What the model is made of: the target, the store, the engine's memory, the wire, the verdicts.

/// Most intents in a model.
pub(super) const INTENTS_MAX: usize = 3;

/// What stands at the path that both sides may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    /// What stood there at the start.
    Base,
    /// The wish of this intent.
    Own(u8),
    /// The value of this foreign edit.
    Foreign(u8),
}

/// The record: three paths, written together by every write of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Content {
    /// A value that somebody sets.
    pub(super) value: Value,
    /// A number to which somebody adds.
    pub(super) tally: u8,
    /// Foreign edits of other paths, one bit each.
    pub(super) others: u8,
}

/// What an intent asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// This value, in place of what stood there.
    Set,
    /// One more, whatever stands there.
    Add,
}

/// What a foreign editor does, always to what stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Edit {
    /// Another path.
    Other,
    /// A value of its own.
    Set,
    /// Back to the value of the start.
    Undo,
    /// One more.
    Add,
}

/// Where an intent stands. `ambiguous` is `Sent` while its attempt is unresolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Stage {
    /// Not submitted so far.
    Unborn,
    Queued,
    Sent,
    Landed,
    Satisfied,
    Superseded,
    Review,
}

impl Stage {
    pub(super) fn is_ended(self) -> bool {
        matches!(self, Self::Landed | Self::Satisfied | Self::Superseded | Self::Review)
    }
}

/// A write as recorded and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Write {
    /// Its place among the writes that were composed.
    pub(super) number: u8,
    /// The version that it was made from: its precondition.
    pub(super) from: u8,
    /// The content that it was made from.
    pub(super) before: Content,
    pub(super) to: Content,
    /// The intents that it carries, one bit each.
    pub(super) carries: u8,
    /// The foreign edits that its merge saw, one bit each.
    pub(super) knew: u8,
    /// Sent without a precondition.
    pub(super) blind: bool,
}

/// A copy of a write on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Copy {
    pub(super) write: Write,
    /// Whether somebody still waits for its answer.
    pub(super) awaited: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Answer {
    /// Accepted; the record has this version.
    Accepted(u8),
    /// Refused: the precondition does not hold.
    Stale,
}

/// What a read shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shown {
    pub(super) version: u8,
    pub(super) content: Content,
    /// The foreign edits that led to it.
    pub(super) foreign: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) now: Shown,
    /// What a lagging read may still show, oldest first; empty where no lag is left.
    pub(super) past: Vec<Shown>,
    /// The foreign edits of each path, one bit each.
    pub(super) set_by: u8,
    pub(super) added_by: u8,
    /// The intents whose effect was accepted, one bit each.
    pub(super) applied: u8,
    /// The newest write of ours that was accepted.
    pub(super) newest: u8,
}

/// What is durable, and what the engine takes for durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Rows {
    pub(super) stages: [Stage; INTENTS_MAX],
    /// The attempt without an outcome.
    pub(super) attempt: Option<Write>,
    /// No read below this version is believed.
    pub(super) floor: u8,
    /// The intents that the source's shadow counts as said, one bit each.
    pub(super) said: u8,
    /// Whether a foreign value was reported as overwritten.
    pub(super) reported: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    /// No turn is under way. An attempt in the rows is unresolved.
    Idle,
    /// A write leaves once its record is durable.
    ToSend { again: bool },
    /// A write is on the wire.
    Waiting { again: bool },
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Memory {
    pub(super) rows: Rows,
    /// Whether the store holds the rows.
    pub(super) durable: bool,
    pub(super) phase: Phase,
}

/// How much may still go wrong or come in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Bounds {
    pub(super) edits: u8,
    pub(super) crashes: u8,
    /// Time-outs although the answer, or the write itself, is still on its way.
    pub(super) timeouts: u8,
    /// Lost requests and lost answers.
    pub(super) losses: u8,
    /// Requests that the network delivers twice.
    pub(super) twins: u8,
    /// Reads that show an older version.
    pub(super) lags: u8,
}

/// What went wrong, as somebody would see it who knows everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Wrongs {
    /// A foreign value was overwritten by a write whose merge had not seen it, or that forced its way.
    pub(super) lost_edit: bool,
    /// An effect was applied again over what came after it.
    pub(super) twice: bool,
    /// An older write of ours landed over a newer one.
    pub(super) overtaken: bool,
    /// A write was on the wire before its record was durable.
    pub(super) unrecorded: bool,
    /// An intent was called landed or satisfied without its effect.
    pub(super) unfounded: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) target: Target,
    pub(super) store: Rows,
    pub(super) engine: Memory,
    /// Copies on their way, in order, so that equal states are one state.
    pub(super) wire: Vec<Copy>,
    /// Answers on their way to the exchange that waits for one.
    pub(super) answers: Vec<Answer>,
    /// How many writes were composed.
    pub(super) composed: u8,
    pub(super) left: Bounds,
    pub(super) wrongs: Wrongs,
}
