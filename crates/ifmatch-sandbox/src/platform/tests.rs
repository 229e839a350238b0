//! Tests of the platform API, one file per part of it.

mod door;
mod model;
mod notifications;
mod operations;
pub(crate) mod rig;
mod runs;
mod schedules;
mod units;
mod uploads;
mod week;
mod work_plans;
