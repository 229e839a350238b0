//! Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
//!
//! Signed is `id.timestamp.body`. The signature header lists several, parted by blanks, each with its scheme; one that fits is
//! enough, so that senders can change their key. Only `v1` (HMAC-SHA256) is known here, others in the list are passed over.

use super::{Refused, Window, signature, signs};
use crate::Headers;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Mac as _;
use jiff::Timestamp;
use std::fmt;

/// Bytes that a key may have.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret as senders show it: `whsec_` and the key in base64. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// A text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be whsec_ and 24 to 64 bytes in base64")]
pub struct NoSecret;

impl Secret {
    /// Reads a secret. The prefix may be left out.
    ///
    /// # Errors
    /// It is no base64, or too short or too long.
    pub fn parse(text: &str) -> Result<Self, NoSecret> {
        let key = STANDARD.decode(text.strip_prefix("whsec_").unwrap_or(text)).map_err(|_| NoSecret)?;
        if KEY_BYTES.contains(&key.len()) { Ok(Self(key)) } else { Err(NoSecret) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Verifies a message and gives its signed id, which is the same when the sender repeats it.
///
/// # Errors
/// Why it is not believed.
pub fn verify<'h>(secrets: &[Secret], headers: &'h Headers, body: &[u8], window: Window) -> Result<&'h str, Refused> {
    let header = |name: &str| headers.value(name).filter(|value| !value.is_empty()).ok_or(Refused::Missing);
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let signatures = header("webhook-signature")?;
    // A dot parts what is signed: with one more, two messages could have one signature.
    if id.contains('.') || timestamp.contains('.') {
        return Err(Refused::Malformed);
    }
    let seconds = timestamp.parse::<i64>().map_err(|_| Refused::Malformed)?;
    window.admit(Timestamp::from_second(seconds).map_err(|_| Refused::Malformed)?)?;
    let given = signatures.split_ascii_whitespace().filter_map(|entry| entry.strip_prefix("v1,"));
    let given: Vec<Vec<u8>> = given.filter_map(|text| STANDARD.decode(text).ok()).collect();
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    match secrets.iter().any(|secret| signs(&secret.0, &parts, given.iter())) {
        true => Ok(id),
        false => Err(Refused::Mismatch),
    }
}

/// Signs a message: the values of `webhook-timestamp` and `webhook-signature`. The id must have no dot.
#[must_use]
pub fn sign(secret: &Secret, id: &str, at: Timestamp, body: &str) -> (String, String) {
    let timestamp = at.as_second().to_string();
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body.as_bytes()];
    let signature = STANDARD.encode(signature(&secret.0, &parts).finalize().into_bytes());
    (timestamp, format!("v1,{signature}"))
}
