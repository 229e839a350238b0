//! How target APIs are spelt: dialects, pure tables and functions.
//!
//! # The parts to know
//! - [`WfmV2`]: the [`Dialect`](ifmatch_core::Dialect) of the `wfm-v2` API: quality scores, shift
//!   trades, schedules with their agents, publish. It builds requests, reads answers into facts,
//!   classifies refusals by a table, and knows each kind's merge schema, verbs and invariants.
//! - [`GenesysCloud`]: the one of the vendor's own API: week schedules changed by upload, shift trades, time off, work plans,
//!   activity codes, planning groups, settings, evaluations.
//! - [`Rest`]: one of kinds that a configuration describes, such as a ServiceNow table or a Zendesk ticket.
//! - [`probe`]: asks a target what it does where its pages are silent, and makes a certificate of the answers.
//! - [`instants`]: instants and local times as texts, without a guess.
//!
//! # The contract
//! Everything here is a function of its arguments: no clock, no randomness, no I/O. Nothing panics
//! on data from outside. What cannot be told from the data alone is said to be so: an unknown
//! refusal is `unclassified`, a repeated local hour has two candidates.

mod checks;
mod genesys_cloud;
mod headers;
pub mod instants;
mod oauth;
mod patch;
mod paths;
pub mod probe;
pub mod rest;
mod same;
mod shifts;
mod table;
mod verbs;
mod wfm_v2;
mod words;

pub use genesys_cloud::GenesysCloud;
pub use oauth::token_request;
pub use rest::Rest;
pub use wfm_v2::{Rules, WfmV2};
