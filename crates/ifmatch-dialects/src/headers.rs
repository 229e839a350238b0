//! What the headers of an answer say, whatever the API.

use crate::instants;
use ifmatch_core::{Response, SignedDuration, Timestamp};

/// A header that is a whole number.
pub(crate) fn number(response: &Response, name: &str) -> Option<u64> {
    response.header(name)?.trim().parse().ok()
}

/// The target's time when it answered, to the second.
pub(crate) fn date(response: &Response) -> Option<Timestamp> {
    instants::http_date(response.header("date")?.trim())
}

/// How long the target asks to wait: `Retry-After` as seconds or as a date (RFC 9110 §10.2.3). A
/// date is one of the target's clock, and known to the second only, so the whole of its second is waited for.
pub(crate) fn retry_after(now: Timestamp, response: &Response) -> Option<SignedDuration> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(SignedDuration::from_secs(i64::from(seconds)));
    }
    let until = instants::http_date(text)?;
    let second = SignedDuration::from_secs(1);
    let asked = date(response).unwrap_or(now);
    Some((until.duration_since(asked) + second).max(SignedDuration::ZERO))
}
