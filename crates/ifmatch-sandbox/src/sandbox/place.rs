//! Where a request goes: to which of the two APIs, and to which of its calls.

use serde_json::{Map, Value};

use crate::{
    access::Bearer,
    api::{parse_body, table},
    http::{Request, Response},
    platform::{
        call::Call,
        errors,
        operations::{self, Found, Matched, Mode},
        options::{PlatformOptions, ShiftTradingCounts},
    },
    rate::Gauge,
    record::Writer,
    refusal::{Checked, Refusal},
    route::Route,
    sandbox::Sandbox,
};

/// Largest body in bytes that the platform API takes.
const PLATFORM_BYTES_MAX: usize = 512_000;

/// The APIs behind the door. They differ in how a body is read, which headers tell the budget, and the shape of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Wfm,
    Platform,
    /// Rows of a table.
    Table,
}

impl Api {
    /// The API that a path belongs to, known to it or not.
    pub(super) fn of(path: &str) -> Self {
        match path {
            path if operations::owns(path) => Self::Platform,
            path if table::owns(path) => Self::Table,
            _ => Self::Wfm,
        }
    }

    /// The headers of the tenant's window.
    pub(super) fn tell_rate(self, gauge: Gauge, response: &mut Response) {
        let mut put = |name: &str, value: String| response.headers.push((name.to_owned(), value));
        match self {
            Self::Wfm | Self::Table => {
                put("X-Rate-Limit-Limit", gauge.limit.to_string());
                put("X-Rate-Limit-Remaining", gauge.remaining.to_string());
                put("X-Rate-Limit-Reset", gauge.reset_seconds.to_string());
            }
            Self::Platform => {
                put("inin-ratelimit-count", (gauge.limit - gauge.remaining).to_string());
                put("inin-ratelimit-allowed", gauge.limit.to_string());
                put("inin-ratelimit-reset", gauge.reset_seconds.to_string());
            }
        }
    }

    /// Whether an answer tells the tenant's window.
    pub(super) fn tells_rate(response: &Response) -> bool {
        response.header("X-Rate-Limit-Reset").or(response.header("inin-ratelimit-reset")).is_some()
    }
}

/// A call of one of the APIs.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Wfm(Route),
    Platform(Matched),
}

impl Place {
    /// The call that a request means.
    pub(super) fn find(request: &Request) -> Checked<Self> {
        let path = request.bare_path();
        let methods = match Api::of(path) {
            Api::Platform => match operations::find(&request.method, path) {
                Found::Operation(matched) => return Ok(Self::Platform(matched)),
                Found::OtherMethods(methods) => methods,
                Found::Nothing => Vec::new(),
            },
            Api::Wfm | Api::Table => match Route::parse(path) {
                Some(route) if route.methods().contains(&request.method.as_str()) => return Ok(Self::Wfm(route)),
                Some(route) => route.methods().to_vec(),
                None => Vec::new(),
            },
        };
        if methods.is_empty() {
            return Err(Refusal::edge(404, "not_found", "The resource is not found"));
        }
        let mut refusal = Refusal::edge(405, "not_found", "The method is not allowed here");
        refusal.headers.push(("Allow".to_owned(), methods.join(", ")));
        Err(refusal)
    }

    /// The endpoint family that the place belongs to.
    pub(super) fn family(&self) -> Option<&'static str> {
        match self {
            Self::Wfm(route) => route.family(),
            Self::Platform(matched) => matched.operation.family(),
        }
    }

    /// The family whose narrower limit counts a request to the place.
    pub(super) fn counted_family(&self, options: &PlatformOptions) -> Option<&'static str> {
        let free = options.shift_trading_counts == ShiftTradingCounts::StartsOnly
            && matches!(self, Self::Platform(matched) if matched.operation.is_poll());
        self.family().filter(|family| !free || *family != "shifttrading")
    }

    /// Whether it changes nothing.
    pub(super) fn is_read(&self, request: &Request) -> bool {
        match self {
            Self::Wfm(_) => request.method == "GET",
            Self::Platform(matched) => matched.operation.is_read(),
        }
    }

    /// Whether it needs no token.
    pub(super) fn is_anonymous(&self) -> bool {
        matches!(self, Self::Platform(matched) if matched.operation.anonymous)
    }

    /// The body of a write. A read has none, but for the queries of the platform API.
    pub(super) fn body(&self, request: &Request) -> Checked<Value> {
        let bytes = &request.body;
        match self {
            Self::Wfm(_) if request.method == "GET" => Ok(Value::Object(Map::new())),
            Self::Wfm(route) => parse_body(route, bytes).map(Value::Object),
            Self::Platform(matched) if matched.operation.anonymous => Ok(Value::Null),
            Self::Platform(_) if bytes.len() > PLATFORM_BYTES_MAX => Err(errors::too_large(PLATFORM_BYTES_MAX)),
            // The SDKs send a content type with an empty body, and the JSON text `null` for none.
            Self::Platform(_) if bytes.iter().all(u8::is_ascii_whitespace) => Ok(Value::Null),
            Self::Platform(_) if !is_json(request) => Err(errors::unsupported_media_type()),
            Self::Platform(_) => serde_json::from_slice(bytes)
                .map_err(|error| errors::bad_request(format!("The body is not JSON: {error}"))),
        }
    }
}

/// Whether a request says that its body is JSON, or says nothing.
fn is_json(request: &Request) -> bool {
    request.header("content-type").is_none_or(|kind| kind.to_ascii_lowercase().contains("json"))
}

impl Sandbox {
    /// The call of the platform API that a request is.
    pub(super) fn platform_call(
        &self,
        now: i64,
        read_at: i64,
        request: &Request,
        matched: Matched,
        writer: Writer,
        body: Value,
    ) -> Call {
        let options = &self.target.options.platform;
        let user = options.clients_user.clone().unwrap_or_else(|| writer.id.clone());
        let host = request.header("host").unwrap_or("sandbox");
        Call {
            now,
            read_at,
            operation: matched.operation,
            params: matched.params,
            query: request.query(),
            body,
            bytes: if matched.operation.anonymous { request.body.clone() } else { Vec::new() },
            headers: if matched.operation.anonymous { request.headers.clone() } else { Vec::new() },
            permissions: writer.client_id.as_deref().and_then(|id| self.access.permissions(id)).map(<[String]>::to_vec),
            user: options.client_acts_as_user.then_some(user),
            idempotency_key: request.header("idempotency-key").map(str::to_owned),
            origin: format!("http://{host}"),
            path: request.bare_path().to_owned(),
            writer,
        }
    }

    /// Scopes in `wfm-v2`, permissions in the platform API.
    pub(super) fn check_rights(&self, place: &Place, request: &Request, bearer: &Bearer) -> Checked<()> {
        match place {
            Place::Wfm(route) => {
                let scopes = route.scopes(request.method == "GET");
                if bearer.scopes.iter().any(|own| scopes.contains(&own.as_str())) {
                    return Ok(());
                }
                Err(Refusal::edge(403, "forbidden", format!("The token does not have the scope {}", scopes[0])))
            }
            Place::Platform(matched) => {
                let operation = matched.operation;
                let lacking = operation.permissions.iter().map(String::as_str);
                let lacking: Vec<&str> = lacking.filter(|name| !self.access.may(&bearer.client_id, name)).collect();
                match operation.permissions_mode {
                    Mode::All if !lacking.is_empty() => Err(errors::missing(&lacking, false)),
                    Mode::Any if !lacking.is_empty() && lacking.len() == operation.permissions.len() => {
                        Err(errors::missing(&lacking, true))
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}
