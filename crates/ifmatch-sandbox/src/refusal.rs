//! Refusals: the fact that a write or read was refused, and the ten shapes in which the API tells it (section 7).

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use crate::{http::Response, options::Envelope, rng::Rng};

/// A refused request, before it is put into an envelope.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    /// The field at fault.
    pub(crate) field: Option<String>,
    /// The locked agent, where the option lets the refusal name it.
    pub(crate) agent_id: Option<String>,
    /// The record that the write addressed, for envelope E5.
    pub(crate) entity: Option<String>,
    /// What kind of record that is, in the platform API.
    pub(crate) entity_name: Option<&'static str>,
    /// Parts of the message that the platform API tells apart.
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) current_version: Option<u64>,
    pub(crate) current: Option<Value>,
    pub(crate) headers: Vec<(String, String)>,
    /// Refused before the request was understood as a write; such refusals are never told as HTTP 207.
    pub(crate) edge: bool,
}

/// The outcome of one step of a request.
pub(crate) type Checked<T> = Result<T, Box<Refusal>>;

impl Refusal {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            status,
            code: code.into(),
            message: message.into(),
            field: None,
            agent_id: None,
            entity: None,
            entity_name: None,
            params: BTreeMap::new(),
            current_version: None,
            current: None,
            headers: Vec::new(),
            edge: false,
        })
    }

    /// A refusal at the door: path, method, token, rate, scope.
    pub(crate) fn edge(status: u16, code: &'static str, message: impl Into<String>) -> Box<Self> {
        let mut refusal = Self::new(status, code, message);
        refusal.edge = true;
        refusal
    }

    /// 400 `invalid_field`.
    pub(crate) fn field(field: impl Into<String>, message: impl Into<String>) -> Box<Self> {
        Self::at_field("invalid_field", field, message)
    }

    /// 400 `invalid_interval`.
    pub(crate) fn interval(field: impl Into<String>, message: impl Into<String>) -> Box<Self> {
        Self::at_field("invalid_interval", field, message)
    }

    /// 400 `immutable_field`.
    pub(crate) fn immutable(field: impl Into<String>) -> Box<Self> {
        let field = field.into();
        let message = format!("{field} cannot be changed");
        Self::at_field("immutable_field", field, message)
    }

    /// 404 `not_found`.
    pub(crate) fn not_found(what: &str) -> Box<Self> {
        Self::new(404, "not_found", format!("{what} not found"))
    }

    fn at_field(code: &'static str, field: impl Into<String>, message: impl Into<String>) -> Box<Self> {
        let mut refusal = Self::new(400, code, message);
        refusal.field = Some(field.into());
        refusal
    }

    /// The entry of a bulk answer.
    pub(crate) fn entity_json(&self, id: &Value) -> Value {
        let mut error = json!({"code": self.code, "message": self.message});
        if let (Some(field), Some(map)) = (&self.field, error.as_object_mut()) {
            map.insert("field".into(), json!(field));
        }
        let mut entity = json!({"id": id, "status": self.status, "errors": [error]});
        if let Some(map) = entity.as_object_mut() {
            self.add_current(map);
        }
        entity
    }

    /// The response in the given envelope.
    pub(crate) fn render(&self, envelope: Envelope, is_write: bool, rng: &mut Rng) -> Response {
        let envelope = if envelope == Envelope::E5 && (self.edge || !is_write) { Envelope::E1 } else { envelope };
        if envelope == Envelope::E9 {
            return self.bare(rng);
        }
        let status = if envelope == Envelope::E5 { 207 } else { self.status };
        let mut body = self.shape(envelope, rng);
        if let Some(map) = body.as_object_mut() {
            self.add_current(map);
        }
        self.response(status, "application/json", body.to_string().into_bytes())
    }

    fn shape(&self, envelope: Envelope, rng: &mut Rng) -> Value {
        let (code, message, status) = (&*self.code, &self.message, self.status);
        let named = self.agent_id.as_ref();
        match envelope {
            Envelope::E1 => {
                json!({"code": code, "message": message, "status": status, "errors": self.error_list()})
            }
            Envelope::E2 => {
                let code = if rng.chance(0.5) { status.to_string() } else { code.to_owned() };
                let mut error = json!({"code": code, "message": message});
                self.locate(&mut error);
                json!({"errors": [error]})
            }
            Envelope::E3 => {
                let details = match (named, &self.field) {
                    (Some(agent), _) => format!("agent {agent}"),
                    (None, Some(field)) => format!("field {field}"),
                    (None, None) => message.clone(),
                };
                json!({"errorCode": code, "message": message, "details": details})
            }
            Envelope::E4 => {
                let field = named.map(|agent| format!("agents/{agent}")).or_else(|| self.field.clone());
                json!({"status": status, "code": code, "message": message, "details": {"field": field, "error": message}})
            }
            Envelope::E5 => {
                json!({"statusCode": 207, "entities": [self.entity_json(&json!(self.entity))]})
            }
            Envelope::E6 => json!({"error": code, "message": message}),
            Envelope::E7 => json!({"error_code": code, "detail": message}),
            Envelope::E8 => json!({"code": status, "message": message}),
            Envelope::E10 => {
                json!({"message": message, "errors": [{"message": message, "type": code}]})
            }
            Envelope::E9 => Value::Null,
        }
    }

    fn error_list(&self) -> Vec<Value> {
        if self.field.is_none() && self.agent_id.is_none() {
            return Vec::new();
        }
        let mut error = json!({"code": self.code, "message": self.message});
        self.locate(&mut error);
        vec![error]
    }

    fn locate(&self, error: &mut Value) {
        let Some(map) = error.as_object_mut() else {
            return;
        };
        if let Some(field) = &self.field {
            map.insert("field".into(), json!(field));
        }
        if let Some(agent) = &self.agent_id {
            map.insert("agent_id".into(), json!(agent));
        }
    }

    fn add_current(&self, map: &mut Map<String, Value>) {
        if let Some(version) = self.current_version {
            map.insert("current_version".into(), json!(version));
        }
        if let Some(current) = &self.current {
            map.insert("current".into(), current.clone());
        }
    }

    fn bare(&self, rng: &mut Rng) -> Response {
        if rng.chance(0.5) {
            return self.response(self.status, "text/plain", Vec::new());
        }
        let page = format!(
            "<!doctype html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>",
            self.status
        );
        self.response(self.status, "text/html", page.into_bytes())
    }

    fn response(&self, status: u16, content_type: &str, body: Vec<u8>) -> Response {
        let mut headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        headers.extend(self.headers.iter().cloned());
        Response { status, headers, body }
    }
}
