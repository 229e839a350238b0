//! The benches: what a gateway costs, as a ratio to a bound or to a peer of the same run.
//!
//! [`GROUPS`] is the table of contents: each group measures some [`Row`]s together. Nothing here
//! is an absolute bar: a row is measured ÷ bound, and the bound is a design figure, an expectation
//! by formula, or a process measured beside it. Every group is bounded in time and count, works on
//! loopback and in a folder of its own, and leaves nothing behind.

mod accept;
mod decision;
mod flood;
pub(crate) mod floor;
mod gateway;
mod held;
mod load;
mod merge;
mod peers;
mod requests;
mod row;
mod sandbox;
mod shell;
mod stats;
pub(crate) mod stopwatch;
mod stored;
mod waiting;

pub(crate) use held::until_told;
pub(crate) use row::{Better, HEADINGS, Row};

use anyhow::Result;
use std::path::PathBuf;

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// Enough for figures to keep.
    Full,
    /// Enough to see that nothing is far off.
    Quick,
}

impl Size {
    /// One of two numbers.
    pub(crate) fn of<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// What a bench is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) size: Size,
    /// A folder of npm packages that holds the stub servers of others.
    pub(crate) peers: Option<PathBuf>,
}

/// Rows that are measured together.
pub(crate) struct Group {
    /// What it measures, for the progress line.
    pub(crate) name: &'static str,
    /// Its rows.
    pub(crate) ids: &'static [&'static str],
    /// Measures them, in the order of the ids.
    pub(crate) run: fn(&Wanted) -> Result<Vec<Row>>,
}

/// Every bench.
pub(crate) const GROUPS: &[Group] = &[
    Group { name: "durable accepts", ids: &["accept-rate", "accept-tail"], run: |wanted| accept::run(wanted.size) },
    Group { name: "merges", ids: &["merge-median", "merge-p99"], run: |wanted| merge::run(wanted.size) },
    Group {
        name: "decisions",
        ids: &["decision-submit", "decision-plan", "decision-agent"],
        run: |wanted| decision::run(wanted.size),
    },
    Group {
        name: "requests per landed change",
        ids: &["requests-known", "requests-unknown"],
        run: |wanted| requests::run(wanted.size),
    },
    Group {
        name: "start-up and memory",
        ids: &["start-empty", "start-waiting", "memory-idle", "memory-waiting"],
        run: |wanted| waiting::run(wanted.size),
    },
    Group {
        name: "versioned writes of the sandbox",
        ids: &["sandbox-versioned-put", "sandbox-versioned-put-prism"],
        run: sandbox::run,
    },
    Group {
        name: "a flood of hooks while the target is down",
        ids: &["hook-flood-tail", "hook-flood-drain"],
        run: |wanted| flood::run(wanted.size),
    },
];

/// What is not measured, and why; said after the table.
pub(crate) const NOT_MEASURED: &str = "not measured: peers (PostgreSQL, Redis, Restate, NATS JetStream, BullMQ, svix): \
     this bench starts none of them, installed or not; the peer of the accepts is the same handler without a store";

#[cfg(test)]
mod tests;
