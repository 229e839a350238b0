//! The vendor's platform API over the same state: the paths that its SDKs call.
//!
//! A request is matched against the table of documented operations ([`operations`]) and carried out by the function that
//! [`dispatch`] names. Schedules, trades and scores are the records of `wfm-v2`, spelt by the module of their area; everything
//! else is a document ([`document`]), one kind a file under [`kinds`].

pub(crate) mod call;
pub(crate) mod codes;
pub(crate) mod dispatch;
pub(crate) mod document;
pub(crate) mod errors;
pub(crate) mod guard;
pub(crate) mod jobs;
pub(crate) mod kinds;
pub(crate) mod models;
pub(crate) mod notices;
pub(crate) mod notifications;
pub(crate) mod operations;
pub(crate) mod options;
pub(crate) mod quality;
pub(crate) mod queues;
pub(crate) mod roles;
pub(crate) mod schedules;
pub(crate) mod trades;
pub(crate) mod users;
pub(crate) mod world;
pub(crate) mod wrappers;

#[cfg(test)]
pub(crate) mod tests;

use std::{cell::OnceCell, collections::BTreeMap};

use crate::{history::History, platform::document::Document, rng::Rng};

/// Root of the workforce management operations.
pub(crate) const W: &str = "/api/v2/workforcemanagement";

/// What the platform API keeps besides the records of `wfm-v2`.
#[derive(Debug)]
pub(crate) struct Platform {
    /// Documents by their path, made when the first one is asked for: most runs ask for none.
    documents: OnceCell<BTreeMap<String, History<Document>>>,
    /// What those that exist from the start are made of; none where there are none.
    pub(crate) start: Option<world::Start>,
    /// The latest notices that were put out, in order.
    pub(crate) notices: Vec<notices::Notice>,
    /// Who listens for notices.
    pub(crate) channels: notifications::channels::Channels,
    /// What belongs to schedules and is no schedule.
    pub(crate) schedules: schedules::Kept,
    /// What evaluations were answered.
    pub(crate) evaluations: quality::Answers,
    /// What of shift trading was put off.
    pub(crate) trades: trades::PutOff,
    /// What runs or ran for a client, by the id of the job.
    pub(crate) jobs: BTreeMap<String, jobs::Job>,
    /// Draws ids and what else this API alone draws.
    pub(crate) rng: Rng,
    /// Draws which notices are lost.
    loss: Rng,
}

impl Platform {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            documents: OnceCell::new(),
            start: None,
            notices: Vec::new(),
            channels: notifications::channels::Channels::default(),
            schedules: schedules::Kept::default(),
            evaluations: quality::Answers::new(),
            trades: trades::PutOff::new(),
            jobs: BTreeMap::new(),
            rng: Rng::named(seed, "platform"),
            loss: Rng::named(seed, "lost notices"),
        }
    }
}
