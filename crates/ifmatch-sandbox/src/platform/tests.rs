//! Tests of the platform API, one file per part of it.

mod activity_codes;
mod actors;
pub(crate) mod contract;
mod door;
mod evaluations;
mod kinds;
mod live;
mod model;
mod notifications;
mod operations;
mod people;
mod refusals;
pub(crate) mod rig;
mod runs;
mod schedules;
mod time_off;
mod trade_jobs;
mod trades;
mod units;
mod uploads;
mod week;
mod work_plans;
