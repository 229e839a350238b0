//! What arrives when: the wishes of an incident, the people beside them, and what follows from
//! what happens.

mod i01;
mod i02;
mod i03;
mod i04;
mod i05;
mod world;

pub(super) use world::{Pulled, pull, schedule_path};

use super::incident::Incident;
use super::wish::{Ended, Hand, Wish};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// What an incident brings, in order of arrival.
pub(super) struct Feed {
    wishes: VecDeque<Wish>,
    hands: VecDeque<Hand>,
    reaction: Option<Box<dyn Reaction>>,
    /// The records that exist at the start and that the judge follows shift by shift, by path.
    pub(super) start: BTreeMap<String, Value>,
    /// The sources that send.
    pub(super) sources: Vec<String>,
}

/// What happened since the last look.
pub(super) struct News<'a> {
    /// Wishes that ended.
    pub(super) ended: &'a [Ended],
    /// Publishes that ended in the target.
    pub(super) publishes: usize,
    /// The time, milliseconds since the start.
    pub(super) now_ms: i64,
}

/// What follows from what happened.
pub(super) trait Reaction: Send {
    /// The wishes that follow.
    fn react(&mut self, news: &News<'_>) -> Vec<Wish>;
}

impl Feed {
    /// The feed of an incident. The same seed gives the same feed.
    ///
    /// # Errors
    /// The sample files do not fit the world.
    pub(super) fn of(incident: Incident, seed: u64) -> anyhow::Result<Self> {
        match incident {
            Incident::I01 => i01::feed(),
            Incident::I02 => i02::feed(seed),
            Incident::I03 | Incident::I04 | Incident::I05 => Self::from(incident, pull(incident, seed)),
        }
    }

    /// The feed of an incident whose senders have pulled the week.
    ///
    /// # Errors
    /// The sample files do not fit the world, or nobody pulls a week in this incident.
    pub(super) fn from(incident: Incident, pulled: Pulled) -> anyhow::Result<Self> {
        match incident {
            Incident::I03 => i03::feed(pulled),
            Incident::I04 => i04::feed(pulled),
            Incident::I05 => i05::feed(pulled),
            Incident::I01 | Incident::I02 => anyhow::bail!("nobody pulls a week in {}", incident.id()),
        }
    }

    fn new(mut wishes: Vec<Wish>) -> Self {
        // Stable: what arrives at one moment keeps its order.
        wishes.sort_by_key(|wish| wish.at_ms);
        for (order, wish) in wishes.iter_mut().enumerate() {
            wish.order = order;
        }
        let mut sources: Vec<String> = wishes.iter().filter_map(source).collect();
        sources.sort();
        sources.dedup();
        let (hands, start) = (VecDeque::new(), BTreeMap::new());
        Self { wishes: wishes.into(), hands, reaction: None, start, sources }
    }

    /// Changes wishes before the play begins; what arrives at one moment then keeps its order.
    pub(super) fn adjust(mut self, change: impl FnMut(&mut Wish)) -> Self {
        self.wishes.iter_mut().for_each(change);
        self.wishes.make_contiguous().sort_by_key(|wish| wish.at_ms);
        self
    }

    fn with_hands(mut self, mut hands: Vec<Hand>) -> Self {
        hands.sort_by_key(|hand| hand.at_ms);
        self.hands = hands.into();
        self
    }

    fn with_reaction(mut self, reaction: impl Reaction + 'static) -> Self {
        self.reaction = Some(Box::new(reaction));
        self
    }

    fn with_start(mut self, start: BTreeMap<String, Value>) -> Self {
        self.start = start;
        self
    }

    /// The wishes that have arrived by a moment; each is given once.
    pub(super) fn wishes_until(&mut self, now_ms: i64) -> Vec<Wish> {
        let count = self.wishes.iter().take_while(|wish| wish.at_ms <= now_ms).count();
        self.wishes.drain(..count).collect()
    }

    /// What people have done by a moment; each deed is given once.
    pub(super) fn hands_until(&mut self, now_ms: i64) -> Vec<Hand> {
        let count = self.hands.iter().take_while(|hand| hand.at_ms <= now_ms).count();
        self.hands.drain(..count).collect()
    }

    /// When the next wish or deed is due.
    pub(super) fn next_ms(&self) -> Option<i64> {
        let wish = self.wishes.front().map(|wish| wish.at_ms);
        let hand = self.hands.front().map(|hand| hand.at_ms);
        wish.into_iter().chain(hand).min()
    }

    /// Whether no further wish will arrive by itself.
    pub(super) fn is_over(&self) -> bool {
        self.wishes.is_empty()
    }

    /// Whether something follows from what happens, so that every end must be noticed at once.
    pub(super) fn reacts(&self) -> bool {
        self.reaction.is_some()
    }

    /// Takes up what follows from what happened.
    pub(super) fn react(&mut self, news: &News<'_>) {
        let Some(reaction) = &mut self.reaction else { return };
        for wish in reaction.react(news) {
            let place = self.wishes.partition_point(|other| other.at_ms <= wish.at_ms);
            self.wishes.insert(place, wish);
        }
    }
}

fn source(wish: &Wish) -> Option<String> {
    match &wish.way {
        super::wish::Way::Submit { source, .. } => Some(source.clone()),
        super::wish::Way::Read(_) => None,
    }
}
