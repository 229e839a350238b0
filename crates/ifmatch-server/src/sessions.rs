//! Access tokens of sources: opaque, random, kept in memory as digests, gone with the process.

use crate::app::Account;
use crate::hashed::Hashed;
use crate::random;
use ifmatch_core::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Tokens of one source at once; the oldest goes when there are more.
const TOKENS_MAX: usize = 1000;

#[derive(Debug)]
struct Session {
    account: Arc<Account>,
    expires_at: Timestamp,
}

/// The tokens given out.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<BTreeMap<Hashed, Session>>);

impl Sessions {
    /// Gives out a token for a source that has logged in.
    pub(crate) fn open(&self, account: &Arc<Account>, now: Timestamp, expires_at: Timestamp) -> String {
        let token = random::secret();
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.expires_at > now);
        let own = |session: &Session| session.account.client_id == account.client_id;
        if sessions.values().filter(|session| own(session)).count() >= TOKENS_MAX {
            let oldest = sessions.iter().filter(|(_, session)| own(session));
            let oldest = oldest.min_by_key(|(_, session)| session.expires_at).map(|(token, _)| token.clone());
            oldest.map(|token| sessions.remove(&token));
        }
        let account = Arc::clone(account);
        sessions.insert(Hashed::of(&token), Session { account, expires_at });
        token
    }

    /// The source of a token that is still valid. The look-up is by digest, so its timing tells
    /// nothing about tokens.
    pub(crate) fn account(&self, token: &str, now: Timestamp) -> Option<Arc<Account>> {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.get(&Hashed::of(token))?;
        (session.expires_at > now).then(|| Arc::clone(&session.account))
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of tokens.

    use super::*;
    use crate::config::SourceKind;
    use ifmatch_core::{OrgName, SignedDuration, SourceName};

    fn account() -> Arc<Account> {
        Arc::new(Account {
            name: SourceName::from("script"),
            org: OrgName::from("acme"),
            kind: SourceKind::Script,
            client_id: "script".to_owned(),
            secret: Hashed::of("secret"),
            observe: false,
            upstream: false,
        })
    }

    #[test]
    fn a_token_is_valid_until_it_expires() {
        let (sessions, now) = (Sessions::default(), Timestamp::UNIX_EPOCH);
        let token = sessions.open(&account(), now, now + SignedDuration::from_secs(60));
        assert_eq!(sessions.account(&token, now).unwrap().client_id, "script");
        assert!(sessions.account(&token, now + SignedDuration::from_secs(60)).is_none());
        assert!(sessions.account("another", now).is_none());
    }

    #[test]
    fn a_source_cannot_fill_the_memory_with_tokens() {
        let (sessions, now, account) = (Sessions::default(), Timestamp::UNIX_EPOCH, account());
        let first = sessions.open(&account, now, now + SignedDuration::from_secs(60));
        for _ in 0..TOKENS_MAX {
            sessions.open(&account, now, now + SignedDuration::from_secs(61));
        }
        assert!(sessions.account(&first, now).is_none(), "the oldest went");
        assert_eq!(sessions.0.lock().unwrap().len(), TOKENS_MAX);
    }
}
