//! Tests of the platform API, one file per part of it.

mod door;
mod model;
mod operations;
pub(crate) mod rig;
mod units;
mod work_plans;
