//! Documents: JSON objects with a version, each known by its path.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    history::History,
    ledger::diff_maps,
    options::UnchangedWrite,
    platform::{call::user_reference, kinds, world},
    record::{Meta, Writer},
    target::Target,
    time::format_instant,
};

/// One state of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// Everything but its id and its metadata.
    pub(crate) fields: Map<String, Value>,
    pub(crate) meta: Meta,
    /// When it was created, and by whom.
    pub(crate) created: (i64, Arc<str>),
    /// Deleted: kept for reads that are behind.
    pub(crate) gone: bool,
}

impl Document {
    /// A field; `null` when it is absent.
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// A text field, `""` when it is absent or no text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// The metadata of a versioned record.
    pub(crate) fn metadata(&self) -> Value {
        let mut metadata = metadata(&self.meta);
        metadata["createdBy"] = user_reference(&self.created.1);
        metadata["dateCreated"] = json!(format_instant(self.created.0));
        metadata
    }
}

/// Version, time and writer in the vendor's spelling.
pub(crate) fn metadata(meta: &Meta) -> Value {
    json!({
        "version": meta.version, "modifiedBy": user_reference(&meta.by_id), "dateModified": format_instant(meta.at),
    })
}

/// The last part of a path.
pub(crate) fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

impl Target {
    /// All documents by their path.
    fn documents(&self) -> &BTreeMap<String, History<Document>> {
        let start = self.platform.start.as_ref();
        self.platform.documents.get_or_init(|| start.map(|start| world::documents(self, start)).unwrap_or_default())
    }

    fn documents_mut(&mut self) -> &mut BTreeMap<String, History<Document>> {
        self.documents();
        self.platform.documents.get_mut().expect("they were just made")
    }

    /// The documents, when nothing else of a target is wanted.
    pub(super) fn into_documents(mut self) -> BTreeMap<String, History<Document>> {
        std::mem::take(self.documents_mut())
    }

    /// The present state of a document.
    pub(crate) fn document(&self, path: &str) -> Option<Arc<Document>> {
        let current = self.documents().get(path)?.current();
        (!current.gone).then(|| Arc::clone(current))
    }

    /// The state of a document at an instant.
    pub(crate) fn document_at(&self, path: &str, at: i64) -> Option<Arc<Document>> {
        let state = self.documents().get(path)?.at(at)?;
        (!state.gone).then(|| Arc::clone(state))
    }

    /// The documents directly under a path at an instant, by their paths.
    pub(crate) fn documents_under(&self, collection: &str, at: i64) -> Vec<(String, Arc<Document>)> {
        let first = format!("{collection}/");
        let under = self.documents().range(first.clone()..).take_while(|(path, _)| path.starts_with(&first));
        let direct = under.filter(|(path, _)| !path[first.len()..].contains('/'));
        let states = direct.filter_map(|(path, history)| Some((path.clone(), Arc::clone(history.at(at)?))));
        states.filter(|(_, state)| !state.gone).collect()
    }

    /// The documents anywhere under a path whose own path has a part in it.
    pub(crate) fn documents_within(&self, root: &str, part: &str, at: i64) -> Vec<(String, Arc<Document>)> {
        let under = self.documents().range(root.to_owned()..).take_while(|(path, _)| path.starts_with(root));
        let states = under.filter(|(path, _)| path.contains(part));
        let states = states.filter_map(|(path, history)| Some((path.clone(), Arc::clone(history.at(at)?))));
        states.filter(|(_, state)| !state.gone).collect()
    }

    /// Path and version of every document that there is.
    pub(crate) fn all_documents(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.documents().iter().map(|(path, history)| (path.as_str(), history.current()));
        all.filter(|(_, state)| !state.gone).map(|(path, state)| (path, state.meta.version))
    }

    /// Puts a document in place that exists from the start.
    pub(crate) fn seed_document(&mut self, at: i64, path: String, fields: Map<String, Value>) {
        let writer = Writer::system();
        let meta = Meta::new(1, at, &writer);
        let created = (at, Arc::clone(&meta.by_id));
        let state = Document { fields, meta, created, gone: false };
        self.documents_mut().insert(path, History::new(i64::MIN, state));
    }

    /// Creates or replaces a document. Returns its version afterwards.
    pub(crate) fn commit_document(
        &mut self,
        now: i64,
        path: &str,
        mut fields: Map<String, Value>,
        writer: &Writer,
    ) -> u64 {
        let old = self.document(path);
        self.silence_document(now, path, old.as_deref(), &mut fields, writer);
        if let Some(old) = &old
            && old.fields == fields
            && self.options.unchanged_write == UnchangedWrite::KeepsVersion
        {
            return old.meta.version;
        }
        let from = old.as_ref().map(|old| old.meta.version);
        let version = from.map_or(1, |from| from + self.document_step());
        let mut changes = Vec::new();
        diff_maps("", old.as_ref().map_or(&Map::new(), |old| &old.fields), &fields, &mut changes);
        let meta = Meta::new(version, now, writer);
        let created = old.map_or_else(|| (now, Arc::clone(&meta.by_id)), |old| old.created.clone());
        self.put_document(now, path, Document { fields, meta, created, gone: false });
        self.record(now, path.to_owned(), from, version, changes, writer);
        version
    }

    /// Deletes a document. The ledger tells it as a last version with nothing in it.
    pub(crate) fn delete_document(&mut self, now: i64, path: &str, writer: &Writer) {
        let Some(old) = self.document(path) else {
            return;
        };
        let (from, version) = (old.meta.version, old.meta.version + self.document_step());
        let mut changes = Vec::new();
        diff_maps("", &old.fields, &Map::new(), &mut changes);
        let meta = Meta::new(version, now, writer);
        self.put_document(now, path, Document { fields: Map::new(), meta, created: old.created.clone(), gone: true });
        self.record(now, path.to_owned(), Some(from), version, changes, writer);
    }

    /// Drawn apart, so that documents do not shift the draws for the records of the other API.
    fn document_step(&mut self) -> u64 {
        self.options.step(&mut self.platform.rng)
    }

    fn put_document(&mut self, now: i64, path: &str, state: Document) {
        let keep_ms = self.options.replica_lag_ms;
        let documents = self.documents_mut();
        match documents.get_mut(path) {
            Some(history) => history.push(now, state, keep_ms),
            None => drop(documents.insert(path.to_owned(), History::new(now, state))),
        }
    }

    /// A person's edit: a merge patch on the fields.
    pub(crate) fn edit_document(&mut self, now: i64, path: &str, patch: &Map<String, Value>, by: &str) -> Option<u64> {
        let holder = kinds::holder(path);
        let mut fields = Value::Object(self.document(holder)?.fields.clone());
        match holder == path {
            true => merge(&mut fields, patch),
            false => merge(&mut fields[id_of(path)], patch),
        }
        let Value::Object(fields) = fields else { return None };
        Some(self.commit_document(now, holder, fields, &Writer::person(by)))
    }
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else { return };
    for (name, value) in patch {
        match value {
            Value::Null => drop(map.remove(name)),
            Value::Object(inner) => merge(map.entry(name.clone()).or_insert(Value::Null), inner),
            _ => drop(map.insert(name.clone(), value.clone())),
        }
    }
}
