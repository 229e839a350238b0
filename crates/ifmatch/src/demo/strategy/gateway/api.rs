//! The gateway's own API: wishes as intents, `POST /v1/intents`.

use super::{Entrance, Handed};
use crate::demo::wish::{End, Way, Wish};
use crate::live::{Callers, Taken};
use ifmatch_server::Running;
use serde_json::Value;
use std::collections::BTreeMap;

/// Sources that submit intents.
pub(in crate::demo) struct Api {
    callers: Callers,
    answered: Vec<(u64, Wish, Handed)>,
}

impl Api {
    /// Logs in as each of the sources.
    pub(in crate::demo) async fn open(running: &Running, sources: &[String]) -> anyhow::Result<Self> {
        Ok(Self { callers: Callers::log_in(running, sources).await?, answered: Vec::new() })
    }

    async fn submit(&mut self, source: &str, wishes: Vec<(u64, Wish, Value)>) {
        let intents: Vec<Value> = wishes.iter().map(|(_, _, intent)| intent.clone()).collect();
        let taken = self.callers.submit(source, &intents).await;
        for ((number, wish, _), taken) in wishes.into_iter().zip(taken) {
            let handed = match taken {
                Taken::As(id) => Handed::As(id),
                Taken::Again => Handed::Ended(End::Superseded, "the same intent again".to_owned()),
                Taken::Refused(why) => Handed::Ended(End::Rejected, format!("error to the caller: {why}")),
            };
            self.answered.push((number, wish, handed));
        }
    }
}

impl Entrance for Api {
    async fn hand_in(&mut self, wishes: Vec<(u64, Wish)>) {
        let mut batches: BTreeMap<String, Vec<(u64, Wish, Value)>> = BTreeMap::new();
        for (number, wish) in wishes {
            match wish.way.clone() {
                Way::Read(end) => {
                    self.answered.push((number, wish, Handed::Ended(end, "settled by the reader".to_owned())));
                }
                Way::Submit { source, intent } => batches.entry(source).or_default().push((number, wish, intent)),
            }
        }
        for (source, batch) in batches {
            self.submit(&source, batch).await;
        }
    }

    fn answers(&mut self) -> Vec<(u64, Wish, Handed)> {
        std::mem::take(&mut self.answered)
    }
}
