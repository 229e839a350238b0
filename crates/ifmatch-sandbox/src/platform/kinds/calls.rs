//! The five calls that most kinds share, and the steps that they are made of.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Kind, of_collection};
use crate::{
    api::Reply,
    platform::{
        call::{Call, listing},
        document::{Document, id_of},
        errors,
        guard::version_in,
        models::{self, Type},
        world::object,
    },
    refusal::Checked,
    target::Target,
};

fn kind(call: &Call) -> Checked<&'static Kind> {
    of_collection(call.operation.collection()).ok_or_else(|| errors::not_emulated(call.operation))
}

/// Puts a record that always exists, and that nobody has written yet, in its place.
fn ensure(target: &mut Target, kind: &Kind, call: &Call, path: &str) {
    if kind.single && target.document(path).is_none() {
        target.seed_document(call.now, path.to_owned(), object((kind.defaults)()));
    }
}

/// What a body refers to must exist.
pub(crate) fn must_exist(target: &Target, name: &'static str, path: &str) -> Checked<()> {
    target.document(path).map(drop).ok_or_else(|| errors::unknown_in_body(name, id_of(path)))
}

/// The document that a call addresses, as it stands.
pub(crate) fn present(target: &Target, kind: &Kind, path: &str) -> Checked<Arc<Document>> {
    target.document(path).ok_or_else(|| errors::not_found(kind.name, id_of(path)))
}

/// GET of one record.
pub(crate) fn read(target: &mut Target, call: &Call) -> Checked<Reply> {
    let (kind, path) = (kind(call)?, call.record_path());
    ensure(target, kind, call, &path);
    let found = target.document_at(&path, call.read_at);
    let document = found.ok_or_else(|| errors::not_found(kind.name, id_of(&path)))?;
    Ok(call.reply(kind.show(target, &path, &document)))
}

/// GET of a collection.
pub(crate) fn list(target: &mut Target, call: &Call) -> Checked<Reply> {
    list_at(target, call, kind(call)?, &call.record_path())
}

/// GET of a collection by the name that a view of it has.
pub(crate) fn list_view(target: &mut Target, call: &Call) -> Checked<Reply> {
    let path = call.record_path();
    let collection = path.rsplit_once('/').map_or("", |(collection, _)| collection);
    let kind = of_collection(collection).ok_or_else(|| errors::not_emulated(call.operation))?;
    list_at(target, call, kind, collection)
}

fn list_at(target: &Target, call: &Call, kind: &Kind, path: &str) -> Checked<Reply> {
    let found = target.documents_under(path, call.read_at);
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
    let mut fields = object((kind.defaults)());
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
    ensure(target, kind, call, &path);
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
    if (kind.in_use)(target, &path) {
        return Err(errors::not_allowed(format!("The {} is in use", kind.name)));
    }
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

/// Whether a document beside a record, in the collection of that name, refers to it.
pub(crate) fn referred_in(target: &Target, path: &str, collection: &str, refers: fn(&Document, &str) -> bool) -> bool {
    let mut parts = path.rsplitn(3, '/');
    let (id, _, unit) = (parts.next().unwrap_or_default(), parts.next(), parts.next().unwrap_or_default());
    target.documents_under(&format!("{unit}/{collection}"), i64::MAX).iter().any(|(_, one)| refers(one, id))
}
