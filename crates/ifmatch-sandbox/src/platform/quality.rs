//! Quality in the vendor's spelling: an evaluation is a score of `wfm-v2`. It has no lock: whoever writes last has it.

pub(crate) mod create;
pub(crate) mod evaluations;
pub(crate) mod forms;
pub(crate) mod show;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::platform::call::Share;

/// What this area carries out.
pub(crate) const SHARES: &[Share] = &[create::SHARE, evaluations::SHARE, forms::SHARE];

/// First answers by client, conversation and `Idempotency-Key`.
pub(crate) type Answers = BTreeMap<(Option<String>, String, String), Value>;
