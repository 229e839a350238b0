//! The same wishes through ifmatch: handed in when they arrive, then left alone.

use crate::demo::drive::Strategy;
use crate::demo::wish::{End, Ended, Way, Wish};
use crate::live::{Callers, Stage, Taken};
use ifmatch_server::Running;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The name in reports.
pub(in crate::demo) const NAME: &str = "ifmatch";

/// How often the gateway is asked how things stand, wall time.
const LOOK: Duration = Duration::from_millis(60);

/// Hands wishes to a gateway and waits.
pub(in crate::demo) struct Gateway {
    callers: Callers,
    stage: Stage,
    /// Handed in and not ended, by intent.
    open: BTreeMap<String, Wish>,
    /// Those of them that wait for a person: nothing moves them but a person, or a newer word of their source.
    in_review: BTreeSet<String>,
    /// Ended, not told yet.
    told: Vec<Ended>,
    /// Whether every end must be noticed at once.
    eager: bool,
    looked: Instant,
}

impl Gateway {
    /// Logs in as each of the sources.
    pub(in crate::demo) async fn open(
        running: &Running,
        stage: &Stage,
        sources: &[String],
        eager: bool,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            callers: Callers::log_in(running, sources).await?,
            stage: stage.clone(),
            open: BTreeMap::new(),
            in_review: BTreeSet::new(),
            told: Vec::new(),
            eager,
            looked: Instant::now(),
        })
    }

    async fn submit(&mut self, source: &str, wishes: Vec<(Wish, Value)>) {
        let intents: Vec<Value> = wishes.iter().map(|(_, intent)| intent.clone()).collect();
        let taken = self.callers.submit(source, &intents).await;
        for ((wish, _), taken) in wishes.into_iter().zip(taken) {
            match taken {
                Taken::As(id) => drop(self.open.insert(id, wish)),
                Taken::Again => self.tell(wish, End::Superseded, "the same intent again"),
                Taken::Refused(why) => self.tell(wish, End::Rejected, &format!("error to the caller: {why}")),
            }
        }
    }

    fn tell(&mut self, wish: Wish, end: End, said: &str) {
        self.told.push(Ended { wish, end, at_ms: self.stage.now_ms(), said: said.to_owned(), asked: Vec::new() });
    }

    async fn look(&mut self) {
        if !self.eager && self.callers.is_under_way().await {
            return;
        }
        self.in_review.clear();
        for answer in self.callers.all().await {
            let id = answer["id"].as_str().unwrap_or_default();
            match End::of_state(answer["state"].as_str().unwrap_or_default()) {
                End::Pending => {}
                End::Review if self.open.contains_key(id) => drop(self.in_review.insert(id.to_owned())),
                end => {
                    let Some(wish) = self.open.remove(id) else { continue };
                    self.told.push(self.ended_as(wish, end, &answer));
                }
            }
        }
    }

    fn ended_as(&self, wish: Wish, end: End, answer: &Value) -> Ended {
        Ended { wish, end, at_ms: self.when(answer), said: said(answer), asked: asked(answer) }
    }

    fn when(&self, answer: &Value) -> i64 {
        let at = answer["settled_at"].as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
        at.map_or_else(|| self.stage.now_ms(), |at| self.stage.since_start_ms(at.as_millisecond()))
    }
}

fn said(answer: &Value) -> String {
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    let code = Some(text("code")).filter(|code| !code.is_empty()).unwrap_or_else(|| text("state"));
    format!("{} {code}: {}", text("id"), text("reason"))
}

/// The paths that a person is asked about.
fn asked(answer: &Value) -> Vec<String> {
    let notes = answer["conflict"].as_array().into_iter().flatten();
    notes.filter_map(|note| note["path"].as_str()).map(str::to_owned).collect()
}

impl Strategy for Gateway {
    async fn take(&mut self, wishes: Vec<Wish>) {
        let mut batches: BTreeMap<String, Vec<(Wish, Value)>> = BTreeMap::new();
        for wish in wishes {
            match wish.way.clone() {
                Way::Read(end) => self.tell(wish, end, "settled by the reader"),
                Way::Submit { source, intent } => batches.entry(source).or_default().push((wish, intent)),
            }
        }
        for (source, batch) in batches {
            self.submit(&source, batch).await;
        }
    }

    async fn ended(&mut self) -> Vec<Ended> {
        if !self.open.is_empty() && self.looked.elapsed() >= LOOK {
            self.look().await;
            self.looked = Instant::now();
        }
        std::mem::take(&mut self.told)
    }

    fn open(&self) -> usize {
        self.open.len() - self.in_review.len() + self.told.len()
    }

    async fn finish(&mut self) -> Vec<Ended> {
        let mut answers: BTreeMap<String, Value> = BTreeMap::new();
        for answer in self.callers.all().await {
            answers.insert(answer["id"].as_str().unwrap_or_default().to_owned(), answer);
        }
        self.in_review.clear();
        for (id, wish) in std::mem::take(&mut self.open) {
            let answer = answers.get(&id).cloned().unwrap_or_default();
            let end = End::of_state(answer["state"].as_str().unwrap_or_default());
            self.told.push(self.ended_as(wish, end, &answer));
        }
        std::mem::take(&mut self.told)
    }
}
