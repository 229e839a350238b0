//! The ready lanes, by bucket family and rank. Those that may share an envelope stand in line as
//! one, so that an envelope is found, filled and held back without a look at every lane.

use super::lane::{LaneKey, Rank};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands in line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// A lane that goes alone.
    Lane(LaneKey),
    /// The ready lanes of an envelope.
    Envelope(Arc<str>),
}

/// Where a ready lane stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The buckets of its requests, as one name.
    pub(super) family: String,
    pub(super) rank: Rank,
    /// The envelope that it may share.
    pub(super) envelope: Option<Arc<str>>,
}

/// The ready lanes of an org.
#[derive(Debug, Default)]
pub(super) struct Queue {
    line: BTreeMap<String, BTreeSet<(Rank, Unit)>>,
    together: BTreeMap<(Arc<str>, String), Together>,
}

/// The ready lanes of one envelope.
#[derive(Debug, Default)]
struct Together {
    lanes: BTreeSet<(Rank, LaneKey)>,
    /// Where it stands in line; `None` while it waits for company.
    stands: Option<Rank>,
    /// Whether somebody cannot wait for company.
    pressed: bool,
}

impl Queue {
    /// Puts a lane in line. Who waited for company is looked at again.
    pub(super) fn put(&mut self, key: &LaneKey, place: &Place) {
        match &place.envelope {
            None => self.stand(&place.family, place.rank, Unit::Lane(key.clone())),
            Some(envelope) => {
                let together = self.together.entry((Arc::clone(envelope), place.family.clone())).or_default();
                together.lanes.insert((place.rank, key.clone()));
                self.settle(envelope, &place.family);
            }
        }
    }

    /// Takes a lane out of the line.
    pub(super) fn take(&mut self, key: &LaneKey, place: &Place) {
        match &place.envelope {
            None => self.leave(&place.family, place.rank, Unit::Lane(key.clone())),
            Some(envelope) => {
                if let Some(together) = self.together.get_mut(&(Arc::clone(envelope), place.family.clone())) {
                    together.lanes.remove(&(place.rank, key.clone()));
                    if together.stands.is_some() || together.lanes.is_empty() {
                        self.settle(envelope, &place.family);
                    }
                }
            }
        }
    }

    pub(super) fn families(&self) -> Vec<String> {
        self.line.keys().cloned().collect()
    }

    /// Who is first in the line of a family.
    pub(super) fn first(&self, family: &str) -> Option<&(Rank, Unit)> {
        self.line.get(family)?.first()
    }

    /// The ready lanes of an envelope, in order.
    pub(super) fn together(&self, family: &str, envelope: &Arc<str>) -> impl Iterator<Item = &LaneKey> {
        let together = self.together.get(&(Arc::clone(envelope), family.to_owned()));
        together.into_iter().flat_map(|together| together.lanes.iter().map(|(_, key)| key))
    }

    /// How many ready lanes of an envelope there are, and whether one of them cannot wait.
    pub(super) fn company(&self, family: &str, envelope: &Arc<str>) -> (usize, bool) {
        let together = self.together.get(&(Arc::clone(envelope), family.to_owned()));
        together.map_or((0, false), |together| (together.lanes.len(), together.pressed))
    }

    /// Has the ready lanes of an envelope wait for company.
    pub(super) fn rest(&mut self, family: &str, envelope: &Arc<str>) {
        let Some(together) = self.together.get_mut(&(Arc::clone(envelope), family.to_owned())) else { return };
        if let Some(rank) = together.stands.take() {
            self.leave(family, rank, Unit::Envelope(Arc::clone(envelope)));
        }
    }

    /// Whether the ready lanes of an envelope wait for company.
    pub(super) fn rests(&self, place: &Place) -> bool {
        let together = |envelope| self.together.get(&(Arc::clone(envelope), place.family.clone()));
        place.envelope.as_ref().and_then(together).is_some_and(|together| together.stands.is_none())
    }

    /// Has an envelope that waited for company looked at again.
    pub(super) fn rouse(&mut self, envelope: &Arc<str>) {
        for family in self.families_of(envelope) {
            self.settle(envelope, &family);
        }
    }

    /// Somebody cannot wait for company: the next turn of an envelope starts as soon as it may.
    pub(super) fn press(&mut self, envelope: &Arc<str>) {
        for family in self.families_of(envelope) {
            if let Some(together) = self.together.get_mut(&(Arc::clone(envelope), family.clone())) {
                together.pressed = true;
            }
            self.settle(envelope, &family);
        }
    }

    fn families_of(&self, envelope: &Arc<str>) -> Vec<String> {
        let from = (Arc::clone(envelope), String::new());
        let mine = self.together.range(from..).take_while(|((name, _), _)| name == envelope);
        mine.map(|((_, family), _)| family.clone()).collect()
    }

    /// Has an envelope stand in line by its first lane, or no more.
    fn settle(&mut self, envelope: &Arc<str>, family: &str) {
        let name = (Arc::clone(envelope), family.to_owned());
        let Some(together) = self.together.get_mut(&name) else { return };
        let first = together.lanes.first().map(|(rank, _)| *rank);
        let stood = std::mem::replace(&mut together.stands, first);
        if first.is_none() {
            self.together.remove(&name);
        }
        if stood == first {
            return;
        }
        if let Some(rank) = stood {
            self.leave(family, rank, Unit::Envelope(Arc::clone(envelope)));
        }
        if let Some(rank) = first {
            self.stand(family, rank, Unit::Envelope(Arc::clone(envelope)));
        }
    }

    fn stand(&mut self, family: &str, rank: Rank, unit: Unit) {
        self.line.entry(family.to_owned()).or_default().insert((rank, unit));
    }

    fn leave(&mut self, family: &str, rank: Rank, unit: Unit) {
        let Some(line) = self.line.get_mut(family) else { return };
        line.remove(&(rank, unit));
        if line.is_empty() {
            self.line.remove(family);
        }
    }
}
