//! The door of the API: path, token, rate and scope in that order, faults around the call, envelopes and headers after it.

use serde_json::{Map, Value};

use crate::{
    access::{Bearer, json_response},
    api::{Call, Reply, trades::is_open},
    faults::{FaultKind, Strike},
    http::{Delivery, Request, Response},
    options::{Envelope, RetryAfter},
    platform::{self, codes, errors},
    queue::Due,
    record::{Kind, PublishState, RecordPath, SCHEDULES, Writer, agent_path},
    refusal::{Checked, Refusal},
    rng::{fingerprint, uuid_of},
    route::Route,
    sandbox::{
        Sandbox,
        place::{Api, Place},
    },
    time::{SECOND, http_date},
};

/// A request that may be carried out.
struct Admitted {
    place: Place,
    client_id: String,
    /// The body of a write; empty for a read.
    body: Checked<Value>,
}

impl Admitted {
    fn new(place: Place, client_id: String, request: &Request) -> Self {
        let body = place.body(request);
        Self { place, client_id, body }
    }
}

impl Sandbox {
    /// Answers one request outside the control API.
    pub(super) fn serve(&mut self, now: i64, request: &Request) -> Delivery {
        self.requests += 1;
        let request_id = uuid_of(&format!("{}/{}", self.seed, self.requests));
        let (low, high) = (self.target.options.latency_ms_min, self.target.options.latency_ms_max);
        let after_ms = if low == high { low } else { self.rng.between(low, high) };
        if request.bare_path() == "/oauth/token" {
            let mut response = self.token(now, request);
            // Both APIs log in here, and each looks for its own name of the request.
            response.headers.push(("ININ-Correlation-Id".to_owned(), request_id.clone()));
            return answer(Api::Wfm, now, response, &request_id, after_ms);
        }
        let api = Api::of(request.bare_path());
        let strike = self.faults.strike(request, &mut self.rng);
        if strike.as_ref().is_some_and(|strike| strike.kind == FaultKind::ResetBeforeBody) {
            return Delivery::Reset { sent_body: false };
        }
        if strike.as_ref().is_some_and(|strike| strike.kind == FaultKind::LostRequest) {
            return Delivery::Lost { committed: false };
        }
        if strike.as_ref().is_some_and(|strike| strike.kind == FaultKind::TokenExpiry) {
            self.access.expire(request);
        }
        let is_write = request.method != "GET";
        let bearer = self.access.bearer(now, request);
        let client_id = bearer.as_ref().map(|bearer| bearer.client_id.clone());
        let place = Place::find(request);
        self.arrival(now, request, client_id.as_deref().unwrap_or_default(), place.as_ref().ok());
        let outcome = self.admit(now, request, place, bearer, strike.as_ref(), after_ms);
        let outcome = outcome.and_then(|admitted| match self.asked_refusal(now, &admitted.place) {
            Some(refusal) => Err(refusal),
            None => Ok(admitted),
        });
        let delivery = match outcome {
            Ok(admitted) => {
                self.note_write(now, request, &admitted, after_ms);
                self.carry_out(now, request, admitted, strike, &request_id, after_ms)
            }
            Err(refusal) => {
                let response = self.refuse(now, request, &refusal, is_write, client_id.as_deref(), &request_id);
                answer(api, now, response, &request_id, after_ms)
            }
        };
        // Who is not let in has not been told anything that he could go by.
        if let (Delivery::Answer { response, .. }, Some(client_id)) = (&delivery, client_id)
            && response.status != 401
            && Api::tells_rate(response)
        {
            self.rates.tell(now, &client_id, after_ms);
        }
        delivery
    }

    fn token(&mut self, now: i64, request: &Request) -> Response {
        let response = self.access.token(now, self.target.options.token_seconds, request, &mut self.rng);
        if response.status == 200 {
            let token = response.json().and_then(|body| Some(body["access_token"].as_str()?.to_owned()));
            let fresh = Request {
                headers: vec![("Authorization".to_owned(), format!("Bearer {}", token.unwrap_or_default()))],
                ..Request::default()
            };
            if let Some(bearer) = self.access.bearer(now, &fresh) {
                self.stats.client(&bearer.client_id).tokens += 1;
            }
        }
        response
    }

    /// Counts the request for its client.
    fn arrival(&mut self, now: i64, request: &Request, client_id: &str, place: Option<&Place>) {
        let family = place.and_then(|place| place.counted_family(&self.target.options.platform));
        let early = self.rates.is_early(now, client_id, family);
        let is_read = place.map_or(request.method == "GET", |place| place.is_read(request));
        let client = self.stats.client(client_id);
        client.requests += 1;
        client.writes += u64::from(!is_read);
        client.early += u64::from(early);
    }

    /// Path and method, token, rate, scope.
    fn admit(
        &mut self,
        now: i64,
        request: &Request,
        place: Checked<Place>,
        bearer: Option<Bearer>,
        strike: Option<&Strike>,
        after_ms: i64,
    ) -> Checked<Admitted> {
        let place = place?;
        if place.is_anonymous() {
            return Ok(Admitted::new(place, String::new(), request));
        }
        let bearer = match bearer {
            Some(bearer) if bearer.valid => bearer,
            other => {
                let id = other.map(|bearer| bearer.client_id).unwrap_or_default();
                self.stats.client(&id).unauthorized += 1;
                return Err(Refusal::edge(401, "unauthorized", "The access token is missing, unknown or expired"));
            }
        };
        let hide = strike.filter(|strike| strike.kind == FaultKind::NotFoundHidesThrottling);
        if hide.is_some_and(|strike| strike.injected) {
            self.stats.client(&bearer.client_id).throttled += 1;
            return Err(Refusal::edge(404, "not_found", "The resource is not found"));
        }
        let family = place.counted_family(&self.target.options.platform);
        if let Err(throttled) = self.rates.admit(now, &self.target.options, &bearer.client_id, family) {
            let is_write = !place.is_read(request);
            let over = throttled.families.contains(&"") && self.rates.is_over(now, &bearer.client_id, is_write);
            let client = self.stats.client(&bearer.client_id);
            client.throttled += 1;
            client.over += u64::from(over);
            let refusal = self.throttle(now, &place, throttled.seconds, hide.is_some());
            if refusal.headers.iter().any(|(name, _)| name == "Retry-After") {
                self.rates.announce(now, &bearer.client_id, throttled, after_ms);
            }
            return Err(refusal);
        }
        if place.is_read(request) {
            self.rates.read(now, &bearer.client_id);
        }
        self.check_rights(&place, request, &bearer)?;
        Ok(Admitted::new(place, bearer.client_id, request))
    }

    fn throttle(&self, now: i64, place: &Place, seconds: i64, hidden: bool) -> Box<Refusal> {
        if hidden {
            return Refusal::edge(404, "not_found", "The resource is not found");
        }
        let mut refusal = match place {
            Place::Wfm(_) => Refusal::edge(429, "too_many_requests", "Rate limit exceeded"),
            Place::Platform(_) => errors::throttled(seconds),
        };
        let value = match self.target.options.retry_after {
            RetryAfter::Seconds => seconds.to_string(),
            RetryAfter::HttpDate => http_date(now + seconds * SECOND),
            RetryAfter::Absent => return refusal,
        };
        refusal.headers.push(("Retry-After".to_owned(), value));
        refusal
    }

    /// The refusal that the control API has asked for.
    fn asked_refusal(&mut self, now: i64, place: &Place) -> Option<Box<Refusal>> {
        let Place::Platform(matched) = place else { return None };
        let operation = matched.operation;
        let (status, code) = self.faults.refusal(operation)?;
        let mut refusal = if status == 429 {
            self.throttle(now, place, 1, false)
        } else {
            Refusal::new(status, code.clone(), codes::text(operation, status, &code))
        };
        refusal.code = code.into();
        Some(refusal)
    }

    /// The call itself, with the fault that strikes it.
    fn carry_out(
        &mut self,
        now: i64,
        request: &Request,
        admitted: Admitted,
        strike: Option<Strike>,
        request_id: &str,
        after_ms: i64,
    ) -> Delivery {
        let is_write = request.method != "GET";
        let api = Api::of(request.bare_path());
        let client_id = admitted.client_id.clone();
        let kind = strike.as_ref().map(|strike| strike.kind);
        if let Some(strike) = strike.as_ref().filter(|strike| strike.kind == FaultKind::LateCommit && is_write) {
            let due = Due::LateCommit { client_id, request: Box::new(request.clone()) };
            self.target.queue.put(now + strike.delay_ms, due);
            return Delivery::Lost { committed: false };
        }
        let effect = strike.as_ref().is_none_or(|strike| strike.effect);
        let struck = matches!(kind, Some(FaultKind::ServerError | FaultKind::ResetAfterBody));
        let before = self.target.ledger.len();
        let outcome = if struck && !effect {
            None
        } else {
            Some(self.execute(now, request, admitted, strike.as_ref(), request_id))
        };
        let committed = self.target.ledger.len() > before;
        match (kind, outcome) {
            (Some(FaultKind::ResetAfterBody), _) => Delivery::Reset { sent_body: true },
            (Some(FaultKind::LostResponse | FaultKind::LateCommit), _) => Delivery::Lost { committed },
            (Some(FaultKind::ServerError), _) | (_, None) => {
                let status = strike.map_or(500, |strike| strike.status);
                let refusal = Refusal::edge(status, "internal_error", "Something went wrong");
                let response = self.refuse(now, request, &refusal, is_write, Some(&client_id), request_id);
                answer(api, now, response, request_id, after_ms)
            }
            (_, Some(outcome)) => {
                if let Some(strike) = strike.filter(|strike| strike.kind == FaultKind::DuplicateDelivery)
                    && is_write
                    && outcome.as_ref().is_ok_and(|reply| reply.status != 207)
                {
                    let due = Due::LateCommit { client_id: client_id.clone(), request: Box::new(request.clone()) };
                    self.target.queue.put(now + strike.delay_ms, due);
                }
                let response = match outcome {
                    Ok(reply) => self.accept(now, api, reply, &client_id),
                    Err(refusal) => self.refuse(now, request, &refusal, is_write, Some(&client_id), request_id),
                };
                answer(api, now, response, request_id, after_ms)
            }
        }
    }

    fn execute(
        &mut self,
        now: i64,
        request: &Request,
        admitted: Admitted,
        strike: Option<&Strike>,
        request_id: &str,
    ) -> Checked<Reply> {
        if let Some(strike) = strike.filter(|strike| strike.kind == FaultKind::ForbiddenHidesPendingTrade)
            && !admitted.place.is_read(request)
            && matches!(admitted.place.family(), Some("schedules" | "publish"))
            && (strike.injected || self.target.trades.values().any(|trade| is_open(trade.current().text("status"))))
        {
            return Err(Refusal::edge(403, "forbidden", "The operation is not permitted"));
        }
        let Admitted { place, client_id, body } = admitted;
        let (is_read, writer) = (place.is_read(request), self.writer(&client_id, request, request_id));
        let read_at = self.read_at(now, is_read, &client_id);
        let route = match place {
            Place::Wfm(route) => route,
            Place::Platform(matched) => {
                let mut call = self.platform_call(now, read_at, request, matched, writer, body?);
                return self.target.platform_call(&mut call);
            }
        };
        let hides = strike.filter(|strike| strike.kind == FaultKind::UnprocessableHidesLag);
        let stale_as_422 = hides.is_some_and(|strike| strike.injected || self.target.options.replica_lag_ms > 0);
        let mut call = Call {
            now,
            read_at,
            method: request.method.clone(),
            writer,
            query: request.query(),
            body: platform::world::object(body?),
            if_match: request.header("if-match").map(str::to_owned),
            idempotency_key: request.header("idempotency-key").map(str::to_owned),
            stale_as_422,
        };
        self.target.call(&route, &mut call)
    }

    /// Applies a write whose client gave up long ago, or a second copy of one that it has the answer to.
    pub(super) fn commit_late(&mut self, now: i64, client_id: &str, request: &Request) {
        let Ok(place) = Place::find(request) else {
            return;
        };
        self.requests += 1;
        let request_id = uuid_of(&format!("{}/{}", self.seed, self.requests));
        let admitted = Admitted::new(place, client_id.to_owned(), request);
        // Nobody waits for the answer.
        drop(self.execute(now, request, admitted, None, &request_id));
    }

    fn writer(&self, client_id: &str, request: &Request, request_id: &str) -> Writer {
        Writer {
            id: uuid_of(client_id),
            name: self.access.user_name(client_id).to_owned(),
            client_id: Some(client_id.to_owned()),
            request_id: Some(request_id.to_owned()),
            request_hash: (!request.body.is_empty()).then(|| fingerprint(&request.body)),
        }
    }

    /// The snapshot that a read of this client sees.
    fn read_at(&mut self, now: i64, is_read: bool, client_id: &str) -> i64 {
        let options = &self.target.options;
        if options.replica_lag_ms <= 0 || !is_read {
            return now;
        }
        let varies = options.replica_lag_varies || options.reads_may_go_back;
        let lag = if varies { self.rng.between(0, options.replica_lag_ms) } else { options.replica_lag_ms };
        if options.reads_may_go_back {
            return now - lag;
        }
        let floor = self.read_floor.entry(client_id.to_owned()).or_insert(i64::MIN);
        *floor = (*floor).max(now - lag);
        *floor
    }

    /// Notes which records a write has in flight.
    fn note_write(&mut self, now: i64, request: &Request, admitted: &Admitted, after_ms: i64) {
        if request.method == "GET" {
            return;
        }
        let until = now + after_ms;
        if let Place::Wfm(Route::Publish(id)) = &admitted.place {
            let runs = self.target.schedule(id).is_some_and(|s| s.state == PublishState::Pending);
            self.stats.publish(now, &format!("{SCHEDULES}/{id}"), until, runs);
            return;
        }
        for path in written_paths(self, request, admitted) {
            self.stats.write(now, &path, until);
        }
    }

    fn accept(&mut self, now: i64, api: Api, reply: Reply, client_id: &str) -> Response {
        let mut response = json_response(reply.status, &reply.body);
        if api == Api::Platform && reply.body.is_null() {
            response.headers.clear();
            response.body.clear();
        }
        if let Some(tag) = reply.etag {
            response.headers.push(("ETag".to_owned(), tag));
        }
        self.rate_headers(now, api, &mut response, client_id);
        response
    }

    fn refuse(
        &mut self,
        now: i64,
        request: &Request,
        refusal: &Refusal,
        is_write: bool,
        client_id: Option<&str>,
        request_id: &str,
    ) -> Response {
        let api = Api::of(request.bare_path());
        let mut response = match api {
            Api::Platform => errors::render(refusal, request_id),
            Api::Wfm => {
                let envelopes = &self.target.options.envelopes;
                let envelope = envelopes.get(self.refusals % envelopes.len().max(1)).copied().unwrap_or(Envelope::E1);
                self.refusals += 1;
                refusal.render(envelope, is_write, &mut self.rng)
            }
        };
        match client_id {
            Some(client_id) if refusal.status != 401 => self.rate_headers(now, api, &mut response, client_id),
            // A window of this API stands on every answer: that of a token that nobody knows is unused.
            client_id if api == Api::Platform => {
                self.rate_headers(now, api, &mut response, client_id.unwrap_or_default());
            }
            _ => {}
        }
        response
    }

    fn rate_headers(&self, now: i64, api: Api, response: &mut Response, client_id: &str) {
        if let Some(gauge) = self.rates.gauge(now, &self.target.options, client_id) {
            api.tell_rate(gauge, response);
        }
    }
}

fn answer(api: Api, now: i64, mut response: Response, request_id: &str, after_ms: i64) -> Delivery {
    let name = if api == Api::Platform { "ININ-Correlation-Id" } else { "X-Request-Id" };
    response.headers.push((name.to_owned(), request_id.to_owned()));
    response.headers.push(("Date".to_owned(), http_date(now + after_ms)));
    Delivery::Answer { response, after_ms }
}

fn is_starred(request: &Request) -> bool {
    request.header("if-match") == Some("*")
}

/// The records that a write addresses, as far as the request names them.
fn written_paths(sandbox: &Sandbox, request: &Request, admitted: &Admitted) -> Vec<String> {
    let nothing = Map::new();
    let body = admitted.body.as_ref().ok().and_then(Value::as_object).unwrap_or(&nothing);
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let items = || body.get("items").and_then(Value::as_array).into_iter().flatten();
    let route = match &admitted.place {
        Place::Wfm(route) => route,
        Place::Platform(matched) => return platform::call::written_paths(matched, request),
    };
    match route {
        Route::Score(id) => vec![Kind::Score.path(id)],
        Route::Trade(id) => vec![Kind::Trade.path(id)],
        // What names no version of the document and changes agents alone is a write of those agents.
        Route::Schedule(id) if request.method == "PATCH" && is_starred(request) && body.keys().eq(["agents"]) => {
            let agents = body["agents"].as_array().into_iter().flatten();
            agents.filter_map(|agent| Some(agent_path(id, &text(agent.get("agent_id"))?))).collect()
        }
        Route::Schedule(id) => vec![format!("{SCHEDULES}/{id}")],
        Route::Scores => text(body.get("id")).map(|id| Kind::Score.path(&id)).into_iter().collect(),
        Route::Trades => text(body.get("trade_id")).map(|id| Kind::Trade.path(&id)).into_iter().collect(),
        Route::Schedules => text(body.get("id")).map(|id| format!("{SCHEDULES}/{id}")).into_iter().collect(),
        Route::ScoresBulk => items().filter_map(|item| text(item.get("id"))).map(|id| Kind::Score.path(&id)).collect(),
        Route::SchedulesBulk => items()
            .filter_map(|item| Some(agent_path(&text(item.get("schedule_id"))?, &text(item.get("agent_id"))?)))
            .collect(),
        Route::AgentWeek(agent) => {
            let week = request.query().remove("week").unwrap_or_default();
            let mut schedules = sandbox.target.schedules.values().map(|history| history.current());
            let home = schedules.find(|s| s.week == week && s.agents.contains_key(agent.as_str()));
            home.map(|schedule| schedule.agent_path(agent)).into_iter().collect()
        }
        Route::Publish(_)
        | Route::Status(_)
        | Route::PublishJob(_)
        | Route::Events
        | Route::RecordingJobs
        | Route::Recordings => Vec::new(),
    }
    .into_iter()
    .filter(|path| RecordPath::parse(path).is_some())
    .collect()
}
