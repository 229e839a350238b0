//! Tests of the platform API, one file per part of it.

mod activity_codes;
mod door;
mod kinds;
mod model;
mod operations;
mod people;
pub(crate) mod rig;
mod time_off;
mod units;
mod work_plans;
