//! What is gone since it was seen: the record itself, or an element of it that the target now holds under another key.
//!
//! Nothing that somebody removed is made again. An element that was removed and made again with another key is told by its
//! content: all of it but the key, and all of it the same. Where that fits one new element, the wish goes there; where it
//! fits several, a person must say which one is meant.

use super::Canvas;
use super::base::Base;
use super::edit::Edit;
use super::fate::MemberFate;
use crate::intent::{Change as Wish, Verb};
use crate::record::{ConflictNote, IntentRecord};
use ifmatch_merge::{Change, Conflict, Pointer, Strategy, get};
use serde_json::Value;
use std::collections::BTreeSet;

/// Where an element went.
pub(super) enum Went {
    /// The target holds it under this address.
    To(Pointer),
    /// It may be any of these.
    Several(Vec<Pointer>),
}

impl Canvas<'_> {
    /// A record that the target was seen to hold and holds no more: a person's matter, unless it shall be made in so many
    /// words, or its source wants the target's own answer.
    pub(super) fn parent_gone(&self, record: &IntentRecord) -> Option<MemberFate> {
        let seen = self.ground.row.shadow().filter(|_| self.ground.remote.is_none())?;
        if matches!(record.intent.change, Wish::Create(_)) || self.refuses(record) {
            return None;
        }
        let version = seen.version.map(|version| format!(" at version {version}")).unwrap_or_default();
        let reason = format!("{} was last seen{version} and is not in the target any more", record.resource);
        Some(MemberFate::review("review/parent_gone", reason))
    }

    /// An edit, with the elements that went elsewhere named by where they are.
    ///
    /// # Errors
    /// The review of an element that may be any of several, or that an older wish of its source waits at.
    pub(super) fn follow(&mut self, record: &IntentRecord, edit: &mut Edit) -> Result<(), MemberFate> {
        if edit.whole.is_some() || matches!(record.intent.change, Wish::Undo(_)) {
            // A whole document has named what it was made from.
            return Ok(());
        }
        let paths = edit.changes.iter().map(|(change, _)| &change.path);
        let gone: BTreeSet<Pointer> = paths.filter_map(element_of).collect();
        for from in gone {
            let to = match self.went(&from) {
                None => continue,
                Some(Went::Several(all)) => return Err(self.rekeyed(&from, &all)),
                // What waits for a person there was asked about the old one.
                Some(Went::To(to)) if self.question(record, &from).is_some() => return Err(self.rekeyed(&from, &[to])),
                Some(Went::To(to)) => to,
            };
            let names = |path: &Pointer| from.is_prefix_of(path) && self.is_key(path);
            edit.changes.retain(|(change, _)| !names(&change.path));
            edit.said.retain(|change| !names(&change.path));
            for (change, base) in &mut edit.changes {
                match base {
                    Base::Known(Some(base)) if change.path == from => renamed(&from, &to, base),
                    // That nothing stands under the old key tells nothing of what its source knew.
                    Base::Known(None) if change.path == from => *base = Base::Unknown,
                    _ => {}
                }
                moved(&from, &to, change);
            }
            edit.said.iter_mut().for_each(|change| moved(&from, &to, change));
            self.followed.entry(record.id).or_default().push((from, to));
        }
        Ok(())
    }

    /// A verb on an element that is missing, on where that went; `None` where nobody knows.
    ///
    /// # Errors
    /// The review of an element that may be any of several.
    pub(super) fn follow_verb(
        &mut self,
        record: &IntentRecord,
        verb: &Verb,
        from: &Pointer,
    ) -> Result<Option<Verb>, MemberFate> {
        let to = match self.went(from) {
            None => return Ok(None),
            Some(Went::Several(all)) => return Err(self.rekeyed(from, &all)),
            Some(Went::To(to)) => to,
        };
        let (Some(old), Some(new)) = (from.segments().next_back(), to.segments().next_back()) else { return Ok(None) };
        let mut verb = verb.clone();
        let args = verb.args.as_object_mut().into_iter().flatten().map(|(_, arg)| arg);
        args.filter(|arg| arg.as_str() == Some(&*old)).for_each(|arg| *arg = Value::from(&*new));
        self.followed.entry(record.id).or_default().push((from.clone(), to));
        Ok(Some(verb))
    }

    /// Whether the record lacks a value at a path that it was seen to hold. Who wishes something there without a base may
    /// not know that it is gone.
    pub(super) fn is_taken_away(&self, path: &Pointer) -> bool {
        let schema = &self.ground.spec.schema;
        let seen = || self.ground.row.history.iter().any(|snapshot| get(schema, &snapshot.value, path).is_some());
        get(schema, &self.value, path).is_none() && seen()
    }

    /// Where an element of a keyed list went that the target was seen to hold and holds no more, and that none of ours
    /// removed.
    fn went(&self, from: &Pointer) -> Option<Went> {
        let schema = &self.ground.spec.schema;
        let list = from.parent()?;
        let Some(Strategy::KeyedList { keys }) = schema.strategy_at(&list) else { return None };
        let [key] = keys.as_slice() else { return None };
        let remote = self.ground.remote.filter(|remote| get(schema, &remote.value, from).is_none())?;
        if self.removed.contains_key(from) {
            return None;
        }
        let history = self.ground.row.history.iter().rev();
        let (older, lost) =
            history.filter_map(|snapshot| Some((snapshot, get(schema, &snapshot.value, from)?))).next()?;
        let lost = without(lost, key);
        let elements = get(schema, &remote.value, &list).and_then(Value::as_array)?;
        let new = elements.iter().filter(|element| self.ground.dialect.alike(&without(element, key), &lost));
        let at = new.filter_map(|element| Some(list.join(element.get(key)?.as_str()?)));
        let all: Vec<Pointer> = at.filter(|at| get(schema, &older.value, at).is_none()).collect();
        match all.as_slice() {
            [] => None,
            [only] => Some(Went::To(only.clone())),
            _ => Some(Went::Several(all)),
        }
    }

    /// Whether a path is the member that names an element.
    fn is_key(&self, path: &Pointer) -> bool {
        let list = path.parent().and_then(|element| element.parent());
        let strategy = list.and_then(|list| self.ground.spec.schema.strategy_at(&list));
        let last = path.segments().next_back();
        matches!((strategy, last), (Some(Strategy::KeyedList { keys }), Some(last)) if keys.iter().any(|key| *key == last))
    }

    fn rekeyed(&self, from: &Pointer, all: &[Pointer]) -> MemberFate {
        let schema = &self.ground.spec.schema;
        let remote = self.ground.remote;
        let note = |at: &Pointer| Conflict {
            path: at.clone(),
            base: None,
            local: None,
            remote: remote.and_then(|remote| get(schema, &remote.value, at)).cloned(),
            remote_writer: remote.and_then(|remote| remote.writer.clone()),
            stretches: Vec::new(),
        };
        MemberFate::Review {
            code: "review/rekeyed",
            reason: match all {
                [to] => format!("{from} is not in the record any more, {to} is like it, and an older wish waits there"),
                _ => format!("{from} is not in the record any more, and {} new elements are like it", all.len()),
            },
            conflict: all.iter().map(note).map(ConflictNote::from).collect(),
            edits: Vec::new(),
        }
    }
}

/// The element of a list at the top of the record that a path lies in.
fn element_of(path: &Pointer) -> Option<Pointer> {
    let mut segments = path.segments();
    Some(Pointer::from_segments([segments.next()?, segments.next()?]))
}

/// A change inside an element, or of it, at another address.
fn moved(from: &Pointer, to: &Pointer, change: &mut Change) {
    if !from.is_prefix_of(&change.path) {
        return;
    }
    if change.path == *from {
        change.before.iter_mut().chain(&mut change.after).for_each(|element| renamed(from, to, element));
    }
    let rest = change.path.segments().skip(from.segments().count());
    change.path = rest.fold(to.clone(), |path, segment| path.join(&segment));
}

/// An element that goes by its new key.
fn renamed(from: &Pointer, to: &Pointer, element: &mut Value) {
    let (Some(old), Some(new)) = (from.segments().next_back(), to.segments().next_back()) else { return };
    let members = element.as_object_mut().into_iter().flatten();
    members.filter(|(_, value)| value.as_str() == Some(&*old)).for_each(|(_, value)| *value = Value::from(&*new));
}

/// An element without the member that names it.
fn without(element: &Value, key: &str) -> Value {
    let mut element = element.clone();
    if let Some(members) = element.as_object_mut() {
        members.remove(key);
    }
    element
}
