//! Zendesk: `x-zendesk-webhook-signature` and `x-zendesk-webhook-signature-timestamp`.
//!
//! Signed are the timestamp and the body with nothing between; the key is the secret as it is shown, which is not decoded. The ids of
//! account, webhook and invocation stand in headers that are not signed, so nothing here looks at them.

use super::{Refused, Window, signs};
use crate::Headers;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ifmatch_dialects::instants;

/// Verifies a message.
///
/// # Errors
/// Why it is not believed.
pub fn verify<S: AsRef<str>>(secrets: &[S], headers: &Headers, body: &[u8], window: Window) -> Result<(), Refused> {
    let header = |name: &str| headers.value(name).filter(|value| !value.is_empty()).ok_or(Refused::Missing);
    let timestamp = header("x-zendesk-webhook-signature-timestamp")?;
    let signature = STANDARD.decode(header("x-zendesk-webhook-signature")?).map_err(|_| Refused::Malformed)?;
    window.admit(instants::instant(timestamp).map_err(|_| Refused::Malformed)?)?;
    let parts = [timestamp.as_bytes(), body];
    let fits = |secret: &S| signs(secret.as_ref().as_bytes(), &parts, std::iter::once(&signature));
    if secrets.iter().any(fits) { Ok(()) } else { Err(Refused::Mismatch) }
}
