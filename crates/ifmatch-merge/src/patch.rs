//! Merge patches (RFC 7396): applying one, and listing what it names.

use serde_json::{Map, Value};

use crate::change::{Change, ordered};
use crate::keyed::{Keyed, segment_of};
use crate::pointer::Pointer;
use crate::schema::{Node, Schema, Strategy, child, strategy};

#[cfg(test)]
mod tests;

/// The member that marks an element of a keyed list in a patch as removed, when it is `true`.
const DELETED: &str = "deleted";

/// The document after a merge patch, exactly as RFC 7396 has it: `null` removes, arrays are replaced.
pub fn merge_patch(doc: &Value, patch: &Value) -> Value {
    let mut result = doc.clone();
    patch_in_place(&mut result, patch);
    result
}

fn patch_in_place(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        target.clone_from(patch);
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else {
        return;
    };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(name);
        } else {
            patch_in_place(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

/// The places that a merge patch names, ordered by path: `after` is the value wanted, `None` for `null`.
///
/// `before` is `None` throughout: a patch does not know it. An empty object names nothing. A list that the schema keys
/// is read by key, other than in RFC 7396: the elements it does not mention stay, each that it does mention names its
/// own members, and one with `"deleted": true` names the removal of the element. The key members address the element
/// and are not named themselves, unless they are no strings or stand alone.
pub fn patch_paths(schema: &Schema, patch: &Value) -> Vec<Change> {
    let mut walk = PatchWalk { path: Pointer::root(), out: Vec::new() };
    walk.place(schema.root(), patch);
    ordered(walk.out, |change| &change.path)
}

struct PatchWalk {
    path: Pointer,
    out: Vec<Change>,
}

impl PatchWalk {
    fn place(&mut self, at: Option<&Node>, patch: &Value) {
        match (strategy(at), patch) {
            (_, Value::Null) => self.name(None),
            (_, Value::Object(members)) => {
                for (name, value) in members {
                    self.below(name, |walk| walk.place(child(at, name), value));
                }
            }
            (Some(Strategy::KeyedList { keys }), Value::Array(items)) if Keyed::new(keys, items).is_some() => {
                for item in items {
                    self.element(at, keys, item);
                }
            }
            _ => self.name(Some(patch)),
        }
    }

    fn element(&mut self, at: Option<&Node>, keys: &[String], item: &Value) {
        let (Some(segment), Value::Object(members)) = (segment_of(keys, item), item) else {
            return;
        };
        let removed = members.get(DELETED) == Some(&Value::Bool(true));
        self.below(&segment, |walk| {
            if removed {
                return walk.name(None);
            }
            let alone = members.keys().all(|name| keys.contains(name));
            for (name, value) in members {
                if alone || !value.is_string() || !keys.contains(name) {
                    walk.below(name, |walk| walk.place(child(child(at, &segment), name), value));
                }
            }
        });
    }

    fn name(&mut self, after: Option<&Value>) {
        self.out.push(Change { path: self.path.clone(), before: None, after: after.cloned() });
    }

    fn below(&mut self, segment: &str, step: impl FnOnce(&mut Self)) {
        let mark = self.path.mark();
        self.path.push(segment);
        step(self);
        self.path.rewind(mark);
    }
}
