//! Budgets: which buckets count a request, and what an answer's headers say of them.

use super::kinds::TRADE;
use super::refusals;
use crate::headers::number;
pub(crate) use crate::headers::{date, retry_after};
use crate::paths::split;
use ifmatch_core::{BudgetHint, Request, Response, SignedDuration, Timestamp};
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The bucket of the token: 300 requests a minute unless the vendor raised it.
const TOKEN: &str = "token";
/// The bucket of the job routes of shift trading: five a minute for the user, which no header tells.
const TRADING: &str = "shift-trading";
/// What goes to a signed address is counted by nobody.
const UPLOAD: &str = "upload";

/// The buckets of a request, the widest first.
pub(crate) fn buckets(request: &Request) -> Vec<String> {
    let all: &[&str] = match request {
        Request { signed: true, .. } => &[UPLOAD],
        _ if trades(request) => &[TOKEN, TRADING],
        _ => &[TOKEN],
    };
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// The buckets that count the write of a kind and not its read.
pub(crate) fn of_write(kind: &str) -> &'static [&'static str] {
    if kind == TRADE { &[TRADING] } else { &[] }
}

fn trades(request: &Request) -> bool {
    split(&request.path).0.contains("/shifttrading/")
}

/// The bucket that a refusal for too many requests closes: the one that it names, else the narrow one where the token's
/// window still has room.
pub(crate) fn throttled_bucket(request: &Request, response: &Response) -> String {
    if request.signed {
        return UPLOAD.to_owned();
    }
    let told = refusals::told(&response.json().unwrap_or(Value::Null));
    let named = told.limit.map(|name| name.ends_with("shift.trading"));
    let room = counts(response).is_some_and(|(count, allowed, _)| count < allowed);
    let narrow = trades(request) && named.unwrap_or(room);
    (if narrow { TRADING } else { TOKEN }).to_owned()
}

/// What the headers say of the token's window; nothing unless all three are there.
pub(crate) fn hints(now: Timestamp, response: &Response) -> Vec<BudgetHint> {
    let hint = || {
        let (count, allowed, reset) = counts(response)?;
        let seconds = i64::try_from(reset).ok()?;
        Some(BudgetHint {
            bucket: TOKEN.to_owned(),
            limit: allowed,
            remaining: allowed.saturating_sub(count),
            reset_at: now.checked_add(SignedDuration::from_secs(seconds)).ok()?,
        })
    };
    hint().into_iter().collect()
}

/// Requests counted, requests allowed, seconds until the window ends.
fn counts(response: &Response) -> Option<(u64, u64, u64)> {
    let header = |name: &str| number(response, name);
    Some((header("inin-ratelimit-count")?, header("inin-ratelimit-allowed")?, header("inin-ratelimit-reset")?))
}
