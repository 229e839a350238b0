//! One admitted call of the platform API.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    api::Reply,
    http::Request,
    platform::{
        errors,
        operations::{Matched, Operation},
    },
    record::{Kind, SCHEDULES, Writer},
    refusal::Checked,
    target::Target,
};

/// What carries out an operation.
pub(crate) type Handler = fn(&mut Target, &Call) -> Checked<Reply>;

/// An area's share of the operations: each module exports one, and `dispatch` chains them.
pub(crate) type Share = &'static [(&'static str, Handler)];

/// One admitted request.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) now: i64,
    /// The instant that a read sees.
    pub(crate) read_at: i64,
    pub(crate) operation: &'static Operation,
    /// The parameters of the path.
    pub(crate) params: BTreeMap<&'static str, String>,
    pub(crate) query: BTreeMap<String, String>,
    /// `null` for none.
    pub(crate) body: Value,
    /// The body as it came, where it is no JSON.
    pub(crate) bytes: Vec<u8>,
    /// The headers of a call without a token.
    pub(crate) headers: Vec<(String, String)>,
    /// The client's permissions; `None` for all.
    pub(crate) permissions: Option<Vec<String>>,
    pub(crate) writer: Writer,
    /// The user for whom the token acts, where it does.
    pub(crate) user: Option<String>,
    /// Header `Idempotency-Key`.
    pub(crate) idempotency_key: Option<String>,
    /// Where the request came in, e.g. `http://127.0.0.1:8410`; links and websockets start there.
    pub(crate) origin: String,
    /// The path without its query.
    pub(crate) path: String,
}

impl Call {
    /// A parameter of the path; `""` for one that the operation does not have.
    pub(crate) fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }

    /// A header of a call without a token.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Whether the client has a permission.
    pub(crate) fn may(&self, permission: &str) -> bool {
        self.permissions.as_ref().is_none_or(|own| own.iter().any(|own| own == permission))
    }

    /// A query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// The values of a query parameter, however they were joined.
    pub(crate) fn query_list(&self, name: &str) -> Vec<&str> {
        let values = self.query(name).unwrap_or_default().split(',');
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    /// A query parameter that is `true`.
    pub(crate) fn query_flag(&self, name: &str) -> bool {
        self.query(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The body as an object. A missing body is an empty one.
    pub(crate) fn object(&self) -> Checked<&Map<String, Value>> {
        static NOTHING: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        match &self.body {
            Value::Object(map) => Ok(map),
            Value::Null => Ok(&NOTHING),
            _ => Err(errors::bad_request("The body is not an object")),
        }
    }

    /// The same as a call of the other API, for the rules that both share.
    pub(crate) fn as_shared(&self) -> crate::api::Call {
        crate::api::Call {
            now: self.now,
            read_at: self.read_at,
            method: self.operation.method.clone(),
            writer: self.writer.clone(),
            query: BTreeMap::new(),
            body: self.body.as_object().cloned().unwrap_or_default(),
            if_match: None,
            idempotency_key: None,
            stale_as_422: false,
        }
    }

    /// The user for whom the call acts.
    ///
    /// # Errors
    /// The token acts for nobody.
    pub(crate) fn user(&self) -> Checked<&str> {
        self.user.as_deref().ok_or_else(errors::not_a_user)
    }

    /// The path of the record that the call addresses, with the unit that stands for "mine" and without escapes.
    pub(crate) fn record_path(&self) -> String {
        let mut path = String::new();
        for part in self.operation.path.split('/').skip(1) {
            path.push('/');
            path.push_str(match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => self.param(name),
                None => part,
            });
        }
        path
    }

    /// The reply with the operation's own status.
    pub(crate) fn reply(&self, body: Value) -> Reply {
        Reply::new(self.operation.success(), body)
    }
}

/// A reference to a user.
pub(crate) fn user_reference(id: &str) -> Value {
    json!({"id": id, "selfUri": format!("/api/v2/users/{id}")})
}

/// The entities of one page in the vendor's listing, with links where the model of the answer has pages.
pub(crate) fn listing(call: &Call, entities: Vec<Value>) -> Checked<Value> {
    let model = call.operation.response_model.as_deref().unwrap_or_default();
    if !super::models::has(model, "pageNumber") {
        return Ok(json!({"entities": entities}));
    }
    let number = |name: &str, default: usize| match call.query(name) {
        None => Ok(default),
        Some(text) => {
            let number = text.parse::<usize>().ok().filter(|number| *number > 0);
            number.ok_or_else(|| errors::bad_query(name))
        }
    };
    let (page, size) = (number("pageNumber", 1)?, number("pageSize", 25)?.min(100));
    let total = entities.len();
    let pages = total.div_ceil(size);
    let link = |page: usize| json!(format!("{}?pageSize={size}&pageNumber={page}", call.path));
    let entities: Vec<Value> = entities.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect();
    let mut body =
        json!({"entities": entities, "pageSize": size, "pageNumber": page, "total": total, "pageCount": pages});
    body["selfUri"] = link(page);
    body["firstUri"] = link(1);
    body["lastUri"] = link(pages.max(1));
    if page > 1 {
        body["previousUri"] = link(page - 1);
    }
    if page < pages {
        body["nextUri"] = link(page + 1);
    }
    if let Some(map) = body.as_object_mut() {
        map.retain(|name, _| super::models::has(model, name));
    }
    Ok(body)
}

/// The records that a write addresses, as far as its path names them.
pub(crate) fn written_paths(matched: &Matched, request: &Request) -> Vec<String> {
    if matched.operation.operation_id == "postWorkforcemanagementBusinessunitWeekScheduleUpdate" {
        return matched.params.get("scheduleId").map(|id| format!("{SCHEDULES}/{id}")).into_iter().collect();
    }
    let flat = [("tradeId", Kind::Trade, "shifttrad"), ("evaluationId", Kind::Score, "conversations/")];
    for (name, kind, part) in flat {
        let own = matched.operation.path.contains(part) && !matched.operation.is_read();
        if let Some(id) = matched.params.get(name).filter(|_| own) {
            return vec![kind.path(id)];
        }
    }
    let names_one = matched.operation.path.ends_with('}');
    let writes = matches!(request.method.as_str(), "PATCH" | "PUT" | "DELETE") && !matched.operation.anonymous;
    if writes && names_one { vec![request.bare_path().to_owned()] } else { Vec::new() }
}
