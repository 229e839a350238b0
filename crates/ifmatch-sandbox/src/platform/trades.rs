//! Shift trades in the vendor's spelling: the records of `wfm-v2`, by the older routes ([`legacy`], [`bulk`]) and as jobs
//! ([`jobs`]). Both go through the rules of [`rules`] and the exchange that `wfm-v2` has.

pub(crate) mod body;
pub(crate) mod bulk;
mod expiry;
pub(crate) mod jobs;
pub(crate) mod legacy;
pub(crate) mod matching;
pub(crate) mod queries;
pub(crate) mod review;
pub(crate) mod rules;
pub(crate) mod show;
pub(crate) mod trade;

use std::collections::BTreeMap;

use crate::platform::call::{Call, Share};

/// What this area carries out.
pub(crate) const SHARES: &[Share] = &[bulk::SHARE, jobs::SHARE, legacy::SHARE];

/// Calls that were put off, by the id of their job or operation.
pub(crate) type PutOff = BTreeMap<String, Call>;
