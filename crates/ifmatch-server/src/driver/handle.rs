//! The handlers' end of a driver.

use super::OrgSetup;
use super::command::{Command, Reply};
use crate::clock::Clock;
use crate::dialects::ProxyDialect;
use crate::hub::Hub;
use crate::problem::Fault;
use crate::stop::stopped;
use crate::store_thread::StoreHandle;
use ifmatch_core::{
    Accepted, Decision, Engine, Failure, Input, IntentId, IntentRecord, OrgName, Pass, Request, Resource, Response,
    SourceName, Submission, Ticket, Urgency,
};
use ifmatch_store::{Store, StoreError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// How long one of many intents waits for a place in the queue, wall time, before it is refused.
const PATIENCE: Duration = Duration::from_secs(5);

/// Stands in a command until the driver puts its own number there.
const UNNUMBERED: Ticket = Ticket(0);

/// The handlers' end of the driver of one org. Clones share it.
#[derive(Clone)]
pub(crate) struct OrgHandle {
    pub(crate) org: OrgName,
    pub(crate) dialect: Arc<dyn ProxyDialect>,
    pub(crate) hub: Arc<Hub>,
    pub(crate) clock: Clock,
    commands: mpsc::Sender<Command>,
    store: StoreHandle,
    ready: watch::Receiver<bool>,
}

/// An intent on its way to be durable.
pub(crate) struct Submitting(oneshot::Receiver<Reply>);

impl Submitting {
    /// Waits until it is durable.
    pub(crate) async fn taken(self) -> Result<Accepted, Fault> {
        match receive(self.0).await? {
            Reply::Accepted(taken) => Ok(taken),
            other => Err(unexpected(other)),
        }
    }
}

impl OrgHandle {
    pub(super) fn new(
        setup: &OrgSetup,
        commands: mpsc::Sender<Command>,
        hub: Arc<Hub>,
        ready: watch::Receiver<bool>,
    ) -> Self {
        Self {
            org: setup.config.org.clone(),
            dialect: Arc::clone(&setup.dialect),
            clock: setup.clock.clone(),
            store: setup.store.clone(),
            hub,
            commands,
            ready,
        }
    }

    /// Whether the engine knows its store.
    pub(crate) fn is_ready(&self) -> bool {
        *self.ready.borrow()
    }

    /// Waits until the engine knows its store, or its driver has ended.
    pub(crate) async fn ready(&self) {
        // Without a driver nobody becomes ready any more.
        stopped(&mut self.ready.clone()).await;
    }

    /// Hands in an intent; refused at once when too many wait.
    pub(crate) fn submit(&self, submission: Submission) -> Result<Submitting, Fault> {
        let (reply, replied) = oneshot::channel();
        self.push(Command::Submit(Box::new(submission), reply))?;
        Ok(Submitting(replied))
    }

    /// Hands in one of many intents: it waits a while for its place.
    pub(crate) async fn submit_patiently(&self, submission: Submission) -> Result<Submitting, Fault> {
        let (reply, replied) = oneshot::channel();
        let command = Command::Submit(Box::new(submission), reply);
        match self.commands.send_timeout(command, PATIENCE).await {
            Ok(()) => Ok(Submitting(replied)),
            Err(mpsc::error::SendTimeoutError::Timeout(_)) => Err(Fault::Overloaded),
            Err(mpsc::error::SendTimeoutError::Closed(_)) => Err(closed()),
        }
    }

    /// Hands in a decision and waits until it is durable.
    pub(crate) async fn decide(&self, decision: Decision) -> Result<(), Fault> {
        let (reply, replied) = oneshot::channel();
        self.push(Command::Decide(decision, reply))?;
        match receive(replied).await? {
            Reply::DecisionTaken => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Withdraws an intent and waits until that is durable.
    pub(crate) async fn withdraw(&self, intent: IntentId, by: String) -> Result<(), Fault> {
        let (reply, replied) = oneshot::channel();
        self.push(Command::Withdraw(intent, by, reply))?;
        match receive(replied).await? {
            Reply::WithdrawalTaken => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    /// Passes a request through, within the budget.
    pub(crate) async fn pass(
        &self,
        source: SourceName,
        request: Request,
        reads: Option<Resource>,
    ) -> Result<Response, Fault> {
        let (reply, replied) = oneshot::channel();
        let pass = Pass { ticket: UNNUMBERED, source, request, reads, class: Urgency::Normal };
        self.push(Command::Pass(pass, reply))?;
        match receive(replied).await? {
            Reply::Passed(Ok(response)) => Ok(response),
            Reply::Passed(Err(Failure::NotSent | Failure::CutBeforeEnd)) => Err(Fault::TargetUnreachable),
            Reply::Passed(Err(Failure::NoAnswer)) => Err(Fault::TargetSilent),
            other => Err(unexpected(other)),
        }
    }

    /// Hands in an input that nobody answers.
    pub(crate) fn tell(&self, input: Input) -> Result<(), Fault> {
        self.push(Command::Tell(input))
    }

    /// Looks at the engine.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Engine) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, replied) = oneshot::channel();
        // A caller who went away does not want the answer.
        let question = Box::new(move |engine: &Engine| drop(reply.send(look(engine))));
        self.push(Command::Ask(question))?;
        replied.await.map_err(|_| closed())
    }

    /// Reads the store as this org.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut dyn Store, &OrgName) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Fault> {
        let org = self.org.clone();
        Ok(self.store.read(move |store| read(store, &org)).await?)
    }

    /// Goes once through the engine and the store, behind all that waits there.
    pub(crate) async fn echo(&self) -> Result<(), Fault> {
        self.ask(|_| ()).await?;
        self.read(|_, _| Ok(())).await
    }

    /// One stored intent.
    pub(crate) async fn intent(&self, id: IntentId) -> Result<Option<IntentRecord>, Fault> {
        self.read(move |store, org| store.intent(org, id)).await
    }

    fn push(&self, command: Command) -> Result<(), Fault> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Fault::Overloaded,
            mpsc::error::TrySendError::Closed(_) => closed(),
        })
    }
}

/// A submission without its number.
pub(crate) fn submission(id: IntentId, source: SourceName, intent: ifmatch_core::Intent) -> Submission {
    Submission {
        ticket: UNNUMBERED,
        id,
        source,
        intent,
        whole: false,
        fingerprint: None,
        strict: false,
        proxied: false,
        keep: Vec::new(),
    }
}

/// A decision's number until the driver gives one.
pub(crate) const fn unnumbered() -> Ticket {
    UNNUMBERED
}

async fn receive(replied: oneshot::Receiver<Reply>) -> Result<Reply, Fault> {
    replied.await.map_err(|_| closed())
}

fn closed() -> Fault {
    Fault::Unavailable { cause: "the org's driver has ended".to_owned() }
}

fn unexpected(reply: Reply) -> Fault {
    match reply {
        Reply::Refused(refusal) => Fault::from(refusal),
        other => Fault::Internal { cause: format!("the engine answered out of turn: {other:?}") },
    }
}
