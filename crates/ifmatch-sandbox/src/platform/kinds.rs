//! The kinds of documents: what each is called, where it lives, where its version is, and the five calls that most share.

pub(crate) mod business_units;
pub(crate) mod management_units;
pub(crate) mod work_plans;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    api::Reply,
    platform::{
        call::{Call, Share, listing},
        document::{Document, id_of},
        errors,
        guard::{METADATA, version_in},
        models::{self, Type},
    },
    refusal::Checked,
    target::Target,
};

/// What the kinds carry out.
pub(crate) const SHARES: &[Share] = &[business_units::SHARE, management_units::SHARE, work_plans::SHARE];

const ALL: &[&Kind] = &[&business_units::KIND, &management_units::KIND, &work_plans::KIND];

/// One kind of document.
#[derive(Debug)]
pub(crate) struct Kind {
    /// What the vendor's refusals call it.
    pub(crate) name: &'static str,
    /// The path of its collection, as the table of operations spells it.
    pub(crate) collection: &'static str,
    /// The model of one record.
    pub(crate) model: &'static str,
    /// Where a body names its version; empty where it has none.
    pub(crate) version_at: &'static str,
    /// Whether a write may leave the part with the version out, and then is not guarded.
    pub(crate) version_optional: bool,
    /// Fields of the record that no body sets.
    pub(crate) managed: &'static [&'static str],
    /// Fields without which nothing is created.
    pub(crate) required: &'static [&'static str],
    /// What a new record holds where the body is silent.
    pub(crate) defaults: fn() -> Value,
    /// Looks at the fields before they are committed, and completes them.
    pub(crate) settle: fn(&mut Target, &Call, &mut Map<String, Value>) -> Checked<()>,
    /// Adds what is not kept but shown.
    pub(crate) show: fn(&Target, &str, &Document, &mut Map<String, Value>),
}

impl Kind {
    /// What most kinds are like.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        collection: "",
        model: "",
        version_at: METADATA,
        version_optional: false,
        managed: &[],
        required: &["name"],
        defaults: || json!({}),
        settle: |_, _, _| Ok(()),
        show: |_, _, _, _| {},
    };

    /// The record as the API shows it.
    pub(crate) fn show(&self, target: &Target, path: &str, document: &Document) -> Value {
        let mut map = document.fields.clone();
        map.insert("id".to_owned(), json!(id_of(path)));
        map.insert("selfUri".to_owned(), json!(path));
        match self.version_at {
            "" => {}
            "/settings/metadata/version" => {
                let settings = map.entry("settings").or_insert_with(|| json!({}));
                settings["metadata"] = document.metadata();
            }
            _ => drop(map.insert("metadata".to_owned(), document.metadata())),
        }
        (self.show)(target, path, document, &mut map);
        models::retain(self.model, &mut map);
        Value::Object(map)
    }
}

/// The kind whose collection has this path, with parameters in braces or in their place.
pub(crate) fn of_collection(path: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| {
        let (mut own, mut given) = (kind.collection.split('/'), path.split('/'));
        let same = own.by_ref().zip(given.by_ref()).all(|(own, given)| own == given || own.starts_with('{'));
        same && kind.collection.split('/').count() == path.split('/').count()
    })
}

/// The record at a path as the API shows it.
pub(crate) fn show(target: &Target, path: &str, document: &Document) -> Value {
    match path.rsplit_once('/').and_then(|(collection, _)| of_collection(collection)) {
        Some(kind) => kind.show(target, path, document),
        None => Value::Object(document.fields.clone()),
    }
}

fn kind(call: &Call) -> Checked<&'static Kind> {
    of_collection(call.operation.collection()).ok_or_else(|| errors::not_emulated(call.operation))
}

/// The document that a call addresses, as it stands.
pub(crate) fn present(target: &Target, kind: &Kind, path: &str) -> Checked<Arc<Document>> {
    target.document(path).ok_or_else(|| errors::not_found(kind.name, id_of(path)))
}

/// GET of one record.
pub(crate) fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, path) = (kind(call)?, call.record_path());
    let found = target.document_at(&path, call.read_at);
    let document = found.ok_or_else(|| errors::not_found(kind.name, id_of(&path)))?;
    Ok(call.reply(kind.show(target, &path, &document)))
}

/// GET of a collection.
pub(crate) fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, path) = (kind(call)?, call.record_path());
    let found = target.documents_under(&path, call.read_at);
    let entities = found.iter().map(|(path, document)| kind.show(target, path, document));
    let entities = as_listed(call, entities.collect());
    Ok(call.reply(listing(call, entities)?))
}

/// The entities of a list, each with the fields that the list's model has.
pub(crate) fn as_listed(call: &Call, mut entities: Vec<Value>) -> Vec<Value> {
    let model = call.operation.response_model.as_deref().and_then(models::fields);
    let entity = match model.and_then(|fields| fields.get("entities")) {
        Some(Type::List(entity)) => &**entity,
        _ => return entities,
    };
    if let Type::Model(entity) = entity {
        for map in entities.iter_mut().filter_map(Value::as_object_mut) {
            models::retain(entity, map);
        }
    }
    entities
}

/// POST to a collection.
pub(crate) fn create(target: &mut Target, call: &Call) -> Checked<Reply> {
    let kind = kind(call)?;
    let body = call.object()?;
    for field in kind.required {
        if body.get(*field).is_none_or(Value::is_null) {
            return Err(errors::validation(*field, format!("{field} is required")));
        }
    }
    let mut fields = match (kind.defaults)() {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    take(target, kind, call, &mut fields)?;
    (kind.settle)(target, call, &mut fields)?;
    let path = format!("{}/{}", call.record_path(), target.platform_id());
    target.commit_document(call.now, &path, fields, &call.writer);
    let document = present(target, kind, &path)?;
    Ok(call.reply(kind.show(target, &path, &document)))
}

/// PATCH or PUT of one record.
pub(crate) fn change(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, path) = (kind(call)?, call.record_path());
    let old = present(target, kind, &path)?;
    check_guard(target, kind, call, &path, old.meta.version)?;
    let mut fields = old.fields.clone();
    take(target, kind, call, &mut fields)?;
    (kind.settle)(target, call, &mut fields)?;
    target.commit_document(call.now, &path, fields, &call.writer);
    let document = present(target, kind, &path)?;
    Ok(call.reply(kind.show(target, &path, &document)))
}

/// DELETE of one record: no version, whoever wrote last.
pub(crate) fn remove(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, path) = (kind(call)?, call.record_path());
    present(target, kind, &path)?;
    target.check_lock(call, &path)?;
    target.delete_document(call.now, &path, &call.writer);
    Ok(call.reply(Value::Null))
}

/// Lock and version.
pub(crate) fn check_guard(target: &Target, kind: &Kind, call: &Call, path: &str, version: u64) -> Checked<()> {
    target.check_lock(call, path)?;
    if kind.version_at.is_empty() {
        return Ok(());
    }
    let body = call.object()?;
    let named = version_in(body, kind.version_at)?;
    let part = kind.version_at.split('/').nth(1).unwrap_or_default();
    if named.is_none() && kind.version_optional && body.get(part).is_none_or(Value::is_null) {
        return Ok(());
    }
    target.check_version(call, named, version)
}

/// The body's fields, by the models of the request and of the record.
pub(crate) fn take(target: &mut Target, kind: &Kind, call: &Call, fields: &mut Map<String, Value>) -> Checked<()> {
    let mut body = call.object()?.clone();
    for managed in ["id", "selfUri"].iter().chain(kind.managed) {
        body.remove(*managed);
    }
    let request = call.operation.request_model.as_deref().unwrap_or(kind.model);
    models::take(&body, request, kind.model, fields, &mut target.platform.rng)
}

impl Target {
    /// An id for a new document.
    pub(crate) fn platform_id(&mut self) -> String {
        self.platform.rng.uuid()
    }
}
