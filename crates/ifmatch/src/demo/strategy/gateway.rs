//! The same wishes through ifmatch: handed in when they arrive, then left alone.

pub(in crate::demo) mod api;

use crate::demo::drive::Strategy;
use crate::demo::wish::{End, Ended, Wish};
use crate::live::{Callers, Stage};
use ifmatch_server::Running;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// The name in reports.
pub(in crate::demo) const NAME: &str = "ifmatch";

/// How often the gateway is asked how things stand, wall time.
const LOOK: Duration = Duration::from_millis(60);

/// A way into the gateway.
pub(in crate::demo) trait Entrance {
    /// Hands wishes in, each with a number of its own.
    async fn hand_in(&mut self, wishes: Vec<(u64, Wish)>);

    /// What came of handing in since the last call. A wish that waited for its turn comes back with the time at which
    /// its turn came.
    fn answers(&mut self) -> Vec<(u64, Wish, Handed)>;
}

/// What came of handing one wish in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::demo) enum Handed {
    /// It is an intent.
    As(String),
    /// It ended at the door; why.
    Ended(End, String),
}

/// Hands wishes to a gateway and waits.
pub(in crate::demo) struct Gateway<E> {
    entrance: E,
    onlooker: Callers,
    stage: Stage,
    /// Handed in and not answered, by number.
    handed: BTreeMap<u64, Wish>,
    taken: u64,
    /// Answered and not ended, by intent.
    open: BTreeMap<String, Wish>,
    /// Those of them that wait for a person: nothing moves them but a person, or a newer word of their source.
    in_review: BTreeSet<String>,
    /// Every intent that a wish became.
    known: BTreeSet<String>,
    /// Ended, not told yet.
    told: Vec<Ended>,
    /// Whether every end must be noticed at once.
    eager: bool,
    looked: Instant,
}

impl<E: Entrance> Gateway<E> {
    /// Looks on as the operator.
    pub(in crate::demo) async fn open(
        running: &Running,
        stage: &Stage,
        entrance: E,
        eager: bool,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            entrance,
            onlooker: Callers::log_in(running, &[]).await?,
            stage: stage.clone(),
            handed: BTreeMap::new(),
            taken: 0,
            open: BTreeMap::new(),
            in_review: BTreeSet::new(),
            known: BTreeSet::new(),
            told: Vec::new(),
            eager,
            looked: Instant::now(),
        })
    }

    /// Takes up what came of handing in.
    fn take_up(&mut self) {
        for (number, wish, handed) in self.entrance.answers() {
            self.handed.remove(&number);
            match handed {
                Handed::As(id) if self.known.insert(id.clone()) => drop(self.open.insert(id, wish)),
                Handed::As(_) => self.tell(wish, End::Superseded, "the same intent again"),
                Handed::Ended(end, said) => self.tell(wish, end, &said),
            }
        }
    }

    fn tell(&mut self, wish: Wish, end: End, said: &str) {
        self.told.push(Ended { wish, end, at_ms: self.stage.now_ms(), said: said.to_owned(), asked: Vec::new() });
    }

    async fn look(&mut self) {
        if !self.eager && self.onlooker.is_under_way().await {
            return;
        }
        self.in_review.clear();
        for answer in self.onlooker.all().await {
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

impl<E: Entrance> Strategy for Gateway<E> {
    async fn take(&mut self, wishes: Vec<Wish>) {
        let mut numbered = Vec::with_capacity(wishes.len());
        for wish in wishes {
            self.taken += 1;
            self.handed.insert(self.taken, wish.clone());
            numbered.push((self.taken, wish));
        }
        self.entrance.hand_in(numbered).await;
        self.take_up();
    }

    async fn ended(&mut self) -> Vec<Ended> {
        self.take_up();
        if !self.open.is_empty() && self.looked.elapsed() >= LOOK {
            self.look().await;
            self.looked = Instant::now();
        }
        std::mem::take(&mut self.told)
    }

    fn open(&self) -> usize {
        self.handed.len() + self.open.len() - self.in_review.len() + self.told.len()
    }

    async fn finish(&mut self) -> Vec<Ended> {
        self.take_up();
        let mut answers: BTreeMap<String, Value> = BTreeMap::new();
        for answer in self.onlooker.all().await {
            answers.insert(answer["id"].as_str().unwrap_or_default().to_owned(), answer);
        }
        self.in_review.clear();
        for (id, wish) in std::mem::take(&mut self.open) {
            let answer = answers.get(&id).cloned().unwrap_or_default();
            let end = End::of_state(answer["state"].as_str().unwrap_or_default());
            self.told.push(self.ended_as(wish, end, &answer));
        }
        for wish in std::mem::take(&mut self.handed).into_values() {
            self.tell(wish, End::Pending, "still on its way in");
        }
        std::mem::take(&mut self.told)
    }
}
