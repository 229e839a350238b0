//! Who sends an observed request, and by whose credentials it goes on.

use crate::app::{Account, App};
use crate::auth;
use crate::hashed::Hashed;
use http::HeaderMap;
use ifmatch_core::Client;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens of the target of which the client is remembered; beyond that all are forgotten.
const TOKENS_MAX: usize = 10_000;

/// The clients that logged in at the target through the gateway, by the tokens that they were given.
#[derive(Debug, Default)]
pub(crate) struct Logins(Mutex<BTreeMap<Hashed, (Arc<Account>, String)>>);

impl Logins {
    pub(crate) fn note(&self, token: &str, account: &Arc<Account>, client_id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= TOKENS_MAX {
            known.clear();
        }
        known.insert(Hashed::of(token), (Arc::clone(account), client_id.to_owned()));
    }

    fn of(&self, token: &str) -> Option<(Arc<Account>, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&Hashed::of(token)).cloned()
    }
}

/// An observed caller.
pub(crate) struct Caller {
    pub(crate) account: Arc<Account>,
    pub(crate) client: Client,
}

/// The observed source that a request comes from; `None` where nobody is observed, and for the operator.
pub(crate) fn caller(app: &App, headers: &HeaderMap) -> Option<Caller> {
    if app.watchers.is_empty() {
        return None;
    }
    let token = auth::bearer(headers);
    if let Some(token) = token {
        if app.operator_token.is(token) {
            return None;
        }
        if let Some(account) = app.sessions.account(token, app.clock.now()) {
            let client = Client { source: account.name.clone(), id: None };
            return account.observe.then_some(Caller { account, client });
        }
        if let Some((account, id)) = app.logins.of(token) {
            let client = Client { source: account.name.clone(), id: Some(id) };
            return Some(Caller { account, client });
        }
    }
    // A token, or none, that only the target can judge.
    let account = Arc::clone(only_upstream(app)?);
    let id = token.map_or_else(|| "no token".to_owned(), |token| format!("token {}", Hashed::of(token).short()));
    let client = Client { source: account.name.clone(), id: Some(id) };
    Some(Caller { account, client })
}

/// The source whose clients log in at the target, where there is one such.
pub(crate) fn only_upstream(app: &App) -> Option<&Arc<Account>> {
    let mut all = app.accounts.values().filter(|account| account.upstream);
    all.next().filter(|_| all.next().is_none())
}
