//! Carries out the engine's effects against the store and the sandbox.

use super::World;
use super::sources::EXPORTS;
use crate::checkers::Opened;
use crate::script::CrashPoint;
use crate::truth::Export;
use flate2::Compression;
use flate2::write::GzEncoder;
use ifmatch_core::{Effect, Exchange, Failure, Input, Method, Notice, Refusal, Request, Response, Timestamp};
use ifmatch_sandbox::{Delivery, Request as Wire};
use std::io::Write as _;

impl World {
    pub(super) fn carry_out(&mut self, effect: Effect) {
        let org = self.org();
        match effect {
            Effect::Load { turn, resources, intents } => self.load(&org, turn, &resources, &intents),
            Effect::Persist(commit) => self.persist(&org, &commit),
            Effect::Send(exchange) => self.send(&exchange),
            Effect::Authorise => self.authorise(),
            Effect::Recover => {
                let recovery = self.recovery();
                self.failing = false;
                self.later(20, Input::Recovered(Box::new(recovery)));
            }
            Effect::Notify(notice) => self.hear(notice),
            Effect::Socket(deed) => self.carry_out_socket(deed),
        }
    }

    fn send(&mut self, exchange: &Exchange) {
        let wire = self.wire(&exchange.request);
        // An export is no intent's write, and an errand changes nothing: nothing of them is stored.
        let write = exchange.writes && exchange.request.path != EXPORTS;
        let delivery = self.sandbox.handle(self.now.as_millisecond(), &wire);
        let body = &exchange.request.body;
        self.log.note(self.now, "send", || format!("{:?} {} {} {body}", exchange.attempt, wire.method, wire.path));
        if write {
            self.truth.left.insert(exchange.attempt, self.now);
            self.flying.insert(exchange.attempt, self.setup.api.path(&exchange.request.path));
        }
        let patience = ms(self.process.when(exchange.give_up_at)) - ms(self.now);
        let attempt = exchange.attempt;
        match delivery {
            Delivery::Answer { response, after_ms } if after_ms < patience => {
                let body = text(response.body);
                self.log.note(self.now, "answer", || format!("{attempt:?} {} {}", response.status, brief(&body)));
                let response = Response { status: response.status, headers: response.headers, body };
                self.later(after_ms, Input::Answered { attempt, response });
            }
            Delivery::Answer { .. } | Delivery::Lost { .. } => {
                self.log.note(self.now, "answer", || format!("{attempt:?} never comes"));
                self.later(patience, Input::Failed { attempt, failure: Failure::NoAnswer });
            }
            Delivery::Reset { sent_body } => {
                let failure = if sent_body { Failure::NoAnswer } else { Failure::CutBeforeEnd };
                self.log.note(self.now, "answer", || format!("{attempt:?} is cut: {failure:?}"));
                self.later(20, Input::Failed { attempt, failure });
            }
        }
        if write && self.armed == Some(CrashPoint::AfterSend) {
            self.crash("after a write left");
        }
    }

    /// A request as it goes over the wire: with the token, or to an address that the target has signed, as the shell does it.
    fn wire(&self, request: &Request) -> Wire {
        let mut headers = request.headers.clone();
        let (mut path, mut body) = (request.path.clone(), request.body.clone().into_bytes());
        if request.signed {
            path = path.splitn(4, '/').nth(3).map(|path| format!("/{path}")).unwrap_or_default();
        } else if let Some(token) = &self.token {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if request.header("content-encoding") == Some("gzip") {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&body).expect("memory takes what is written");
            body = encoder.finish().expect("memory takes what is written");
        }
        Wire { method: request.method.as_str().to_owned(), path, headers, body }
    }

    fn authorise(&mut self) {
        let credentials = self.sandbox.credentials();
        let basic = base64(&format!("{}:{}", credentials.client_id, credentials.client_secret));
        let wire = Wire {
            method: Method::Post.as_str().to_owned(),
            path: "/oauth/token".to_owned(),
            headers: vec![
                ("authorization".to_owned(), format!("Basic {basic}")),
                ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
            ],
            body: b"grant_type=client_credentials".to_vec(),
        };
        let answer = match self.sandbox.handle(ms(self.now), &wire) {
            Delivery::Answer { response, .. } => response.json(),
            Delivery::Lost { .. } | Delivery::Reset { .. } => None,
        };
        self.token = answer.as_ref().and_then(|body| body["access_token"].as_str()).map(str::to_owned);
        let granted = self.token.is_some();
        self.log.note(self.now, "token", || if granted { "granted" } else { "refused" });
        self.later(30, Input::Authorised { granted, message: String::new() });
    }

    fn hear(&mut self, notice: Notice) {
        match notice {
            Notice::Accepted(accepted) => {
                self.log.note(self.now, "accept", || format!("{} duplicate={}", accepted.id, accepted.duplicate));
                self.promised.insert(accepted.id);
                self.bodies.remove(&accepted.ticket);
            }
            Notice::Refused { ticket, refusal } => {
                self.log.note(self.now, "refuse", || format!("{ticket:?} {refusal:?}"));
                self.refused += 1;
                if let Some(body) = self.bodies.remove(&ticket)
                    && refusal == Refusal::Unavailable
                {
                    // Nothing was stored, so a sender sends again.
                    self.sequence += 1;
                    let at = self.now + ifmatch_core::SignedDuration::from_secs(1);
                    self.resends.insert((at, self.sequence), body);
                }
            }
            Notice::Changed { id, status, .. } => {
                let status = self.setup.api.heard(status);
                let code = status.code.as_deref().unwrap_or("");
                let reason = status.reason.as_deref().unwrap_or("");
                self.log.note(self.now, "state", || format!("{id} {} {code} {reason}", status.state));
                let entries = self.sandbox.ledger().len();
                self.opened.extend(Opened::of(id, self.told.get(&id).map(|told| &**told), &status, entries));
                self.told.insert(id, status);
            }
            Notice::Passed { ticket, result } => match self.truth.exports.get_mut(&ticket) {
                Some(export) => {
                    *export = result.map_or(Export::Failed, |response| Export::Answered(response.status));
                    let export = *export;
                    self.log.note(self.now, "export", || format!("{ticket:?} {export:?}"));
                }
                None => self.shown(ticket, result.ok()),
            },
            Notice::WithdrawalTaken { ticket } => {
                self.log.note(self.now, "withdraw", || format!("{ticket:?} taken"));
                if let Some(intent) = self.withdrawals.remove(&ticket) {
                    self.truth.withdrawn.entry(intent).or_insert(self.now);
                }
            }
            Notice::DecisionTaken { ticket } => self.log.note(self.now, "decide", || format!("{ticket:?} taken")),
            Notice::Alarm { code, message } => {
                self.log.note(self.now, "alarm", || format!("{code}: {message}"));
                self.alarms.push((code, message));
            }
        }
    }
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// A body as text; what is no UTF-8 is replaced.
fn text(body: Vec<u8>) -> String {
    String::from_utf8(body).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn brief(text: &str) -> String {
    text.chars().take(400).collect()
}

/// Base64 (RFC 4648 §4) of a short text, for Basic authentication.
fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
