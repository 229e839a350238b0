//! Refusals in the vendor's shape: `ErrorBody`, with its codes.

use serde_json::{Map, Value, json};

use crate::{http::Response, platform::operations::Operation, refusal::Refusal};

/// A refusal as `ErrorBody`. `context` is the correlation id.
pub(crate) fn render(refusal: &Refusal, context: &str) -> Response {
    let (code, message) = spell(refusal);
    let mut body = Map::new();
    let mut put = |name: &str, value: Value| drop(body.insert(name.to_owned(), value));
    put("message", json!(message));
    put("code", json!(code));
    put("status", json!(refusal.status));
    put("contextId", json!(context));
    put("errors", json!([]));
    let mut details = Vec::new();
    if let Some(field) = &refusal.field {
        details.push(json!({"errorCode": code, "fieldName": field}));
    }
    put("details", Value::Array(details));
    if let Some(entity) = &refusal.entity {
        put("entityId", json!(entity));
    }
    if let Some(name) = refusal.entity_name {
        put("entityName", json!(name));
    }
    if !refusal.params.is_empty() {
        let braced =
            |text: String, (name, value): (&String, &String)| text.replacen(value.as_str(), &format!("{{{name}}}"), 1);
        put("messageWithParams", json!(refusal.params.iter().fold(message, braced)));
        put("messageParams", json!(refusal.params));
    }
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    headers.extend(refusal.headers.iter().cloned());
    Response { status: refusal.status, headers, body: Value::Object(body).to_string().into_bytes() }
}

/// Code and message. What the door shares with `wfm-v2` has that API's codes and is put into this API's words.
fn spell(refusal: &Refusal) -> (String, String) {
    let (code, message) = match (&*refusal.code, refusal.status) {
        ("not_found", 405) => ("method.not.allowed", "The method is not allowed on this path"),
        ("not_found", _) => ("not.found", "The requested resource was not found"),
        ("unauthorized", _) => ("authentication.required", "No valid access token came with the request"),
        ("forbidden", _) => ("not.authorized", "The operation is not permitted"),
        ("internal_error", 400) => ("bad.request", "The request cannot be understood"),
        ("internal_error", 401) => ("authentication.required", "No valid access token came with the request"),
        ("internal_error", 403) => ("not.authorized", "The operation is not permitted"),
        ("internal_error", 404) => ("not.found", "The requested resource was not found"),
        ("internal_error", 408) => ("client.timeout", "The client took too long to send the request"),
        ("internal_error", 409) => ("request.conflict", "The state of the resource does not allow the request now"),
        ("internal_error", 413) => ("request.entity.too.large", "The body is too large"),
        ("internal_error", 415) => ("unsupported.media.type", "The body must be application/json"),
        ("internal_error", 429) => ("too.many.requests.retry.after", "Rate limit exceeded the maximum"),
        ("internal_error", 502) => ("bad.gateway", "A server on the way did not answer as it should"),
        ("internal_error", 503) => ("service.unavailable", "The service is unavailable"),
        ("internal_error", 504) => ("request.timeout", "The request took too long"),
        ("internal_error", _) => ("internal.server.error", "Something went wrong on the server"),
        ("invalid_field" | "invalid_interval" | "immutable_field", _) => {
            return ("wfm.validation.failure".to_owned(), refusal.message.clone());
        }
        ("conflict" | "ResourceConflictException", 409) => {
            return ("request.conflict".to_owned(), refusal.message.clone());
        }
        _ => return (refusal.code.clone().into_owned(), refusal.message.clone()),
    };
    (code.to_owned(), message.to_owned())
}

/// The same refusal in a code of the operation: where its own list has another one for the status, that stands for all.
pub(crate) fn as_documented(operation: &Operation, mut refusal: Box<Refusal>) -> Box<Refusal> {
    let (code, message) = spell(&refusal);
    if operation.documents(refusal.status, &code) {
        return refusal;
    }
    let listed = |code: &&str| operation.error_codes400.contains_key(*code);
    refusal.message = message;
    refusal.code = match refusal.status {
        409 => "request.conflict".into(),
        _ => ["wfm.validation.failure", "wfm.bad.request"].into_iter().find(listed).unwrap_or("bad.request").into(),
    };
    refusal
}

/// The token's window is full.
pub(crate) fn throttled(seconds: i64) -> Box<Refusal> {
    let text = format!("Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds");
    Refusal::edge(429, "too.many.requests.retry.after", text)
}

/// The user lacks permissions: all of them, or every one of a choice.
pub(crate) fn missing(permissions: &[&str], any: bool) -> Box<Refusal> {
    let names = permissions.join(", ");
    let (code, text) = match any {
        true => ("missing.any.permissions", format!("At least one of these permissions is needed: [{names}]")),
        false => ("missing.permissions", format!("These permissions are missing: [{names}]")),
    };
    with_param(Refusal::edge(403, code, text), "permissions", &names)
}

/// 400 `not.a.user`.
pub(crate) fn not_a_user() -> Box<Refusal> {
    Refusal::new(400, "not.a.user", "The request acts for a user, and client credentials have none")
}

/// 400 `bad.request`.
pub(crate) fn bad_request(message: impl Into<String>) -> Box<Refusal> {
    Refusal::new(400, "bad.request", message)
}

/// 400 `invalid.query.param.value`.
pub(crate) fn bad_query(name: &str) -> Box<Refusal> {
    let mut refusal =
        Refusal::new(400, "invalid.query.param.value", format!("The query parameter {name} has no valid value"));
    refusal.field = Some(name.to_owned());
    refusal
}

/// 413: the body is larger than the platform takes.
pub(crate) fn too_large(most: usize) -> Box<Refusal> {
    Refusal::new(413, "request.entity.too.large", format!("The body is larger than {most} bytes"))
}

/// 415: the body is no JSON by its own account.
pub(crate) fn unsupported_media_type() -> Box<Refusal> {
    Refusal::new(415, "unsupported.media.type", "The body must be application/json")
}

/// 400 `wfm.validation.failure` at a field.
pub(crate) fn validation(field: impl Into<String>, message: impl Into<String>) -> Box<Refusal> {
    let mut refusal = Refusal::new(400, "wfm.validation.failure", message);
    refusal.field = Some(field.into());
    refusal
}

/// 404: the record of the path does not exist.
pub(crate) fn not_found(name: &'static str, id: &str) -> Box<Refusal> {
    entity(404, name, id)
}

/// 404: no job of that id that this client began.
pub(crate) fn no_such_job(id: &str) -> Box<Refusal> {
    let mut refusal = Refusal::new(404, "job.not.found", format!("There is no job with the id {id}"));
    refusal.entity = Some(id.to_owned());
    refusal
}

/// 400: a record that the body names does not exist.
pub(crate) fn unknown_in_body(name: &'static str, id: &str) -> Box<Refusal> {
    entity(400, name, id)
}

fn entity(status: u16, name: &'static str, id: &str) -> Box<Refusal> {
    let mut refusal = Refusal::new(status, "wfm.entity.not.found", format!("There is no {name} with the id {id}"));
    refusal.entity = Some(id.to_owned());
    refusal.entity_name = Some(name);
    refusal
}

/// 400 `wfm.not.allowed`: the state of the record does not allow it.
pub(crate) fn not_allowed(message: impl Into<String>) -> Box<Refusal> {
    Refusal::new(400, "wfm.not.allowed", message)
}

/// 409: the write names a version that is not the present one.
pub(crate) fn stale(operation: &Operation) -> Box<Refusal> {
    let documented = operation.error_codes409.get("wfm.transaction.conflict");
    let text = documented.map_or("Entity was modified by another request", String::as_str);
    Refusal::new(409, "wfm.transaction.conflict", text)
}

/// 409: something else than a version stands against it, a lock among others.
pub(crate) fn conflict(operation: &Operation) -> Box<Refusal> {
    let documented = operation.error_codes409.get("request.conflict");
    let text = documented.map_or("The state of the resource does not allow the request now", String::as_str);
    Refusal::new(409, "request.conflict", text)
}

/// 501: the operation is documented, and nothing here carries it out.
pub(crate) fn not_emulated(operation: &Operation) -> Box<Refusal> {
    let id = &operation.operation_id;
    let text = format!("The sandbox does not emulate {id} ({} {})", operation.method, operation.path);
    with_param(Refusal::new(501, "not.emulated", text), "operation", id)
}

fn with_param(mut refusal: Box<Refusal>, name: &str, value: &str) -> Box<Refusal> {
    refusal.params.insert(name.to_owned(), value.to_owned());
    refusal
}
