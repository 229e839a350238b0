//! A sandbox with a logged-in client and a clock, and short ways to ask it things.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{Delivery, Options, Request, Response, Sandbox, Scenario, WorldSpec, platform::tests::contract};

/// 2026-03-04T10:00:00Z, a Wednesday.
pub(crate) const START: i64 = 1_772_618_400_000;

pub(crate) const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
pub(crate) const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
pub(crate) const SCHEDULES: &str = "/api/v2/wfm/schedules";

pub(crate) struct Rig {
    pub(crate) sandbox: Sandbox,
    pub(crate) now: i64,
    token: String,
}

/// One answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) response: Response,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.response.header(name)
    }

    /// The code of an E1 refusal, with the status.
    pub(crate) fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }
}

impl Rig {
    pub(crate) fn calm() -> Self {
        Self::with(|_| {})
    }

    /// A calm sandbox with changed options.
    pub(crate) fn with(change: impl FnOnce(&mut Options)) -> Self {
        let mut scenario =
            Scenario { world: WorldSpec { agents: 12, ..WorldSpec::default() }, ..Scenario::named("calm", 1).unwrap() };
        change(&mut scenario.options);
        Self::of(scenario, 1)
    }

    pub(crate) fn of(scenario: Scenario, seed: u64) -> Self {
        let mut sandbox = Sandbox::new(scenario, seed, START);
        let credentials = sandbox.credentials();
        let token = login(&mut sandbox, START, &credentials.client_id, &credentials.client_secret);
        Self { sandbox, now: START, token }
    }

    /// A second client, logged in.
    pub(crate) fn login(&mut self, client_id: &str, secret: &str) -> String {
        login(&mut self.sandbox, self.now, client_id, secret)
    }

    /// Sends as another client from here on.
    pub(crate) fn use_token(&mut self, token: &str) {
        token.clone_into(&mut self.token);
    }

    pub(crate) fn deliver(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Delivery {
        let mut all = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = Request { method: method.to_owned(), path: path.to_owned(), headers: all, body };
        self.sandbox.handle(self.now, &request)
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        match self.deliver(method, path, headers, body) {
            Delivery::Answer { response, .. } => {
                contract::hold(method, path, &response);
                let body = response.json().unwrap_or(Value::Null);
                Answer { status: response.status, body, response }
            }
            other => panic!("no answer to {method} {path}: {other:?}"),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], &Value::Null)
    }

    pub(crate) fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], body)
    }

    pub(crate) fn put(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], body)
    }

    pub(crate) fn patch(&mut self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], body)
    }

    /// The path and record of the first one of a kind of the world.
    pub(crate) fn first(&self, kind: &str) -> (String, Value) {
        self.nth(kind, 0)
    }

    pub(crate) fn nth(&self, kind: &str, place: usize) -> (String, Value) {
        let path = self.sandbox.world()[kind][place]["path"].as_str().unwrap().to_owned();
        let record = self.sandbox.record(&path).unwrap();
        (path, record)
    }

    /// The first schedule: its id, its document, and its first agent.
    pub(crate) fn schedule(&self) -> (String, Value, String) {
        let (_, document) = self.first("schedules");
        let agent = text(&document["agents"][0]["agent_id"]);
        (text(&document["id"]), document, agent)
    }

    pub(crate) fn agent(&self, schedule: &str, agent: &str) -> Value {
        self.sandbox.record(&format!("{SCHEDULES}/{schedule}/agents/{agent}")).unwrap()
    }

    /// A trade in the given status.
    pub(crate) fn trade_in(&self, status: &str) -> (String, Value) {
        let count = self.sandbox.world()["shift_trades"].as_array().unwrap().len();
        (0..count).map(|place| self.nth("shift_trades", place)).find(|(_, trade)| trade["status"] == status).unwrap()
    }
}

pub(crate) fn login(sandbox: &mut Sandbox, now: i64, id: &str, secret: &str) -> String {
    let response = ask_token(sandbox, now, id, secret, "grant_type=client_credentials");
    assert_eq!(response.status, 200);
    text(&response.json().unwrap()["access_token"])
}

pub(crate) fn ask_token(sandbox: &mut Sandbox, now: i64, id: &str, secret: &str, form: &str) -> Response {
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    let request = Request {
        method: "POST".to_owned(),
        path: "/oauth/token".to_owned(),
        headers: vec![("Authorization".to_owned(), format!("Basic {basic}"))],
        body: form.as_bytes().to_vec(),
    };
    match sandbox.handle(now, &request) {
        Delivery::Answer { response, .. } => response,
        other => panic!("no answer: {other:?}"),
    }
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A shift on the Monday of the first week of the calm world (2026-03-09, Paris).
pub(crate) fn shift(id: &str, start: &str, minutes: i64) -> Value {
    json!({"id": id, "start": format!("2026-03-{start}:00+01:00"), "length_minutes": minutes, "activities": []})
}
