//! Who sends a message: the ways that a hook's configuration names, tried one after another.

use crate::app::{Account, App};
use crate::auth::{basic, bearer};
use crate::clock::Clock;
use crate::config::{HookAuth, HookSettings};
use crate::hashed::Hashed;
use crate::problem::Fault;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use ifmatch_core::SignedDuration;
use ifmatch_sources::Headers;
use ifmatch_sources::form::Sender;
use ifmatch_sources::signature::{Refused, Window, standard, zendesk};

/// What a hook lets in.
pub(super) struct Gate {
    auth: Vec<HookAuth>,
    /// Digests of the secrets that are compared as they are.
    known: Vec<Hashed>,
    header: HeaderName,
    standard: Vec<standard::Secret>,
    zendesk: Vec<crate::config::Secret>,
    tolerance: SignedDuration,
}

/// The headers of a message. What is no UTF-8 is read as Latin-1; credentials are left out, since no form needs them.
pub(super) fn headers(headers: &HeaderMap) -> Headers {
    let others = headers.iter().filter(|(name, _)| *name != AUTHORIZATION);
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    others.map(|(name, value)| (name.as_str(), text(value.as_bytes()))).collect()
}

impl Gate {
    pub(super) fn of(settings: &HookSettings) -> Self {
        let secrets = || settings.secrets.iter().map(crate::config::Secret::expose);
        let goes_by = |auth: HookAuth| settings.auth.contains(&auth);
        let compared = goes_by(HookAuth::Bearer) || goes_by(HookAuth::ApiKey);
        let standard = secrets().filter(|_| goes_by(HookAuth::StandardWebhooks));
        Self {
            auth: settings.auth.clone(),
            known: secrets().filter(|_| compared).map(Hashed::of).collect(),
            header: settings.header.clone(),
            standard: standard.filter_map(|secret| standard::Secret::parse(secret).ok()).collect(),
            zendesk: settings.secrets.iter().filter(|_| goes_by(HookAuth::Zendesk)).cloned().collect(),
            tolerance: settings.tolerance,
        }
    }

    /// Whether only the body can tell.
    pub(super) fn needs_body(&self) -> bool {
        self.auth.iter().any(|auth| auth.signs())
    }

    /// How the sender is known, where one of the ways tells.
    pub(super) fn admit<'h>(
        &self,
        app: &App,
        account: &Account,
        (headers, message): (&HeaderMap, &'h Headers),
        body: &[u8],
    ) -> Result<Sender<'h>, Fault> {
        let mut signature = None;
        for auth in &self.auth {
            let known = match auth {
                HookAuth::Token => bearer(headers)
                    .and_then(|token| app.sessions.account(token, app.clock.now()))
                    .is_some_and(|caller| caller.name == account.name),
                HookAuth::Basic => headers.get(AUTHORIZATION).and_then(basic).is_some_and(|(id, secret)| {
                    // The secret is compared whoever the id names, so that a wrong id takes the same time.
                    account.secret.is(&secret) & (id == account.client_id)
                }),
                HookAuth::Bearer => bearer(headers).is_some_and(|text| self.knows(text)),
                HookAuth::ApiKey => {
                    headers.get(&self.header).and_then(|value| value.to_str().ok()).is_some_and(|text| self.knows(text))
                }
                HookAuth::StandardWebhooks => match standard::verify(&self.standard, message, body, self.window()) {
                    Ok(id) => return Ok(Sender::Signature { id: Some(id) }),
                    Err(refused) => {
                        signature = Some(refused);
                        false
                    }
                },
                HookAuth::Zendesk => match zendesk::verify(&self.zendesk_secrets(), message, body, self.window()) {
                    Ok(()) => return Ok(Sender::Signature { id: None }),
                    Err(refused) => {
                        signature = Some(refused);
                        false
                    }
                },
            };
            if known {
                return Ok(Sender::Credentials);
            }
        }
        note(account, signature);
        Err(Fault::HookRefused)
    }

    fn knows(&self, text: &str) -> bool {
        self.known.iter().any(|secret| secret.is(text))
    }

    fn zendesk_secrets(&self) -> Vec<&str> {
        self.zendesk.iter().map(crate::config::Secret::expose).collect()
    }

    /// Senders sign by their own clocks, whatever scenario time is here.
    fn window(&self) -> Window {
        Window { now: Clock::outside(), tolerance: self.tolerance }
    }
}

/// Says to whoever runs the gateway what the sender is not told.
fn note(account: &Account, signature: Option<Refused>) {
    let source = &account.name;
    match signature {
        Some(reason) => tracing::warn!(%source, %reason, "a hook refused a message"),
        None => tracing::warn!(%source, reason = "no credentials of it", "a hook refused a message"),
    }
}
