//! The engine of ifmatch: decides, and leaves every deed to its caller.
//!
//! [`Engine`] is sans-IO. It takes an [`Input`] and the time, and yields [`Effect`]s: load these
//! payloads, make this [`Commit`] durable, send this request, tell this caller. It reads no clock,
//! draws no ids and opens no socket, so the same inputs give the same effects, byte for byte, in
//! production and in the simulator.
//!
//! # The five types to know
//! - [`Intent`]: one desired change, as a source gave it; [`IntentRecord`] adds what became of it.
//! - [`ResourceRow`]: what is known of one record of the target: its shadow, and per source what
//!   that source last said.
//! - [`Dialect`]: how one API spells all this. Pure tables and functions, implemented elsewhere.
//! - [`Commit`]: what must be durable together. A write leaves only after its attempt is durable.
//! - [`Engine`]: the state machine over them; one engine serves one org.
//!
//! # The contract
//! Call [`Engine::handle`] for every input, then [`Engine::poll_effect`] until it is empty, then
//! wait for the next input or for [`Engine::poll_timeout`] (then hand in [`Input::Tick`]).
//! Time never runs backwards between calls.

mod applied;
mod blame;
mod commit;
mod config;
pub mod dialect;
mod effect;
mod engine;
mod errand;
mod evidence;
mod hash;
mod ids;
mod input;
mod intent;
mod local;
mod names;
mod notices;
mod observe;
mod plan;
mod record;
mod shadow;
mod shared;
mod silent;
mod slip;
pub mod states;
mod undo;
mod why;
mod wire;

pub use applied::{Applied, Sure};
pub use blame::{Blame, By, Wrote, blame};
pub use commit::{AttemptOutcome, AttemptRecord, Commit, Intake, Op, Recovery, Share, Transition};
pub use config::{AnswerPolicy, EngineConfig, Limits, LocalTimes, OnOverwrite, Sends, SourceConfig, Verify};
pub use dialect::{
    Breach, Call, Creation, Dialect, Fact, GIVEN, Guard, KindSpec, OperationCall, OperationStatus, Precondition,
    Processing, Reply, Route, RouteError, TAKEN, VerbError, WriteItem, Written,
};
pub use effect::{Accepted, Effect, Exchange, Notice, Refusal, SocketDeed};
pub use engine::{AT_ONCE, Doubt as WriteDoubt, Ear, Engine, Standing, undo_of_half};
pub use errand::Notes;
pub use evidence::{About, BudgetHint, Class, Evidence};
pub use hash::{Digest, DigestError, canonical_json, content_digest, value_digest};
pub use ids::{AttemptId, CommitId, IntentId, OrgName, SourceName, Ticket, TurnId};
pub use ifmatch_merge as merge;
pub use input::{Brake, Decision, DecisionAction, Fingerprint, Input, Pass, Scope, SocketEvent, Submission};
pub use intent::{
    BaseHint, Change, Intent, IntentError, Name, Operation, Origin, Resource, ResourceParts, Undo, Urgency, Verb,
};
pub use jiff::{SignedDuration, Timestamp};
pub use local::{Doubt, DoubtCase, Localised};
pub use names::Names;
pub use notices::{Channel, Moved, Notices, Subscribed};
pub use observe::{
    Book, Client, Exchange as Observed, Finding, Known, ObserveBounds, Observer, Outcome as ObservedOutcome, Sheet,
    Sums, week_of,
};
pub use plan::{Ground, MemberFate, Plan, compose};
pub use record::{
    ConflictNote, Decided, Head, Heard, IntentRecord, IntentStatus, KeptEdit, Seen, Settled, Spent, Waited,
};
pub use shadow::{Refused, ResourceRow, Snapshot, SourceShadow, Taken, Word};
pub use shared::Shared;
pub use silent::Check;
pub use slip::{Overwritten, Overwrote, Owed, Slip};
pub use states::State;
pub use undo::{PAIR_SYSTEM, UNDO_SYSTEM, UndoError, undo, undo_both};
pub use why::{Next, Outlook, ToldBy, why};
pub use wire::{Failure, Method, Request, Response};
