//! Whether a message is from whom it says: signatures over the bytes that came, with a time that must be near.
//!
//! - [`standard`]: Standard Webhooks 1.0.0, scheme `v1`.
//! - [`zendesk`]: the webhooks of Zendesk.
//!
//! Both are HMAC-SHA256; they differ in what is signed, in the key and in how the time is written. Comparisons take constant time. Why a
//! message was refused is for the log: its sender is told only that it was.

pub mod standard;
#[cfg(test)]
mod tests;
pub mod zendesk;

use hmac::{Hmac, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

/// Why a message is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A header of the signature is not there.
    #[error("a header of the signature is missing")]
    Missing,
    /// A header of the signature cannot be read.
    #[error("a header of the signature cannot be read")]
    Malformed,
    /// It was signed too long ago, or by a clock that is ahead.
    #[error("it was not signed just now")]
    Stale,
    /// None of the secrets gives one of its signatures.
    #[error("no secret gives this signature")]
    Mismatch,
}

/// When a message must have been signed.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// The time by the receiver's clock.
    pub now: Timestamp,
    /// How far the sender's time may be from that, either way.
    pub tolerance: SignedDuration,
}

impl Window {
    fn admit(&self, signed: Timestamp) -> Result<(), Refused> {
        let away = self.now.duration_since(signed).abs();
        if away <= self.tolerance { Ok(()) } else { Err(Refused::Stale) }
    }
}

/// The signature of a key over the parts, one after another.
fn signature(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac
}

/// Whether a key gives one of these signatures over the parts.
fn signs<'s>(key: &[u8], parts: &[&[u8]], mut signatures: impl Iterator<Item = &'s Vec<u8>>) -> bool {
    let mac = signature(key, parts);
    signatures.any(|signature| mac.clone().verify_slice(signature).is_ok())
}
