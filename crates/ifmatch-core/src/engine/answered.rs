//! An exchange ended: with an answer, or without.

use super::recovered::GATE;
use super::{Engine, InFlight, Purpose};
use crate::commit::{AttemptOutcome, Op};
use crate::dialect::{Call, Fact};
use crate::effect::{Effect, Notice};
use crate::evidence::{Class, Evidence};
use crate::ids::AttemptId;
use crate::wire::{Failure, Request, Response};
use serde_json::json;

impl Engine {
    pub(super) fn on_answered(&mut self, attempt: AttemptId, response: &Response) {
        let Some(flight) = self.exchanges.remove(&attempt) else { return };
        let throttled = response.status == 429 || (response.status == 503 && response.header("retry-after").is_some());
        self.gates.ended(&flight.buckets, throttled);
        let InFlight { request, purpose, .. } = flight;
        match purpose {
            Purpose::Pass(pass) => {
                self.hear_budget(&self.any_read(), &request, response);
                if self.renews(&pass, response) {
                    return self.passes.push_front(pass);
                }
                self.commits.now(Effect::Notify(Notice::Passed { ticket: pass.ticket, result: Ok(response.clone()) }));
            }
            Purpose::ShownRead { turn, pass } => {
                self.hear_budget(&self.any_read(), &request, response);
                if self.renews(&pass, response) {
                    return self.shows_again(turn, pass);
                }
                self.on_shown(turn, &pass, response.clone());
            }
            Purpose::Listen(ask) => {
                self.hear_budget(&self.any_read(), &request, response);
                self.on_listen_answered(ask, response);
            }
            Purpose::Errand(errand) => {
                let reply = self.hear_budget(errand.call(), &request, response);
                self.on_errand(*errand, reply, response);
            }
            // An answer may say only where the rest of it lies: what comes from there is the answer.
            Purpose::Tracked { turn, call } => {
                let mut reply = self.hear_budget(&call, &request, response);
                match reply.rest.take() {
                    Some(rest) => self.send_now(rest, Purpose::Tracked { turn, call }),
                    None => self.on_tracked_status(turn, reply),
                }
            }
            Purpose::Ask { turn, call } => {
                let mut reply = self.hear_budget(&call, &request, response);
                match reply.rest.take() {
                    Some(rest) => self.send_now(rest, Purpose::Ask { turn, call }),
                    None => self.on_reply(turn, &call, reply),
                }
            }
            Purpose::Write { turn, record } => {
                let mut reply = self.hear_budget(&record.call, &request, response);
                match reply.rest.take() {
                    Some(rest) => self.send_now(rest, Purpose::Write { turn, record }),
                    None => self.on_write_reply(turn, &record, reply),
                }
            }
        }
    }

    /// A read of nothing in particular: enough to tell a refusal from its answer.
    fn any_read(&self) -> Call {
        let kind = self.dialect.kinds().first().copied().unwrap_or_default();
        Call::Read(vec![crate::Resource::by_id(&self.config.org, kind, "-")])
    }

    /// Takes what an answer says of budgets and of the token, whatever it is for.
    fn hear_budget(&mut self, call: &Call, request: &Request, response: &Response) -> crate::Reply {
        let reply = self.dialect.reply(self.now, call, response);
        for hint in &reply.budgets {
            self.gates.hear(self.now, hint);
        }
        if let Some(date) = reply.date {
            self.clocks.hear(self.now, date);
        }
        if response.status == 401 {
            self.token_refused();
        }
        if response.is_success() {
            self.unanswered = 0;
        }
        let refused = reply.facts.iter().find_map(|(_, fact)| match fact {
            Fact::Refused(evidence) if evidence.class == Class::Throttled => Some(evidence.retry_after),
            _ => None,
        });
        let bare = (response.status == 429).then_some(None);
        if let Some(asked) = refused.or(bare) {
            let bucket = self.dialect.throttled_bucket(request, response);
            let pause = self.jittered(self.config.limits.throttle_pause);
            let asked = asked.map(|asked| asked + self.jittered(jiff::SignedDuration::from_millis(200)));
            let until = self.gates.close(self.now, &bucket, asked, pause);
            let value = Some(json!({ "closed_at": self.now, "until": until }));
            self.commits.op(Op::Keep { key: format!("{GATE}{bucket}"), value });
        }
        reply
    }

    pub(super) fn on_failed(&mut self, attempt: AttemptId, failure: Failure) {
        let Some(flight) = self.exchanges.remove(&attempt) else { return };
        self.gates.ended(&flight.buckets, false);
        match flight.purpose {
            Purpose::Pass(pass) => {
                self.renewed.remove(&pass.ticket);
                self.commits.now(Effect::Notify(Notice::Passed { ticket: pass.ticket, result: Err(failure) }));
            }
            Purpose::ShownRead { turn, pass } => {
                self.renewed.remove(&pass.ticket);
                self.on_show_failed(turn, &pass, failure);
            }
            Purpose::Listen(_) => self.on_listen_unanswered(),
            Purpose::Errand(errand) => self.errand_failed(errand.turn, &unanswered()),
            Purpose::Tracked { turn, .. } => self.tracked_unanswered(turn),
            Purpose::Ask { turn, .. } => self.errand_failed(turn, &unanswered()),
            Purpose::Write { turn, mut record } if failure.is_ambiguous() => {
                // A copy has its own time to come, whenever the first one left.
                record.horizon = record.horizon.max(record.at + self.config.limits.zombie_horizon);
                let evidence = unanswered();
                let outcome = AttemptOutcome::Split;
                self.commits.op(Op::AttemptDone { id: record.id, outcome, at: self.now });
                let keys = self.keys_of(turn);
                let unclear = keys.into_iter().map(|key| (key, evidence.clone())).collect();
                self.make_ambiguous(turn, &record, unclear);
            }
            Purpose::Write { turn, record } => {
                let keys = self.keys_of(turn);
                // A copy of an earlier write stays open: the earlier one may still take effect.
                if !keys.iter().any(|key| self.lane(key).unresolved.is_some()) {
                    let outcome = AttemptOutcome::NotSent;
                    self.commits.op(Op::AttemptDone { id: record.id, outcome, at: self.now });
                }
                for key in keys {
                    self.not_sent(turn, &key, &record);
                }
            }
        }
    }
}

fn unanswered() -> Evidence {
    Evidence::bare(Class::Ambiguous, "no answer", "the target did not answer")
}
