//! What an engine is told about its org and sources.

use crate::ids::{OrgName, SourceName};
use ifmatch_merge::Policies;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an engine is told at its start.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The org.
    pub org: OrgName,
    /// Its sources.
    pub sources: BTreeMap<SourceName, SourceConfig>,
    /// Kinds whose records the target does not guard, whatever the dialect says of them.
    pub unguarded: BTreeSet<String>,
    /// When a read must bear out a write that the target accepted.
    pub verify: Verify,
    /// Whether the target is listened to where it tells things by itself.
    pub notices: bool,
    /// The bounds.
    pub limits: Limits,
    /// Seed of the jitter.
    pub seed: u64,
}

/// What an engine is told about a source.
#[derive(Debug, Clone, Default)]
pub struct SourceConfig {
    /// What its bodies mean.
    pub sends: Sends,
    /// Its policies on a true conflict.
    pub on_conflict: Policies,
    /// How a true conflict is answered.
    pub answer: AnswerPolicy,
    /// What a local time means that a change of the clocks repeats or leaves out.
    pub local_times: LocalTimes,
    /// What follows where the target let a write of it through over somebody else's.
    pub on_overwrite: OnOverwrite,
}

/// What the bodies of a source mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sends {
    /// A patch means that these fields were changed.
    #[default]
    Edits,
    /// Every body is the whole wish, compared with what the source said before.
    State,
}

/// What a local time without an offset means where a change of the clocks repeats it or leaves it out.
/// One that the clock shows once is no doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalTimes {
    /// Nobody can tell: a person decides between the two instants.
    #[default]
    Review,
    /// The earlier instant: by the offset before the change where the time is repeated, by the one
    /// after it where the time is left out.
    Earlier,
    /// The later instant: by the offset after the change where the time is repeated, by the one before
    /// it where the time is left out.
    Later,
    /// The intent ends `rejected`.
    Reject,
}

/// What follows where a target that ignores versions let a write through over somebody else's. It is told in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOverwrite {
    /// What they wrote is looked for, put back and merged with; a true conflict, or what cannot be known, goes to a person.
    #[default]
    Repair,
    /// A person decides, and nothing is written before.
    Review,
    /// Nothing: the write stands.
    Report,
}

/// When a read must bear out a write that the target accepted. Whatever is said here, an answer that shows another value
/// than was written is believed, and once a read contradicts an answer, each write of its kind is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Where the answer shows neither the record nor a version that moved.
    #[default]
    Answer,
    /// For each field of a kind until a read has shown it as written: one request more for each, in each life.
    First,
    /// After each write: one request more for each.
    Always,
}

/// How a true conflict is answered through the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerPolicy {
    /// Accepted, and kept in review.
    #[default]
    Hold,
    /// The target's own refusal; the intent ends `rejected`.
    Refuse,
}

/// The engine's bounds. Separate budgets: waiting for one never uses up another.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Exchanges on the wire at once.
    pub in_flight_max: usize,
    /// How long an answer is waited for.
    pub answer_wait: SignedDuration,
    /// Merges after a stale answer, per intent.
    pub merges_max: u32,
    /// How long a lock is waited for, per intent.
    pub lock_wait: SignedDuration,
    /// How long something that must be settled first is waited for, per intent.
    pub dependency_wait: SignedDuration,
    /// First and longest pause between probes of a lock.
    pub lock_probe: (SignedDuration, SignedDuration),
    /// How long reads may lag behind a version already seen or implied.
    pub lag_wait: SignedDuration,
    /// Attempts at telling what an ambiguous attempt did, per intent.
    pub ambiguity_max: u32,
    /// Repairs in a row of one record whose repairs are let through over others' writes, too.
    pub repairs_max: u32,
    /// Writes of one kind in a row that were accepted and not applied; after that the kind is held until a person resumes
    /// it. 0: never.
    pub silent_max: u32,
    /// How long after it was sent a write may still take effect.
    pub zombie_horizon: SignedDuration,
    /// A shadow younger than this may be written against without a read (τ*).
    pub shadow_fresh: SignedDuration,
    /// First and longest pause when the target is out of order.
    pub outage_pause: (SignedDuration, SignedDuration),
    /// Pause after a 429 without `Retry-After`, doubled each time.
    pub throttle_pause: SignedDuration,
    /// The longest that a change waits for others of its envelope, when one was written just before;
    /// zero for not at all. From 0 to 60 s.
    pub linger_max: SignedDuration,
    /// Longest pause between looks at a running operation of unknown length, and around the expected
    /// end of one whose length is known.
    pub operation_poll_max: SignedDuration,
    /// How long a write may be processed after the target has taken it.
    pub processing_wait: SignedDuration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight_max: 8,
            answer_wait: SignedDuration::from_secs(30),
            merges_max: 12,
            lock_wait: SignedDuration::from_mins(30),
            dependency_wait: SignedDuration::from_hours(12),
            lock_probe: (SignedDuration::from_secs(2), SignedDuration::from_secs(20)),
            lag_wait: SignedDuration::from_secs(120),
            ambiguity_max: 8,
            repairs_max: 3,
            silent_max: 3,
            zombie_horizon: SignedDuration::from_mins(11),
            shadow_fresh: SignedDuration::from_secs(42),
            outage_pause: (SignedDuration::from_secs(1), SignedDuration::from_secs(60)),
            throttle_pause: SignedDuration::from_secs(2),
            linger_max: SignedDuration::from_secs(2),
            operation_poll_max: SignedDuration::from_secs(30),
            processing_wait: SignedDuration::from_mins(15),
        }
    }
}
