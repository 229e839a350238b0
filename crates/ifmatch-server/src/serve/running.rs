//! A gateway that is running.

use super::SourceAccount;
use super::signals::Signals;
use crate::auth;
use crate::clock::Clock;
use crate::config::Config;
use crate::driver::OrgHandle;
use crate::pulse::Pulse;
use crate::sandbox_http::RunningSandbox;
use crate::store_thread::StoreThread;
use ifmatch_core::OrgName;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A gateway that is running. [`Running::shutdown`] ends it in order; dropped, it ends abruptly,
/// which loses nothing that was accepted.
pub struct Running {
    /// Where it answers, for example `http://127.0.0.1:8409`.
    pub url: String,
    /// The folder with the store and the operator's token.
    pub data_dir: PathBuf,
    /// The store as a URL.
    pub store: String,
    /// Ready-made sources, that named `sandbox` first; none without a sandbox.
    pub accounts: Vec<SourceAccount>,
    clock: Clock,
    sandbox: Option<RunningSandbox>,
    orgs: BTreeMap<OrgName, OrgHandle>,
    stops: Stops,
}

/// What must end, in this order.
pub(super) struct Stops {
    pub(super) stop_listener: watch::Sender<bool>,
    pub(super) listening: JoinHandle<()>,
    pub(super) stop_drivers: watch::Sender<bool>,
    pub(super) drivers: Vec<JoinHandle<()>>,
    pub(super) store_thread: StoreThread,
}

impl Stops {
    fn any_ended(&self) -> bool {
        self.listening.is_finished() || self.drivers.iter().any(JoinHandle::is_finished)
    }
}

/// Why a gateway ended by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The system asked for it: SIGTERM or Ctrl-C.
    Asked,
    /// A bug ended a part of it; the store holds everything that was accepted.
    Broken,
}

impl Running {
    pub(super) fn new(
        address: SocketAddr,
        config: &Config,
        clock: Clock,
        accounts: Vec<SourceAccount>,
        sandbox: Option<RunningSandbox>,
        orgs: BTreeMap<OrgName, OrgHandle>,
        stops: Stops,
    ) -> Self {
        Self {
            url: format!("http://{address}"),
            data_dir: config.store.data_dir().to_owned(),
            store: config.store.url(),
            accounts,
            clock,
            sandbox,
            orgs,
            stops,
        }
    }

    /// The first line that `ifmatch serve` prints: `{"url", "data", "store"}`, and with a sandbox
    /// also `{"client_id", "client_secret", "sandbox"}`.
    #[must_use]
    pub fn first_line(&self) -> Value {
        let mut line = json!({"url": self.url, "data": self.data_dir, "store": self.store});
        if let (Some(account), Some(sandbox)) = (self.accounts.first(), &self.sandbox) {
            line["client_id"] = Value::from(account.client_id.as_str());
            line["client_secret"] = Value::from(account.client_secret.as_str());
            line["sandbox"] = Value::from(sandbox.url.as_str());
        }
        line
    }

    /// The built-in sandbox: its URL, its own credentials, its ledger.
    #[must_use]
    pub fn sandbox(&self) -> Option<&RunningSandbox> {
        self.sandbox.as_ref()
    }

    /// The time that gateway and sandbox share.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Whether a bug has ended a part of it, so that it takes nothing more.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.stops.any_ended()
    }

    /// Keeps a scaled clock from running ahead of the machine, until dropped: it goes on only while
    /// engine, store and sandbox keep up. Wants a runtime of tokio.
    #[must_use]
    pub fn pulse(&self) -> Pulse {
        let sandbox = self.sandbox.as_ref().map(RunningSandbox::door);
        Pulse::start(&self.clock, self.orgs.values().cloned().collect(), sandbox)
    }

    /// Where the operator's token is.
    #[must_use]
    pub fn operator_token_path(&self) -> PathBuf {
        auth::operator_token_path(Path::new(&self.data_dir))
    }

    /// Waits until every org takes intents.
    pub async fn ready(&self) {
        for org in self.orgs.values() {
            org.ready().await;
        }
    }

    /// Waits until the system asks for the end, or a part breaks; then call [`Running::shutdown`].
    /// Listens for signals from now on; where they may come earlier, [`Running::ended_on`] is right.
    pub async fn ended(&mut self) -> Ended {
        match Signals::listen() {
            Ok(signals) => self.ended_on(signals).await,
            Err(error) => {
                tracing::warn!(%error, "signals cannot be waited for");
                any_ended(&self.stops).await;
                Ended::Broken
            }
        }
    }

    /// The same with signals that are listened for already.
    pub async fn ended_on(&mut self, mut signals: Signals) -> Ended {
        tokio::select! {
            () = signals.asked() => Ended::Asked,
            () = any_ended(&self.stops) => Ended::Broken,
        }
    }

    /// Takes no more requests, waits for what is under way (`drain_s` of the configuration at the
    /// most), makes everything durable and closes the store.
    pub async fn shutdown(self) {
        let Stops { stop_listener, listening, stop_drivers, drivers, store_thread } = self.stops;
        stop_listener.send_replace(true);
        end("the listener", listening).await;
        stop_drivers.send_replace(true);
        for driver in drivers {
            end("a driver", driver).await;
        }
        drop(self.orgs);
        store_thread.close().await;
        if let Some(sandbox) = self.sandbox {
            sandbox.shutdown().await;
        }
    }
}

async fn end(name: &str, task: JoinHandle<()>) {
    if let Err(error) = task.await {
        tracing::error!(%error, "{name} ended in a panic");
    }
}

async fn any_ended(stops: &Stops) {
    while !stops.any_ended() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
