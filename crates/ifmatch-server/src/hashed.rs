//! Secrets as digests: what the process keeps of tokens and of source secrets.

use sha2::{Digest, Sha256};
use std::fmt;
use subtle::ConstantTimeEq;

/// The SHA-256 of a secret. Secrets here have at least 128 bits of their own, so no slow hash is
/// needed. Ordered, so that tokens can be looked up by digest without comparing secrets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hashed([u8; 32]);

impl Hashed {
    /// The digest of a secret.
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The first eight digits, to tell one from another.
    pub(crate) fn short(&self) -> String {
        self.0.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether this is the digest of that secret, in constant time.
    pub(crate) fn is(&self, secret: &str) -> bool {
        bool::from(self.0.ct_eq(&Self::of(secret).0))
    }
}

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hashed)")
    }
}
