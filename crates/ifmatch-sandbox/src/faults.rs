//! Faults: drawn with the probabilities of the scenario, or injected for the next requests (section 9).

use serde::{Deserialize, Serialize};

use crate::{
    http::Request,
    platform::{codes, operations::Operation},
    rng::Rng,
    time::SECOND,
};

/// Probability of each fault per request, 0 to 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultRates {
    /// The response is lost after the commit.
    pub lost_response: f64,
    /// A write is applied up to 10 minutes after its client gave up.
    pub late_commit: f64,
    /// The connection breaks before the body.
    pub reset_before_body: f64,
    /// The connection breaks after the body; half of these requests are applied.
    pub reset_after_body: f64,
    /// 500, 502, 503 or 504; half of these requests are applied.
    pub server_error: f64,
    /// A schedule write or publish gets 403 while a trade is open.
    pub forbidden_hides_pending_trade: f64,
    /// A throttled request gets 404.
    pub not_found_hides_throttling: f64,
    /// A stale write gets 422; only where replicas lag.
    pub unprocessable_hides_lag: f64,
    /// The token expires at this request.
    pub token_expiry: f64,
    /// The request is lost on its way.
    pub lost_request: f64,
    /// A write that was accepted as a whole is delivered once more, up to a minute later.
    pub duplicate_delivery: f64,
}

/// The kinds of fault, by the names of the control API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The response is lost after the commit.
    LostResponse,
    /// The write is applied later.
    LateCommit,
    /// The connection breaks before the body.
    ResetBeforeBody,
    /// The connection breaks after the body.
    ResetAfterBody,
    /// 500, 502, 503 or 504.
    ServerError,
    /// 403.
    ForbiddenHidesPendingTrade,
    /// 404.
    NotFoundHidesThrottling,
    /// 422 in place of a stale refusal.
    UnprocessableHidesLag,
    /// 401.
    TokenExpiry,
    /// The request is lost on its way.
    LostRequest,
    /// A write that was accepted is delivered once more.
    DuplicateDelivery,
}

/// One fault for the next requests that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// What goes wrong.
    pub fault: FaultKind,
    /// Only requests of this method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only requests whose path starts so.
    #[serde(default)]
    pub path_prefix: Option<String>,
    /// For how many requests.
    #[serde(default = "once")]
    pub times: u32,
    /// The status of a `server_error`; drawn when absent.
    #[serde(default)]
    pub status: Option<u16>,
    /// Whether the request is applied (`server_error`, `reset_after_body`); drawn when absent.
    #[serde(default)]
    pub effect: Option<bool>,
    /// Seconds until a `late_commit` or the second arrival of a `duplicate_delivery`; drawn when absent.
    #[serde(default)]
    pub delay_seconds: Option<u32>,
}

fn once() -> u32 {
    1
}

/// A documented refusal for the next requests of the platform API that match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refused {
    /// Always `refusal`.
    fault: RefusalFault,
    /// The operation's id; absent for the next one that documents the refusal.
    #[serde(default)]
    pub(crate) operation: Option<String>,
    pub(crate) status: u16,
    pub(crate) code: String,
    /// For how many requests.
    #[serde(default = "once")]
    times: u32,
}

/// The name of that fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RefusalFault {
    Refusal,
}

/// One fault that strikes a request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Strike {
    pub(crate) kind: FaultKind,
    /// Injected faults strike whatever the circumstances.
    pub(crate) injected: bool,
    pub(crate) status: u16,
    pub(crate) effect: bool,
    pub(crate) delay_ms: i64,
}

/// The probabilities and what is injected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    pub(crate) rates: FaultRates,
    pub(crate) injected: Vec<Injection>,
    /// Refusals that were asked for.
    pub(crate) refused: Vec<Refused>,
}

impl Faults {
    /// Takes the refusal that a call of an operation is to get, if any.
    pub(crate) fn refusal(&mut self, operation: &Operation) -> Option<(u16, String)> {
        let fits = |one: &Refused| match &one.operation {
            Some(id) => *id == operation.operation_id,
            None => codes::of(operation).get(&one.status).is_some_and(|codes| codes.contains(&one.code.as_str())),
        };
        let one = self.refused.iter_mut().find(|one| one.times > 0 && fits(one))?;
        one.times -= 1;
        let found = (one.status, one.code.clone());
        self.refused.retain(|one| one.times > 0);
        Some(found)
    }

    /// The fault that strikes this request, an injected one first.
    pub(crate) fn strike(&mut self, request: &Request, rng: &mut Rng) -> Option<Strike> {
        if let Some(place) = self.injected.iter().position(|injection| injection.matches(request)) {
            let injection = &mut self.injected[place];
            injection.times -= 1;
            let strike = injection.strike(rng);
            self.injected.retain(|injection| injection.times > 0);
            return Some(strike);
        }
        let is_write = request.method != "GET";
        let rates = &self.rates;
        let kinds = [
            (FaultKind::TokenExpiry, rates.token_expiry),
            (FaultKind::ResetBeforeBody, rates.reset_before_body),
            (FaultKind::LateCommit, if is_write { rates.late_commit } else { 0.0 }),
            (FaultKind::LostResponse, rates.lost_response),
            (FaultKind::ResetAfterBody, rates.reset_after_body),
            (FaultKind::ServerError, rates.server_error),
            (FaultKind::ForbiddenHidesPendingTrade, rates.forbidden_hides_pending_trade),
            (FaultKind::NotFoundHidesThrottling, rates.not_found_hides_throttling),
            (FaultKind::UnprocessableHidesLag, rates.unprocessable_hides_lag),
            (FaultKind::LostRequest, rates.lost_request),
            (FaultKind::DuplicateDelivery, if is_write { rates.duplicate_delivery } else { 0.0 }),
        ];
        let (kind, _) = kinds.into_iter().find(|(_, rate)| rng.chance(*rate))?;
        let drawn = Injection {
            fault: kind,
            method: None,
            path_prefix: None,
            times: 1,
            status: None,
            effect: None,
            delay_seconds: None,
        };
        Some(Strike { injected: false, ..drawn.strike(rng) })
    }
}

impl Injection {
    fn matches(&self, request: &Request) -> bool {
        self.times > 0
            && self.method.as_ref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && self.path_prefix.as_ref().is_none_or(|prefix| request.path.starts_with(prefix.as_str()))
    }

    fn strike(&self, rng: &mut Rng) -> Strike {
        let status = self.status.unwrap_or_else(|| *rng.pick(&[500, 502, 503, 504]).unwrap_or(&500));
        let effect = self.effect.unwrap_or_else(|| rng.chance(0.5));
        let delay_ms = match self.delay_seconds {
            Some(seconds) => i64::from(seconds) * SECOND,
            None if self.fault == FaultKind::DuplicateDelivery => rng.between(0, 60 * SECOND),
            None => rng.between(SECOND, 600 * SECOND),
        };
        Strike { kind: self.fault, injected: true, status, effect, delay_ms }
    }
}
