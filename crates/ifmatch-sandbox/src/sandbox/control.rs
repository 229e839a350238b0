//! The control API under `/__sandbox/`: no token, no budget, no faults.

use std::{borrow::Cow, collections::BTreeSet};

use serde_json::{Map, Value, json};

use crate::{
    access::{Credentials, json_response},
    edit::EditError,
    faults::{FaultRates, Injection, Refused},
    http::{Request, Response},
    options::Options,
    platform::{self, codes},
    sandbox::Sandbox,
    scenario::{Scenario, overlay},
    time::{SECOND, format_instant},
};

/// Why a control request was refused: status, code, text.
type Denied = (u16, Cow<'static, str>, String);

impl Sandbox {
    /// Answers one control request.
    pub(super) fn control(&mut self, now: i64, request: &Request) -> Response {
        match self.control_checked(now, request) {
            Ok(body) => json_response(200, &body),
            Err((status, code, message)) => json_response(status, &json!({"error": code, "message": message})),
        }
    }

    fn control_checked(&mut self, now: i64, request: &Request) -> Result<Value, Denied> {
        let name = request.bare_path().trim_start_matches("/__sandbox/").trim_end_matches('/').to_owned();
        match (request.method.as_str(), name.as_str()) {
            ("GET", "world") => Ok(self.world()),
            ("GET", "record") => self.control_record(request),
            ("GET", "ledger") => self.control_ledger(request),
            ("GET", "stats") => Ok(serde_json::to_value(self.stats()).unwrap_or_default()),
            ("GET", "operations") => Ok(operations()),
            ("GET", "options") => Ok(json!(self.target.options)),
            ("GET", "clock") => Ok(json!({"now": format_instant(now), "now_ms": now})),
            ("GET", "faults") => Ok(self.faults_json()),
            ("POST", "edit") => self.control_edit(now, &body(request)?),
            ("POST", "lock") => self.control_lock(now, &body(request)?),
            ("POST", "reset") => self.control_reset(now, &body(request)?),
            ("POST", "options") => self.control_options(body(request)?),
            ("POST", "clock") => self.control_clock(&body(request)?),
            ("POST", "faults") => self.control_faults(body(request)?),
            ("POST", "clients") => self.control_client(&body(request)?),
            (
                _,
                "world" | "record" | "ledger" | "stats" | "operations" | "options" | "clock" | "faults" | "edit"
                | "lock" | "reset" | "clients",
            ) => Err((405, "method_not_allowed".into(), "the method is not allowed here".to_owned())),
            _ => Err((404, "not_found".into(), "no such control".to_owned())),
        }
    }

    fn control_record(&self, request: &Request) -> Result<Value, Denied> {
        let query = request.query();
        let path = query.get("path").map(String::as_str).unwrap_or_default();
        self.record(path).ok_or_else(|| (404, "not_found".into(), "no such record".to_owned()))
    }

    fn control_ledger(&self, request: &Request) -> Result<Value, Denied> {
        let query = request.query();
        let since: u64 = match query.get("since") {
            Some(text) => text.parse().map_err(|_| bad("since is a sequence number"))?,
            None => 0,
        };
        let path = query.get("path");
        let entries =
            self.ledger().iter().filter(|entry| entry.seq > since && path.is_none_or(|path| entry.path == *path));
        Ok(Value::Array(entries.map(|entry| entry.to_json()).collect()))
    }

    fn control_edit(&mut self, now: i64, body: &Map<String, Value>) -> Result<Value, Denied> {
        let path = text(body, "path")?;
        let patch = body.get("merge_patch").cloned().unwrap_or_default();
        let by = body.get("by").and_then(Value::as_str).unwrap_or("A person");
        let version = self.edit(now - self.offset, path, &patch, by).map_err(edit_refused)?;
        Ok(json!({"path": path, "version": version}))
    }

    fn control_lock(&mut self, now: i64, body: &Map<String, Value>) -> Result<Value, Denied> {
        let path = text(body, "path")?;
        let seconds = body.get("seconds").and_then(Value::as_u64).ok_or_else(|| bad("seconds is a whole number"))?;
        self.lock(now - self.offset, path, seconds).map_err(edit_refused)?;
        let until = now + i64::try_from(seconds).unwrap_or(0).saturating_mul(SECOND);
        Ok(json!({"path": path, "until": format_instant(until)}))
    }

    /// Starts anew at the present instant; clients stay, tokens do not.
    fn control_reset(&mut self, now: i64, body: &Map<String, Value>) -> Result<Value, Denied> {
        let seed = match body.get("seed") {
            Some(seed) => seed.as_u64().ok_or_else(|| bad("seed is a whole number"))?,
            None => self.seed,
        };
        let scenario = match body.get("scenario").and_then(Value::as_str) {
            Some(name) => Scenario::named(name, seed).ok_or_else(|| bad("no scenario has this name"))?,
            None => self.scenario.clone(),
        };
        let mut access = std::mem::take(&mut self.access);
        access.drop_tokens();
        let offset = self.offset;
        *self = Self::build(scenario, seed, now, access, self.credentials.clone());
        self.offset = offset;
        Ok(json!({"scenario": self.scenario.name, "seed": seed, "now": format_instant(now)}))
    }

    fn control_options(&mut self, patch: Map<String, Value>) -> Result<Value, Denied> {
        let mut value = json!(self.target.options);
        overlay(&mut value, Value::Object(patch));
        let options: Options = serde_json::from_value(value).map_err(|error| bad(&error.to_string()))?;
        if options.envelopes.is_empty()
            || options.latency_ms_max < options.latency_ms_min
            || options.version_step_max == 0
        {
            return Err(bad("envelopes, latencies or version_step_max are out of range"));
        }
        self.target.options = options;
        Ok(json!(self.target.options))
    }

    fn control_clock(&mut self, body: &Map<String, Value>) -> Result<Value, Denied> {
        let ms = body.get("advance_ms").and_then(Value::as_i64);
        let seconds =
            body.get("advance_seconds").and_then(Value::as_f64).map(|seconds| (seconds * SECOND as f64) as i64);
        let advance = ms.or(seconds).filter(|ms| *ms >= 0);
        let advance = advance.ok_or_else(|| bad("advance_ms or advance_seconds is a number, not negative"))?;
        self.offset = self.offset.saturating_add(advance);
        self.latest = self.latest.saturating_add(advance);
        self.run_due(self.latest);
        Ok(json!({"now": format_instant(self.latest), "now_ms": self.latest}))
    }

    fn control_faults(&mut self, mut body: Map<String, Value>) -> Result<Value, Denied> {
        if body.remove("clear") == Some(Value::Bool(true)) {
            self.faults.injected.clear();
        }
        // The channels stay; what is told until their sockets are open again is lost.
        if body.remove("cut_sockets") == Some(Value::Bool(true)) {
            self.target.platform.channels.close_all();
        }
        if let Some(rates) = body.remove("rates") {
            let mut value = json!(self.faults.rates);
            overlay(&mut value, rates);
            let rates: FaultRates = serde_json::from_value(value).map_err(|error| bad(&error.to_string()))?;
            self.faults.rates = rates;
        }
        if body.get("fault").is_some_and(|fault| fault == "refusal") {
            let refused: Refused =
                serde_json::from_value(Value::Object(body)).map_err(|error| bad(&error.to_string()))?;
            codes::check(refused.operation.as_deref(), refused.status, &refused.code).map_err(|text| bad(&text))?;
            self.faults.refused.push(refused);
        } else if !body.is_empty() {
            let injection: Injection =
                serde_json::from_value(Value::Object(body)).map_err(|error| bad(&error.to_string()))?;
            self.faults.injected.push(injection);
        }
        Ok(self.faults_json())
    }

    fn faults_json(&self) -> Value {
        let injected = self.faults.injected.iter().map(|fault| json!(fault));
        let injected = injected.chain(self.faults.refused.iter().map(|refused| json!(refused)));
        json!({"rates": self.faults.rates, "injected": injected.collect::<Vec<Value>>()})
    }

    /// Adds a client of the platform API: with all permissions where the body names neither roles nor any, and without
    /// scopes of `wfm-v2`.
    fn control_client(&mut self, body: &Map<String, Value>) -> Result<Value, Denied> {
        if let Some(name) = body.keys().find(|name| !matches!(name.as_str(), "roles" | "permissions" | "name")) {
            return Err(bad(&format!("unknown field {name}; a client has roles, permissions and a name")));
        }
        let names = |field: &str| match body.get(field).filter(|given| !given.is_null()) {
            None => Ok(None),
            Some(given) => serde_json::from_value::<Vec<String>>(given.clone())
                .map(Some)
                .map_err(|_| bad(&format!("{field} is a list of names"))),
        };
        let (roles, patterns) = (names("roles")?, names("permissions")?);
        let permissions = match (&roles, &patterns) {
            (None, None) => None,
            _ => Some(permitted(roles.iter().flatten(), patterns.iter().flatten())?),
        };
        let name = body.get("name").and_then(Value::as_str).unwrap_or("A further client");
        let Credentials { client_id, client_secret } = self.access.another(self.seed);
        self.access.add(&client_id, &client_secret, name, &[]);
        if let Some(permissions) = &permissions {
            self.access.permit(&client_id, &permissions.iter().copied().collect::<Vec<&str>>());
        }
        let (id, secret) = (client_id, client_secret);
        Ok(json!({"client_id": id, "client_secret": secret, "roles": roles, "permissions": permissions}))
    }
}

/// The permissions of roles and those that are named by themselves.
fn permitted<'n>(
    roles: impl Iterator<Item = &'n String>,
    patterns: impl Iterator<Item = &'n String>,
) -> Result<BTreeSet<&'static str>, Denied> {
    let mut all = BTreeSet::new();
    for role in roles {
        let known = || platform::roles::names().collect::<Vec<_>>().join(", ");
        let held = platform::roles::held(role).ok_or_else(|| bad(&format!("no role {role}; there are {}", known())))?;
        all.extend(held.iter().flat_map(|pattern| platform::roles::named(pattern)));
    }
    for pattern in patterns {
        let named = platform::roles::named(pattern);
        if named.is_empty() {
            return Err(bad(&format!("no operation needs a permission {pattern}")));
        }
        all.extend(named);
    }
    Ok(all)
}

/// The operations of the platform API, which of them something carries out, and the refusals that each documents.
fn operations() -> Value {
    let all = platform::operations::all();
    let each = all.map(|one| {
        let live = platform::dispatch::is_live(&one.operation_id);
        let refusals: Map<String, Value> =
            codes::of(one).into_iter().map(|(status, codes)| (status.to_string(), json!(codes))).collect();
        json!({"id": one.operation_id, "method": one.method, "path": one.path, "live": live, "refusals": refusals})
    });
    each.collect()
}

fn body(request: &Request) -> Result<Map<String, Value>, Denied> {
    if request.body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(&request.body).map_err(|error| bad(&error.to_string()))
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Denied> {
    body.get(name).and_then(Value::as_str).ok_or_else(|| bad(&format!("{name} is needed")))
}

fn bad(message: &str) -> Denied {
    (400, "bad_request".into(), message.to_owned())
}

fn edit_refused(error: EditError) -> Denied {
    let message = error.to_string();
    match error {
        EditError::NotFound => (404, "not_found".into(), message),
        EditError::Locked => (409, "locked".into(), message),
        EditError::Refused { code, .. } => (409, code, message),
    }
}
