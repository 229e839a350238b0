//! What a member edits, and which value its source started from at each path.

use super::Canvas;
use super::base::{self, Base};
use super::fate::MemberFate;
use super::words::place_in_sequence;
use crate::ids::IntentId;
use crate::intent::{Change as Wish, Name, Undo};
use crate::local::Doubt;
use crate::record::{ConflictNote, IntentRecord, KeptEdit};
use ifmatch_merge::{Change, Conflict, Pointer, apply, diff, get, json_patch, merge_patch, patch_paths, same};
use serde_json::{Value, json};

/// An edit with the base of each path.
pub(super) struct Edit {
    pub(super) changes: Vec<(Change, Base)>,
    pub(super) said: Vec<Change>,
    pub(super) whole: Option<Value>,
    /// Local times in it that only a person can tell.
    pub(super) doubts: Vec<Doubt>,
}

impl Canvas<'_> {
    /// A whole document older than one already taken from the same foreign record says nothing.
    pub(super) fn late(&self, record: &IntentRecord) -> Option<MemberFate> {
        let (name, sequence) = place_in_sequence(record)?;
        let taken = self.row.sources.get(&record.source)?.taken.get(name)?;
        let newer = taken.get(&Pointer::root())?;
        if newer.intent == record.id || newer.sequence < sequence || !self.is_whole(record) {
            return None;
        }
        let code = if newer.sequence == sequence { "superseded/duplicate" } else { "superseded/late" };
        let reason = format!("{} of the same record, sequence {}, was taken before", newer.intent, newer.sequence);
        Some(MemberFate::Superseded { by: Some(newer.intent), code, reason })
    }

    /// Whether an intent says all of the record.
    pub(super) fn is_whole(&self, record: &IntentRecord) -> bool {
        let state = self.ground.sends_state(&record.source);
        match &record.intent.change {
            Wish::Desired(_) | Wish::Create(_) => true,
            Wish::MergePatch(patch) => record.whole || state || self.says_all(patch),
            _ => false,
        }
    }

    /// Whether a patch names every writable field that the record has. Of one field alone that says nothing: whoever changes it
    /// names it.
    fn says_all(&self, patch: &Value) -> bool {
        let remote = self.ground.remote;
        let has =
            |name: &&str| remote.is_none_or(|remote| remote.value.get(*name).is_some_and(|value| !value.is_null()));
        let fields: Vec<&str> = self.ground.spec.writable.iter().filter(has).collect();
        fields.len() > 1 && fields.iter().all(|name| patch.get(*name).is_some())
    }

    /// A late edit is reduced to the paths that no newer one touched.
    pub(super) fn reduce(&self, record: &IntentRecord, edit: &mut Edit) {
        self.reduce_by_order(record, edit);
        let Some((name, sequence)) = place_in_sequence(record) else { return };
        let Some(taken) = self.row.sources.get(&record.source).and_then(|shadow| shadow.taken.get(name)) else {
            return;
        };
        let newer = |path: &Pointer| {
            taken.iter().any(|(at, by)| by.sequence > sequence && by.intent != record.id && at.overlaps(path))
        };
        edit.changes.retain(|(change, _)| !newer(&change.path));
        edit.said.retain(|change| !newer(&change.path));
    }

    /// A newer intent of the same source that settled, or took its place in the sequence, at a path.
    pub(super) fn newer_word(&self, record: &IntentRecord, edit: &Edit) -> Option<IntentId> {
        let shadow = self.row.sources.get(&record.source)?;
        let sequence = place_in_sequence(record);
        let taken = sequence.and_then(|(name, _)| shadow.taken.get(name)).into_iter().flatten();
        let later = taken.filter(|(_, by)| sequence.is_some_and(|(_, mine)| by.sequence > mine));
        let settled = shadow.settled.iter().filter(|(_, word)| word.order > record.order);
        let words = later.map(|(at, by)| (at, by.intent)).chain(settled.map(|(at, word)| (at, word.intent)));
        let mut touching = words.filter(|(at, _)| edit.changes.iter().any(|(change, _)| at.overlaps(&change.path)));
        touching.next().map(|(_, intent)| intent)
    }

    /// An older intent that comes after newer ones of its source settled is reduced to the rest.
    fn reduce_by_order(&self, record: &IntentRecord, edit: &mut Edit) {
        let Some(shadow) = self.row.sources.get(&record.source) else { return };
        let newer =
            |path: &Pointer| shadow.settled.iter().any(|(at, word)| word.order > record.order && at.overlaps(path));
        edit.changes.retain(|(change, _)| !newer(&change.path));
        edit.said.retain(|change| !newer(&change.path));
    }

    pub(super) fn edit(&self, record: &IntentRecord) -> Result<Edit, MemberFate> {
        if !record.status.edits.is_empty() {
            return self.kept_edit(record);
        }
        let exists = self.ground.remote.is_some() || !self.pending.is_empty();
        match &record.intent.change {
            Wish::Desired(doc) | Wish::Create(doc) => {
                let doc = with_key(record, doc);
                let (doc, doubts) = self.localised(record, &doc)?;
                Ok(Edit { doubts, ..self.whole_edit(record, &doc)? })
            }
            Wish::MergePatch(_) | Wish::JsonPatch(_) if !exists => Err(not_found(record)),
            Wish::MergePatch(patch) if self.is_whole(record) => {
                let doc = merge_patch(&Value::Object(serde_json::Map::new()), patch);
                let (doc, doubts) = self.localised(record, &doc)?;
                Ok(Edit { doubts, ..self.whole_edit(record, &doc)? })
            }
            Wish::MergePatch(patch) => {
                let (patch, doubts) = self.localised(record, patch)?;
                let spoken = self.ground.spec.writable_part(&patch);
                let changes = self.without_echoes(record, patch_paths(&self.ground.spec.schema, &spoken))?;
                Ok(Edit { doubts, ..self.field_edit(record, changes) })
            }
            Wish::JsonPatch(ops) => {
                let patched = json_patch(&self.value, ops)
                    .map_err(|error| MemberFate::review("review/patch_does_not_fit", error.to_string()))?;
                let (patched, doubts) = self.localised(record, &patched)?;
                let part = |value: &Value| self.ground.spec.writable_part(value);
                let changes = diff(&self.ground.spec.schema, &part(&self.value), &part(&patched));
                Ok(Edit { doubts, ..self.field_edit(record, changes) })
            }
            Wish::Undo(_) if !exists => Err(not_found(record)),
            Wish::Undo(undo) => Ok(undo_edit(undo)),
            Wish::Delete(_) | Wish::Verb(_) | Wish::Operation(_) => Err(MemberFate::rejected(
                "rejected/unsupported_change",
                format!("a {} cannot be changed in this way", self.ground.spec.name),
            )),
        }
    }

    /// What it edits was worked out before it went to a person.
    fn kept_edit(&self, record: &IntentRecord) -> Result<Edit, MemberFate> {
        let edits = &record.status.edits;
        let (said, doubts) = self.localised_edits(record, edits.iter().map(KeptEdit::said).collect())?;
        let based = |(edit, said): (&KeptEdit, &Change)| {
            let base = self.pending_base(record, &edit.path).unwrap_or_else(|| Base::of(edit));
            (said.clone(), base)
        };
        let changes = edits.iter().zip(&said).map(based).collect();
        // What an undo takes back tells how far its source's view goes back, also where a person decided it.
        let takes_back = matches!(record.intent.change, Wish::Undo(_));
        let told =
            |(edit, said): (&KeptEdit, Change)| Change { before: edit.base.clone().filter(|_| takes_back), ..said };
        let said = edits.iter().zip(said).map(told).collect();
        Ok(Edit { changes, said, whole: None, doubts })
    }

    fn field_edit(&self, record: &IntentRecord, changes: Vec<Change>) -> Edit {
        let mut edits: Vec<(Change, Base)> = Vec::new();
        let mut changes = changes.into_iter().peekable();
        while let Some(change) = changes.next() {
            let around = self.ground.spec.schema.interval_set_around(&change.path).map(|(at, _)| at);
            let Some(set) = around.filter(|set| *set != change.path) else {
                edits.push(self.based(record, change));
                continue;
            };
            let mut members = vec![change];
            while let Some(next) = changes.next_if(|next| set.is_prefix_of(&next.path)) {
                members.push(next);
            }
            match self.completed(record, &set, &members) {
                Some(whole) => edits.push(whole),
                None => edits.extend(members.into_iter().map(|member| self.based(record, member))),
            }
        }
        let said = edits.iter().map(|(change, _)| change.clone()).collect();
        Edit { changes: edits, said, whole: None, doubts: Vec::new() }
    }

    /// A change with its base.
    fn based(&self, record: &IntentRecord, change: Change) -> (Change, Base) {
        let shown = base::edit_base(&self.ground, record, &change.path);
        let held = || match record.intent.base {
            None => self.held_base(record, &change),
            Some(_) if self.is_own_question(record, &change.path, &shown) => self.held_doubt(record, &change),
            Some(_) => None,
        };
        let base = self.pending_base(record, &change.path).or_else(held).unwrap_or(shown);
        (change, base)
    }

    /// An interval set is edited as one: a patch that names some members of it means the set that its source knew, with
    /// these members, and has the base of that one. `None` where nobody knows it.
    fn completed(&self, record: &IntentRecord, set: &Pointer, members: &[Change]) -> Option<(Change, Base)> {
        let schema = &self.ground.spec.schema;
        let names = base::interval_set(schema, set)?;
        let whole = |after: Option<Value>| Change { path: set.clone(), before: None, after };
        let with_members = |from: Option<&Value>| {
            let known = apply(schema, &json!({}), &[whole(from.cloned())]);
            let wanted = apply(schema, &known, members);
            whole(get(schema, &wanted, set).cloned())
        };
        let shown = self.pending_base(record, set).unwrap_or_else(|| base::edit_base(&self.ground, record, set));
        let waits = self.question(record, set).zip(self.asked(record, set)).filter(|(_, asked)| names.reads(asked));
        let seen = match &shown {
            Base::Known(Some(seen)) => record.intent.base.is_some() && names.reads(seen),
            Base::Known(None) | Base::Unknown => false,
        };
        let (change, base) = match (waits, &shown) {
            // What it has in review and does not name goes on, and is as much in doubt as it was.
            (Some((question, asked)), _) if seen && asks_more(question, asked, members, set) => {
                let change = with_members(Some(asked));
                let base = self.held_doubt(record, &change).unwrap_or(shown);
                (change, base)
            }
            (Some((_, asked)), _) if !seen => self.based(record, with_members(Some(asked))),
            (_, Base::Known(Some(shown))) if names.reads(shown) => self.based(record, with_members(Some(shown))),
            (_, Base::Known(None)) => self.based(record, with_members(None)),
            (_, Base::Known(Some(_)) | Base::Unknown) => return None,
        };
        // Who names members of a set that somebody took away may not know that it is gone.
        let blind = record.intent.base.as_ref().is_none_or(|base| base.value.is_none());
        let gone = base == Base::Known(None) && blind && self.is_taken_away(set);
        Some((change, if gone { Base::Unknown } else { base }))
    }

    fn whole_edit(&self, record: &IntentRecord, doc: &Value) -> Result<Edit, MemberFate> {
        let spoken = self.ground.spec.writable_part(doc);
        let said = spoken.as_object().into_iter().flatten().map(|(name, value)| Change {
            path: Pointer::from_segments([name]),
            before: None,
            after: Some(value.clone()),
        });
        let said: Vec<Change> = said.collect();
        if self.ground.remote.is_none() && self.pending.is_empty() {
            let changes = said.iter().cloned().map(|change| (change, Base::Known(None))).collect();
            return Ok(Edit { changes, said, whole: Some(spoken), doubts: Vec::new() });
        }
        let own = self.said.iter().rev().find(|said| said.source == record.source);
        let (stood, pending) = (own.map(|said| &said.stood), own.map(|said| &said.view));
        let candidates = base::candidates(&self.ground, record, doc, stood, pending);
        let nearest = base::nearest(self.ground.spec, doc, &candidates);
        let mut changes = if nearest.is_empty() {
            self.foundless_edit(record, &spoken)?
        } else {
            base::whole_edit(&self.ground, &spoken, &nearest)
        };
        let from_open = nearest.iter().any(|candidate| candidate.open);
        for (change, base) in &mut changes {
            let held = || self.held_doubt(record, change).filter(|_| from_open);
            if let Some(known) = self.pending_base(record, &change.path).or_else(held) {
                *base = known;
            }
        }
        if from_open {
            self.repeat_held(record, &spoken, &mut changes);
        }
        Ok(Edit { changes, said, whole: Some(spoken), doubts: Vec::new() })
    }

    /// A document that goes on from the source's own words in review says them again: it takes
    /// their place, so the question goes over to it.
    fn repeat_held(&self, record: &IntentRecord, spoken: &Value, changes: &mut Vec<(Change, Base)>) {
        let own = self.said.iter().filter(|said| said.source == record.source);
        for (path, _) in own.flat_map(|said| &said.held) {
            let said = path.segments().next().is_some_and(|top| spoken.get(&*top).is_some());
            if said && !changes.iter().any(|(change, _)| change.path.overlaps(path)) {
                let after = get(&self.ground.spec.schema, spoken, path).cloned();
                let change = Change { path: path.clone(), before: None, after };
                // Said once more without a base, it is as much in doubt as it was.
                let base = self.held_doubt(record, &change).unwrap_or(Base::Unknown);
                changes.push((change, base));
            }
        }
    }

    /// A whole document with no snapshot that it can have started from: what it says differs from
    /// the target for reasons that nobody knows. Equal is fine, other goes to review in one bundle.
    fn foundless_edit(&self, record: &IntentRecord, spoken: &Value) -> Result<Vec<(Change, Base)>, MemberFate> {
        let hinted = record.intent.base.as_ref().is_some_and(|base| base.version.is_some() || base.value.is_some());
        let schema = &self.ground.spec.schema;
        let differs = |stands: &Value| {
            let named = |(name, _): (&String, &Value)| stands.get(name).map(|value| (name.clone(), value.clone()));
            let part = spoken.as_object().into_iter().flatten().filter_map(named).collect();
            diff(schema, &Value::Object(part), spoken)
        };
        let changes = differs(&self.value);
        // What waits to be written may say the same: this goes along with it, and stands no sooner.
        let mut waits = self.ground.remote.map(|remote| differs(&remote.value)).unwrap_or_default();
        waits.retain(|change| !changes.iter().any(|known| known.path.overlaps(&change.path)));
        if hinted && !record.proxied {
            let based = |change: Change| {
                let base = base::edit_base(&self.ground, record, &change.path);
                (change, base)
            };
            return Ok(changes.into_iter().chain(waits).map(based).collect());
        }
        if changes.is_empty() {
            return Ok(waits.into_iter().map(|change| (change, Base::Unknown)).collect());
        }
        // Whether anybody changed these is not known: what stands there is of nobody else by name.
        let writer = |path: &Pointer| self.source_at(path);
        let edits = changes.iter().chain(&waits).map(KeptEdit::baseless).collect();
        let conflict = changes.into_iter().map(|change| Conflict {
            remote_writer: writer(&change.path),
            path: change.path,
            base: None,
            local: change.after,
            remote: change.before,
            stretches: Vec::new(),
        });
        Err(MemberFate::Review {
            code: "review/no_base",
            reason: "a whole record from a source that neither wrote nor read this one before".to_owned(),
            conflict: conflict.map(ConflictNote::from).collect(),
            edits,
        })
    }

    /// The source's own pending value at a path.
    fn pending_base(&self, record: &IntentRecord, path: &Pointer) -> Option<Base> {
        let schema = &self.ground.spec.schema;
        if schema.interval_set_around(path).is_some() {
            // Others may have a part in what stands there: its own word is what it said.
            return self.pending_word(record, path).map(|word| Base::Known(Some(word.clone())));
        }
        let pending = self.pending.iter().any(|(at, by)| by.as_ref() == Some(&record.source) && at.overlaps(path));
        pending.then(|| Base::Known(get(schema, &self.value, path).cloned()))
    }

    /// The paths of an edit with the bases that they have if nothing of the same source is to be written before.
    pub(super) fn alone(&self, record: &IntentRecord, changes: &[(Change, Base)]) -> Vec<(Change, Base)> {
        let kept = |path: &Pointer| record.status.edits.iter().find(|edit| edit.path == *path).map(Base::of);
        let alone = |(change, base): &(Change, Base)| {
            let path = &change.path;
            let pends = self.pending_base(record, path).is_some();
            let shown = || kept(path).unwrap_or_else(|| base::edit_base(&self.ground, record, path));
            (change.clone(), if pends { shown() } else { base.clone() })
        };
        changes.iter().map(alone).collect()
    }

    /// What the source itself said of a place in an interval set, where that is still to be written.
    pub(super) fn pending_word(&self, record: &IntentRecord, path: &Pointer) -> Option<&Value> {
        let schema = &self.ground.spec.schema;
        schema.interval_set_around(path)?;
        let own = self.said.iter().rev().find(|said| said.source == record.source && said.has_word_at(path))?;
        get(schema, &own.stood, path)
    }

    /// Whether all that stands at a path is the source's own pending value.
    pub(super) fn is_own_pending(&self, record: &IntentRecord, path: &Pointer) -> bool {
        let shared = self.ground.spec.schema.interval_set_around(path).is_some();
        !shared && self.pending.iter().any(|(at, by)| by.as_ref() == Some(&record.source) && at.is_prefix_of(path))
    }

    /// The last word of a source at a path, what it has in review included.
    fn asked(&self, record: &IntentRecord, path: &Pointer) -> Option<&Value> {
        let own = self.said.iter().rev().find(|said| said.source == record.source)?;
        get(&self.ground.spec.schema, &own.view, path)
    }

    /// Whether a base is what the source itself has in review at a path: it repeats its question.
    fn is_own_question(&self, record: &IntentRecord, path: &Pointer, shown: &Base) -> bool {
        match (shown, self.asked(record, path)) {
            (Base::Known(Some(shown)), Some(asked)) => self.ground.dialect.alike(shown, asked),
            _ => false,
        }
    }

    /// The base of a path that the source has in review: what it says next goes on from its own
    /// word, so the conflict is still with that base. Where nobody knew it, what it says next
    /// stands for itself.
    fn held_base(&self, record: &IntentRecord, change: &Change) -> Option<Base> {
        match self.question(record, &change.path)? {
            Base::Known(base) if same(base.as_ref(), change.after.as_ref()) => {
                // Back to where the question started from: what it changes is its own word.
                Some(Base::Known(self.asked(record, &change.path).cloned()))
            }
            Base::Known(base) => Some(Base::Known(base.clone())),
            Base::Unknown => None,
        }
    }

    /// The same for a document that goes on from what the source has in review: a doubt about the
    /// base goes over to it.
    fn held_doubt(&self, record: &IntentRecord, change: &Change) -> Option<Base> {
        self.held_base(record, change).or_else(|| self.question(record, &change.path).cloned())
    }

    /// The base of what the source has in review at a path; one that is known before others.
    pub(super) fn question(&self, record: &IntentRecord, path: &Pointer) -> Option<&Base> {
        let own = self.said.iter().filter(|said| said.source == record.source);
        let held = own.flat_map(|said| &said.held).filter(|(at, _)| at == path).map(|(_, base)| base);
        held.min_by_key(|base| **base == Base::Unknown)
    }

    /// An edit in the spelling of what stands at its path, where that means the same.
    pub(super) fn aligned(&self, change: &Change, base: &Base) -> (Change, Base) {
        let current = get(&self.ground.spec.schema, &self.value, &change.path);
        let align = |value: &Option<Value>| match (value, current) {
            (Some(value), Some(current)) if self.ground.dialect.alike(value, current) => Some(current.clone()),
            (value, _) => value.clone(),
        };
        let base = match base {
            Base::Known(value) => Base::Known(align(value)),
            Base::Unknown => Base::Unknown,
        };
        (Change { after: align(&change.after), ..change.clone() }, base)
    }
}

/// Whether what a source has in review at an interval set says something of a member that these changes do not name.
fn asks_more(question: &Base, asked: &Value, members: &[Change], set: &Pointer) -> bool {
    let depth = set.segments().count();
    let named =
        |name: &str| members.iter().any(|change| change.path.segments().nth(depth).is_some_and(|at| at == name));
    let says = |name: &str, value: &Value| match question {
        Base::Known(Some(base)) => !same(base.get(name), Some(value)),
        Base::Known(None) | Base::Unknown => true,
    };
    asked.as_object().into_iter().flatten().any(|(name, value)| !named(name) && says(name, value))
}

/// The edit of an undo: each path with the value that must still stand there.
fn undo_edit(undo: &Undo) -> Edit {
    let said = |change: &Change| Change { before: None, ..change.clone() };
    let based = |change: &Change| (said(change), Base::Known(change.before.clone()));
    Edit {
        changes: undo.changes.iter().map(based).collect(),
        // What it takes back tells how far its source's view goes back.
        said: undo.changes.clone(),
        whole: None,
        doubts: Vec::new(),
    }
}

/// The paths of an edit, each with its base.
pub(super) fn kept(changes: &[(Change, Base)]) -> Vec<KeptEdit> {
    let based = |(change, base): &(Change, Base)| {
        let (base, baseless) = match base {
            Base::Known(value) => (value.clone(), false),
            Base::Unknown => (None, true),
        };
        KeptEdit { base, baseless, ..KeptEdit::of(change) }
    };
    changes.iter().map(based).collect()
}

/// Whether something that speaks of a whole document, or of some paths, says all of a path.
pub(super) fn covers(whole: Option<&Value>, paths: &[Pointer], path: &Pointer) -> bool {
    let spoken = |doc: &Value| path.segments().next().is_some_and(|top| doc.get(&*top).is_some());
    whole.is_some_and(spoken) || paths.iter().any(|mine| mine.is_prefix_of(path))
}

/// The target has no such record, and the change does not make one.
pub(super) fn not_found(record: &IntentRecord) -> MemberFate {
    MemberFate::rejected("rejected/not_found", format!("the target has no {}", record.resource))
}

fn with_key(record: &IntentRecord, doc: &Value) -> Value {
    let mut doc = doc.clone();
    if let Name::Key(key) = &record.resource.name
        && let (Ok(Value::Object(key)), Value::Object(members)) = (serde_json::from_str(key), &mut doc)
    {
        for (name, value) in key {
            members.entry(name).or_insert(value);
        }
    }
    doc
}
