//! What the driver does for its engine, one effect a function.

use super::command::{Reply, Taken};
use super::{Driver, Event};
use crate::hub::Changed;
use ifmatch_core::{Effect, Exchange, Input, IntentId, Notice, Resource, TurnId};
use ifmatch_store::StoreError;
use std::time::Duration;

/// Pause before the store is read again after trouble, wall time: a full disk does not empty faster
/// for being asked.
const STORE_PAUSE: Duration = Duration::from_millis(500);

impl Driver {
    /// Does what the engine asks for, until it asks for nothing.
    pub(super) fn perform(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Persist(commit) => self.gathered.push(commit),
                Effect::Load { turn, resources, intents } => self.load(turn, resources, intents),
                Effect::Send(exchange) => self.send(exchange),
                Effect::Authorise => self.authorise(),
                Effect::Notify(notice) => self.notify(notice),
                Effect::Recover if self.is_shaken => self.recover_later(),
                Effect::Recover => self.recover(),
            }
        }
    }

    /// Hands what gathered to the store, unless it still works on the group before.
    pub(super) fn flush(&mut self) {
        if self.committing || self.gathered.is_empty() {
            return;
        }
        self.committing = true;
        let group = std::mem::take(&mut self.gathered);
        let (org, tell) = (self.org.clone(), self.tell.clone());
        self.store.run(move |store| {
            let result = store.commit(&org, &group);
            if let Err(error) = &result {
                tracing::error!(%org, %error, commits = group.len(), "a group of commits failed");
            }
            let ids = group.iter().map(|commit| commit.id).collect();
            // The driver may have given up on a shutdown.
            let _gone = tell.send(Event::Committed { ids, durable: result.is_ok() });
        });
    }

    fn load(&self, turn: TurnId, resources: Vec<Resource>, intents: Vec<IntentId>) {
        let (org, tell) = (self.org.clone(), self.tell.clone());
        self.store.run(move |store| {
            let input = match store.load(&org, &resources, &intents) {
                Ok(loaded) => Input::Loaded { turn, rows: loaded.rows, intents: loaded.intents },
                Err(error) => {
                    log_read(&org, &error);
                    Input::LoadFailed { turn }
                }
            };
            let _gone = tell.send(Event::Input(input));
        });
    }

    pub(super) fn recover(&self) {
        let (org, tell) = (self.org.clone(), self.tell.clone());
        self.store.run(move |store| {
            let event = match store.recover(&org) {
                Ok(recovery) => Event::Input(Input::Recovered(Box::new(recovery))),
                Err(error) => {
                    log_read(&org, &error);
                    std::thread::sleep(STORE_PAUSE);
                    Event::RecoverAgain
                }
            };
            let _gone = tell.send(event);
        });
    }

    fn recover_later(&self) {
        let tell = self.tell.clone();
        tokio::spawn(async move {
            tokio::time::sleep(STORE_PAUSE).await;
            let _gone = tell.send(Event::RecoverAgain);
        });
    }

    fn send(&mut self, exchange: Exchange) {
        let attempt = exchange.attempt;
        self.exchanges += 1;
        if let Some(failure) = self.refuse_to_send() {
            let _gone = self.tell.send(Event::Exchanged(Input::Failed { attempt, failure }));
            return;
        }
        let (upstream, tell) = (self.upstream.clone(), self.tell.clone());
        tokio::spawn(async move {
            let input = match upstream.exchange(&exchange.request, exchange.give_up_at).await {
                Ok(response) => Input::Answered { attempt, response },
                Err(failure) => Input::Failed { attempt, failure },
            };
            let _gone = tell.send(Event::Exchanged(input));
        });
    }

    fn authorise(&mut self) {
        self.exchanges += 1;
        let request = self.dialect.token_request();
        let (org, upstream) = (self.org.clone(), self.upstream.clone());
        let (clock, tell) = (self.clock.clone(), self.tell.clone());
        tokio::spawn(async move {
            let give_up_at = clock.now() + clock.from_wall(crate::upstream::LOGIN_WAIT);
            let (granted, message) = match upstream.authorise(&request, give_up_at).await {
                Ok(()) => (true, String::new()),
                Err(error) => {
                    tracing::warn!(%org, %error, "the target gave no token");
                    (false, error.to_string())
                }
            };
            let _gone = tell.send(Event::Exchanged(Input::Authorised { granted, message }));
        });
    }

    fn notify(&mut self, notice: Notice) {
        match notice {
            Notice::Accepted(accepted) => self.reply(accepted.ticket, |at| {
                Reply::Accepted(Taken { id: accepted.id, duplicate: accepted.duplicate, at })
            }),
            Notice::Refused { ticket, refusal } => self.reply(ticket, |_| Reply::Refused(refusal)),
            Notice::DecisionTaken { ticket } => self.reply(ticket, |_| Reply::DecisionTaken),
            Notice::Passed { ticket, result } => self.reply(ticket, |_| Reply::Passed(result)),
            Notice::Changed { id, resource, status } => {
                self.hub.tell(Changed { id, resource, status: *status });
            }
            Notice::Alarm { code, message } => {
                tracing::warn!(org = %self.org, code, "{message}");
            }
        }
    }
}

fn log_read(org: &ifmatch_core::OrgName, error: &StoreError) {
    tracing::error!(%org, %error, "the store could not be read");
}
