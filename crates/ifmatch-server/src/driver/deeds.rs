//! What the driver does for its engine, one effect a function.

use super::command::Reply;
use super::{Driver, Event};
use crate::hub::Changed;
use ifmatch_core::{Commit, Effect, Exchange, Input, IntentId, Notice, OrgName, Resource, SocketDeed, TurnId};
use ifmatch_store::{Store, StoreError};
use std::time::Duration;

/// Pause before the store is read again after trouble, wall time: a full disk does not empty faster
/// for being asked.
const STORE_PAUSE: Duration = Duration::from_millis(500);

/// What waits until the store has done the group before.
#[derive(Default)]
pub(super) struct Group {
    /// Commits, in order.
    pub(super) commits: Vec<Commit>,
    /// Loads that must see them.
    loads: Vec<Load>,
}

/// Payloads that a turn waits for.
struct Load {
    turn: TurnId,
    resources: Vec<Resource>,
    intents: Vec<IntentId>,
}

impl Load {
    fn run(self, store: &mut dyn Store, org: &OrgName) -> Event {
        let turn = self.turn;
        Event::Input(match store.load(org, &self.resources, &self.intents) {
            Ok(loaded) => Input::Loaded { turn, rows: loaded.rows, intents: loaded.intents },
            Err(error) => {
                log_read(org, &error);
                Input::LoadFailed { turn }
            }
        })
    }
}

impl Driver {
    /// Does what the engine asks for, until it asks for nothing.
    pub(super) fn perform(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::Persist(commit) => self.gathered.commits.push(commit),
                Effect::Load { turn, resources, intents } => self.load(Load { turn, resources, intents }),
                Effect::Send(exchange) => self.send(exchange),
                Effect::Authorise => self.authorise(),
                Effect::Notify(notice) => self.notify(notice),
                Effect::Socket(deed) => self.socket(deed),
                // What failed once may have been a moment's trouble; callers are refused meanwhile.
                Effect::Recover if self.failed_groups > 1 => self.recover_later(),
                Effect::Recover => self.recover(),
            }
        }
    }

    /// Hands what gathered to the store, unless it still works on the group before.
    pub(super) fn flush(&mut self) {
        if self.committing || self.gathered.commits.is_empty() {
            return;
        }
        self.committing = true;
        let Group { commits, loads } = std::mem::take(&mut self.gathered);
        let (org, tell) = (self.org.clone(), self.tell.clone());
        self.store.run(move |store| {
            let result = store.commit(&org, &commits);
            if let Err(error) = &result {
                tracing::error!(%org, %error, commits = commits.len(), "a group of commits failed");
            }
            let ids = commits.iter().map(|commit| commit.id).collect();
            // The driver may have given up on a shutdown.
            let _gone = tell.send(Event::Committed { ids, durable: result.is_ok() });
            for load in loads {
                let _gone = tell.send(load.run(store, &org));
            }
        });
    }

    /// Loads behind every commit that was asked for before: what is loaded must show them.
    fn load(&mut self, load: Load) {
        if !self.gathered.commits.is_empty() {
            return self.gathered.loads.push(load);
        }
        let (org, tell) = (self.org.clone(), self.tell.clone());
        self.store.run(move |store| {
            let _gone = tell.send(load.run(store, &org));
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

    fn socket(&mut self, deed: SocketDeed) {
        match deed {
            SocketDeed::Open { number, address } if !self.is_draining => {
                self.socket = Some(self.upstream.listen(number, &address, self.hears.clone()));
            }
            SocketDeed::Open { .. } | SocketDeed::Close => self.socket = None,
            SocketDeed::Say { text } => {
                if let Some(socket) = &self.socket {
                    socket.say(text);
                }
            }
        }
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
            Notice::Accepted(accepted) => self.reply(accepted.ticket, Reply::Accepted(accepted)),
            Notice::Refused { ticket, refusal } => self.reply(ticket, Reply::Refused(refusal)),
            Notice::DecisionTaken { ticket } => self.reply(ticket, Reply::DecisionTaken),
            Notice::WithdrawalTaken { ticket } => self.reply(ticket, Reply::WithdrawalTaken),
            Notice::Passed { ticket, result } => self.reply(ticket, Reply::Passed(result)),
            Notice::Changed { id, resource, status } => {
                self.hub.tell(Changed { id, resource, status });
            }
            Notice::Alarm { code, message } => {
                tracing::warn!(org = %self.org, code, "{message}");
            }
        }
    }
}

fn log_read(org: &OrgName, error: &StoreError) {
    tracing::error!(%org, %error, "the store could not be read");
}
