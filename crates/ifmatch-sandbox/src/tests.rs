//! Tests from the specification, one file per part of it.

mod access;
mod control;
mod faults;
mod order;
mod publish;
mod reads;
pub(crate) mod rig;
mod scenarios;
mod schedules;
mod scores;
mod silence;
mod table;
mod trades;
mod versions;
