//! The three-way merge: one walk over base, local and remote together.
//!
//! The walk answers for each place whether the remote side can stay as it is, so that only what differs from the
//! remote is rebuilt and the document is cloned once, at the end.

use serde_json::{Map, Value};

use crate::change::{Change, DiffWalk, ordered};
use crate::equal::same;
use crate::outcome::{Conflict, Merged, Resolved};
use crate::pointer::Pointer;
use crate::policy::Policies;
use crate::schema::{Node, Schema, Strategy, child, strategy};
use crate::sides::{Sides, Spot};

mod combine;
mod elements;
mod interval_set;
#[cfg(test)]
mod laws;
mod settle;
#[cfg(test)]
mod tests;

/// Merges what the local side changed since the base into the remote document.
///
/// `local_writer` is the source that wants the change; `remote_writer` tells who wrote the remote side of a place, if
/// known. It is asked once per true conflict.
///
/// See the crate's page for the laws. A conflict on a subtree keeps the remote side there; all the rest merges.
pub fn merge(
    schema: &Schema,
    policies: &Policies,
    local_writer: &str,
    remote_writer: &dyn Fn(&Pointer) -> Option<String>,
    sides: Sides<'_>,
) -> Merged {
    let mut merger = Merger {
        policies,
        local_writer,
        remote_writer,
        path: Pointer::root(),
        conflicts: Vec::new(),
        resolved: Vec::new(),
        applied: Vec::new(),
    };
    let spot = Spot { base: Some(sides.base), local: Some(sides.local), remote: Some(sides.remote) };
    let merged = merger.place(schema.root(), spot, Unit::Leaves).into_value(spot);
    let value = merged.expect("both sides are present at the root, and so is what is made of them");
    Merged {
        value,
        conflicts: ordered(merger.conflicts, |conflict| &conflict.path),
        resolved: ordered(merger.resolved, |resolved| &resolved.path),
        applied: ordered(merger.applied, |change| &change.path),
    }
}

/// What the merged document holds at one place.
enum Outcome {
    /// The remote side, present or absent.
    Remote,
    /// The local side, present or absent.
    Local,
    /// A value that neither side has.
    Built(Value),
}

impl Outcome {
    fn is_present(&self, spot: Spot<'_>) -> bool {
        match self {
            Self::Remote => spot.remote.is_some(),
            Self::Local => spot.local.is_some(),
            Self::Built(_) => true,
        }
    }

    /// The value to put into the result; `None` if the place is absent there.
    fn into_value(self, spot: Spot<'_>) -> Option<Value> {
        match self {
            Self::Remote => spot.remote.cloned(),
            Self::Local => spot.local.cloned(),
            Self::Built(value) => Some(value),
        }
    }
}

/// A member that is not the remote's as it is; a list of them has the remote's order, then the local side's own.
struct Replaced<'a> {
    name: &'a String,
    outcome: Outcome,
    spot: Spot<'a>,
}

/// How a place that appears or disappears is listed in [`Merged::applied`].
#[derive(Clone, Copy)]
enum Unit {
    /// Leaf by leaf, as members are.
    Leaves,
    /// As one change, as elements of keyed lists are.
    Element,
}

struct Merger<'a> {
    policies: &'a Policies,
    local_writer: &'a str,
    remote_writer: &'a dyn Fn(&Pointer) -> Option<String>,
    /// Where the walk is.
    path: Pointer,
    conflicts: Vec<Conflict>,
    resolved: Vec<Resolved>,
    applied: Vec<Change>,
}

impl Merger<'_> {
    fn place(&mut self, at: Option<&Node>, spot: Spot<'_>, unit: Unit) -> Outcome {
        // Objects and lists find equality on the way down; comparing them first would walk every subtree once per level.
        match (strategy(at), spot.base, spot.local, spot.remote) {
            (None, None, Some(Value::Object(local)), Some(Value::Object(remote))) => {
                return self.members(at, None, local, remote);
            }
            (None, Some(Value::Object(base)), Some(Value::Object(local)), Some(Value::Object(remote))) => {
                return self.members(at, Some(base), local, remote);
            }
            (Some(Strategy::KeyedList { keys }), ..) => {
                if let Some(lists) = elements::keyed_sides(keys, spot) {
                    return self.elements(at, spot, &lists);
                }
            }
            (Some(Strategy::IntervalSet(names)), ..) => return self.interval_set(at, names, spot, unit),
            _ => {}
        }
        if same(spot.local, spot.base) || same(spot.local, spot.remote) {
            return Outcome::Remote;
        }
        if same(spot.remote, spot.base) {
            self.contribute(at, spot.remote, spot.local, unit);
            return Outcome::Local;
        }
        self.both_changed(at, spot, unit)
    }

    fn both_changed(&mut self, at: Option<&Node>, spot: Spot<'_>, unit: Unit) -> Outcome {
        let combined = match strategy(at) {
            // A list that comes here could not be read by key; an interval set never comes here.
            None | Some(Strategy::Atomic | Strategy::KeyedList { .. } | Strategy::IntervalSet(_)) => None,
            Some(Strategy::Append) => combine::append(spot),
            Some(Strategy::Max) => combine::max(spot),
            Some(Strategy::Min) => combine::min(spot),
            Some(Strategy::Sum) => combine::sum(spot),
        };
        match combined {
            Some(value) => self.built(at, spot, value),
            None => self.settle(at, spot, unit),
        }
    }

    fn members(
        &mut self,
        at: Option<&Node>,
        base: Option<&Map<String, Value>>,
        local: &Map<String, Value>,
        remote: &Map<String, Value>,
    ) -> Outcome {
        let mut replaced = Vec::new();
        let own = local.iter().filter(|(name, _)| !remote.contains_key(*name));
        for (name, _) in remote.iter().chain(own) {
            let spot =
                Spot { base: base.and_then(|base| base.get(name)), local: local.get(name), remote: remote.get(name) };
            match self.member(at, name, spot) {
                Outcome::Remote => {}
                outcome => replaced.push(Replaced { name, outcome, spot }),
            }
        }
        if replaced.is_empty() {
            return Outcome::Remote;
        }
        Outcome::Built(Value::Object(rebuild(remote, replaced)))
    }

    fn member(&mut self, at: Option<&Node>, name: &str, spot: Spot<'_>) -> Outcome {
        // Objects are compared on the way down; comparing them here too would walk them once per level.
        if !spot.local.is_some_and(Value::is_object) && same(spot.local, spot.base) {
            return Outcome::Remote;
        }
        self.below(name, |walk| walk.place(child(at, name), spot, Unit::Leaves))
    }

    /// Puts a combined value in place and records what it adds to the remote side.
    fn built(&mut self, at: Option<&Node>, spot: Spot<'_>, value: Value) -> Outcome {
        if same(Some(&value), spot.remote) {
            return Outcome::Remote;
        }
        self.contribute(at, spot.remote, Some(&value), Unit::Leaves);
        Outcome::Built(value)
    }

    /// Records what the result differs in from the remote side at this place.
    fn contribute(&mut self, at: Option<&Node>, remote: Option<&Value>, result: Option<&Value>, unit: Unit) {
        let mut walk = DiffWalk { path: &mut self.path, out: &mut self.applied };
        match unit {
            Unit::Element if remote.is_none() || result.is_none() => walk.whole(remote, result),
            Unit::Element | Unit::Leaves => walk.place(at, remote, result),
        }
    }

    fn below<T>(&mut self, segment: &str, step: impl FnOnce(&mut Self) -> T) -> T {
        let mark = self.path.mark();
        self.path.push(segment);
        let outcome = step(self);
        self.path.rewind(mark);
        outcome
    }
}

/// The remote's members with the replaced ones in their place, then the local side's own.
fn rebuild(remote: &Map<String, Value>, replaced: Vec<Replaced<'_>>) -> Map<String, Value> {
    let mut replaced = replaced.into_iter().peekable();
    let mut result = Map::new();
    for (name, value) in remote {
        let merged = match replaced.next_if(|next| next.name == name) {
            Some(next) => next.outcome.into_value(next.spot),
            None => Some(value.clone()),
        };
        if let Some(merged) = merged {
            result.insert(name.clone(), merged);
        }
    }
    for own in replaced {
        if let Some(merged) = own.outcome.into_value(own.spot) {
            result.insert(own.name.clone(), merged);
        }
    }
    result
}
