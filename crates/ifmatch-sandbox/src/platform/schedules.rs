//! Week schedules in the vendor's spelling: the records of `wfm-v2`, read and written through the functions of [`show`] and
//! [`content`]. What takes time (uploads, imports, copies, runs) is an [`Operation`] or a [`runs::Run`] until it ends.

pub(crate) mod content;
pub(crate) mod create;
pub(crate) mod downloads;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod operation;
pub(crate) mod publish;
pub(crate) mod query;
pub(crate) mod read;
pub(crate) mod runs;
pub(crate) mod search;
pub(crate) mod show;
pub(crate) mod update;
pub(crate) mod uploads;

use std::collections::BTreeMap;

use serde_json::Value;

use self::{operation::Operation, runs::Run, uploads::Upload};
use crate::platform::call::Share;

/// What this area carries out.
pub(crate) const SHARES: &[Share] = &[
    create::SHARE,
    downloads::SHARE,
    history::SHARE,
    import::SHARE,
    query::SHARE,
    read::SHARE,
    runs::SHARE,
    search::SHARE,
    update::SHARE,
    uploads::SHARE,
];

/// What it keeps besides the schedules.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Uploads by their key.
    pub(crate) uploads: BTreeMap<String, Upload>,
    /// What runs, by the id of its operation.
    pub(crate) operations: BTreeMap<String, Operation>,
    /// Generations and reschedules by id.
    pub(crate) runs: BTreeMap<String, Run>,
    /// Results too large for an answer, by the key in their address, and since when.
    pub(crate) downloads: BTreeMap<String, (i64, Value)>,
}
