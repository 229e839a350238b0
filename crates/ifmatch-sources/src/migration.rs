//! Migration: a whole file of a foreign system, planned before anything is written, applied row by row, accounted for at the end.
//!
//! `docs/design/027-migration.md` has the flow. The parts, in its order:
//!
//! - [`Kind`]: which files there are, and how a file becomes the rows of a [`Plan`].
//! - [`Import`]: a file with what it does not say itself; [`Survey`]: what is asked of the target for its plan.
//! - [`Agents`]: who an address is in the target.
//! - [`compare`]: the rows against what the target holds: `create`, `update` or `equal`.
//! - [`Forecast`]: requests and seconds, before any is spent.
//! - [`Run`]: which rows leave next, and which are waited for.
//! - [`Journal`]: what an interrupted run goes on from, read from whatever a crash left of the file.
//! - [`Account`]: every row with what became of it; its totals are the number of rows.
//!
//! All of it decides; a shell asks the target, writes files, and carries intents to a gateway.

mod account;
mod agents;
pub mod compare;
mod forecast;
mod import;
mod journal;
mod kind;
mod plan;
mod rows;
mod run;
mod scouts;
mod survey;

pub use account::{Account, Entry, Outcome};
pub use agents::{Agents, AgentsError};
pub use forecast::{Assumed, Forecast};
pub use import::Import;
pub use journal::{Journal, JournalError, Line, Progress};
pub use kind::{Kind, UnknownKind};
pub use plan::{Checked, FieldChange, Plan, PlanRow, Verdict, key_of};
pub use rows::{ReadError, Reading, read};
pub use run::{Answered, Leaving, NoAnswer, Run};
pub use scouts::Refusal;
pub use survey::{NoTrades, Survey};
