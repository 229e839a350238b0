//! Keyed lists: element by element, whatever their positions.

use serde_json::Value;

use crate::equal::same;
use crate::keyed::Keyed;
use crate::schema::{Node, child};
use crate::sides::Spot;

use super::{Merger, Outcome, Unit};

impl Merger<'_> {
    /// Merges the lists at this place, `whole`: the remote's order, then the local side's own elements.
    pub(super) fn elements(&mut self, at: Option<&Node>, whole: Spot<'_>, lists: &[Keyed<'_>; 3]) -> Outcome {
        let [base, local, remote] = lists;
        let mut built = ListInProgress { remote, values: None };
        let mut local_order = local.iter().map(|(segment, _)| segment);
        let mut in_local_order = true;
        let there = remote.iter().enumerate();
        let own = local.iter().enumerate().filter(|(hint, (segment, _))| remote.find(segment, *hint).is_none());
        for (position, (hint, (segment, _))) in there.chain(own).enumerate() {
            let spot = Spot {
                base: base.find(segment, hint),
                local: local.find(segment, hint),
                remote: remote.find(segment, hint),
            };
            let outcome = self.element(at, segment, spot);
            if outcome.is_present(spot) {
                in_local_order &= local_order.next() == Some(segment);
            }
            built.push(position, outcome, spot);
        }
        // If nobody else touched the list, the local side's order holds too; compared only where that could differ.
        if !in_local_order && same(whole.remote, whole.base) {
            return Outcome::Local;
        }
        match built.values {
            None => Outcome::Remote,
            Some(values) => Outcome::Built(Value::Array(values)),
        }
    }

    fn element(&mut self, at: Option<&Node>, segment: &str, spot: Spot<'_>) -> Outcome {
        // Most elements of a list are untouched, and equality is the quickest way to see that.
        if same(spot.local, spot.base) {
            return Outcome::Remote;
        }
        self.below(segment, |walk| walk.place(child(at, segment), spot, Unit::Element))
    }
}

/// A merged list that costs nothing until an element differs from the remote's.
struct ListInProgress<'l, 'a> {
    remote: &'l Keyed<'a>,
    values: Option<Vec<Value>>,
}

impl ListInProgress<'_, '_> {
    /// Adds what becomes of the element at this position: the remote's elements first, then the local side's own.
    fn push(&mut self, position: usize, outcome: Outcome, spot: Spot<'_>) {
        if self.values.is_none() && !matches!(outcome, Outcome::Remote) {
            // Everything so far is the remote's as it is.
            let mut values = Vec::with_capacity(self.remote.len());
            values.extend(self.remote.iter().take(position).map(|(_, value)| value.clone()));
            self.values = Some(values);
        }
        if let Some(values) = &mut self.values {
            values.extend(outcome.into_value(spot));
        }
    }
}

/// The three lists, if each can be read as one; an absent base is an empty list, an absent list is a deletion.
pub(super) fn keyed_sides<'a>(keys: &[String], spot: Spot<'a>) -> Option<[Keyed<'a>; 3]> {
    let (local, remote) = (spot.local?, spot.remote?);
    Some([Keyed::read(keys, spot.base)?, Keyed::read(keys, Some(local))?, Keyed::read(keys, Some(remote))?])
}
