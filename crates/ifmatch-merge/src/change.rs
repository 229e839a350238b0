//! Differences of two documents, leaf by leaf.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::equal::{json_equal, same};
use crate::keyed::Keyed;
use crate::outcome::present;
use crate::pointer::Pointer;
use crate::schema::{Node, Schema, Strategy, child, strategy};

#[cfg(test)]
mod tests;

/// One value set or removed at one place.
///
/// Shape: `{"path": "/score", "before": 80, "after": 85}`; an absent side is omitted, `null` is `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Where.
    pub path: Pointer,
    /// The value before; `None` if there was none, or it is not known ([`patch_paths`](crate::patch_paths)).
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub before: Option<Value>,
    /// The value after; `None` removes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub after: Option<Value>,
}

/// The changes that lead from one document to the other, ordered by path.
///
/// Leaf-level: an added object is listed by its leaves; a removed one is a single change at its own path, and so is a
/// whole element that a keyed list gains or loses. The order of elements in a keyed list is no difference.
pub fn diff(schema: &Schema, from: &Value, to: &Value) -> Vec<Change> {
    let mut walk = DiffWalk { path: &mut Pointer::root(), out: &mut Vec::new() };
    walk.place(schema.root(), Some(from), Some(to));
    let changes = std::mem::take(walk.out);
    ordered(changes, |change| &change.path)
}

/// The same for the wanted members of two objects alone; what is no object has none.
pub fn diff_members(schema: &Schema, from: &Value, to: &Value, wanted: impl Fn(&str) -> bool) -> Vec<Change> {
    let mut walk = DiffWalk { path: &mut Pointer::root(), out: &mut Vec::new() };
    let (from, to) = (from.as_object(), to.as_object());
    let after = |name: &String| to.and_then(|to| to.get(name));
    for (name, before) in from.into_iter().flatten().filter(|(name, _)| wanted(name)) {
        walk.member(schema.root(), name, Some(before), after(name));
    }
    let is_new = |name: &String| !from.is_some_and(|from| from.contains_key(name));
    for (name, after) in to.into_iter().flatten().filter(|(name, _)| wanted(name) && is_new(name)) {
        walk.member(schema.root(), name, None, Some(after));
    }
    ordered(std::mem::take(walk.out), |change| &change.path)
}

/// The same for one member of two objects, or its absence.
pub fn diff_member(schema: &Schema, name: &str, from: Option<&Value>, to: Option<&Value>) -> Vec<Change> {
    let mut walk = DiffWalk { path: &mut Pointer::root(), out: &mut Vec::new() };
    walk.member(schema.root(), name, from, to);
    ordered(std::mem::take(walk.out), |change| &change.path)
}

/// Orders by path; nearly always it is so already.
pub(crate) fn ordered<T>(mut items: Vec<T>, path: impl Fn(&T) -> &Pointer) -> Vec<T> {
    if !items.is_sorted_by(|a, b| path(a) <= path(b)) {
        items.sort_by(|a, b| path(a).cmp(path(b)));
    }
    items
}

/// A walk over two documents that lists their differences below `path`.
pub(crate) struct DiffWalk<'w> {
    pub(crate) path: &'w mut Pointer,
    pub(crate) out: &'w mut Vec<Change>,
}

impl DiffWalk<'_> {
    pub(crate) fn place(&mut self, at: Option<&Node>, from: Option<&Value>, to: Option<&Value>) {
        match (strategy(at), from, to) {
            (None, Some(Value::Object(from)), Some(Value::Object(to))) => self.members(at, Some(from), to),
            (None, None, Some(Value::Object(to))) if !to.is_empty() => self.members(at, None, to),
            (Some(Strategy::KeyedList { keys }), _, Some(Value::Array(items)))
                if from.is_some() || !items.is_empty() =>
            {
                match (Keyed::read(keys, from), Keyed::new(keys, items)) {
                    (Some(before), Some(after)) => self.elements(at, &before, &after),
                    _ => self.whole(from, to),
                }
            }
            _ => self.whole(from, to),
        }
    }

    /// Lists the place as one unit.
    pub(crate) fn whole(&mut self, from: Option<&Value>, to: Option<&Value>) {
        if !same(from, to) {
            let (before, after) = (from.cloned(), to.cloned());
            self.out.push(Change { path: self.path.clone(), before, after });
        }
    }

    fn members(&mut self, at: Option<&Node>, from: Option<&Map<String, Value>>, to: &Map<String, Value>) {
        for (name, before) in from.into_iter().flatten() {
            self.member(at, name, Some(before), to.get(name));
        }
        for (name, after) in to {
            if !from.is_some_and(|from| from.contains_key(name)) {
                self.member(at, name, None, Some(after));
            }
        }
    }

    fn member(&mut self, at: Option<&Node>, name: &str, from: Option<&Value>, to: Option<&Value>) {
        // Objects are compared on the way down; comparing them here too would walk them once per level.
        if from.is_some_and(Value::is_object) || !same(from, to) {
            self.below(name, |walk| walk.place(child(at, name), from, to));
        }
    }

    fn elements(&mut self, at: Option<&Node>, from: &Keyed<'_>, to: &Keyed<'_>) {
        for (hint, (segment, before)) in from.iter().enumerate() {
            match to.find(segment, hint) {
                // Most elements of a list are untouched, and equality is the quickest way to see that.
                Some(after) if json_equal(before, after) => {}
                Some(after) => self.below(segment, |walk| walk.place(child(at, segment), Some(before), Some(after))),
                None => self.below(segment, |walk| walk.whole(Some(before), None)),
            }
        }
        for (hint, (segment, after)) in to.iter().enumerate() {
            if from.find(segment, hint).is_none() {
                self.below(segment, |walk| walk.whole(None, Some(after)));
            }
        }
    }

    fn below(&mut self, segment: &str, step: impl FnOnce(&mut Self)) {
        let mark = self.path.mark();
        self.path.push(segment);
        step(self);
        self.path.rewind(mark);
    }
}
