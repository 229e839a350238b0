//! Budgets: which buckets count a request, and what an answer's headers say of them.

use super::paths::{self, JOBS, PUBLISHING, SCHEDULES, SCORES, TRADES};
use crate::headers::number;
pub(crate) use crate::headers::{date, retry_after};
use ifmatch_core::{BudgetHint, Request, Response, SignedDuration, Timestamp};

#[cfg(test)]
mod tests;

/// The bucket of the client as a whole.
const TENANT: &str = "tenant";

/// The buckets of a request, the widest first. Paths of no family count for the tenant alone.
pub(crate) fn buckets(request: &Request) -> Vec<String> {
    std::iter::once(TENANT).chain(family(&request.path)).map(str::to_owned).collect()
}

fn family(path: &str) -> Option<&'static str> {
    let (path, _) = paths::split(path);
    let is = |collection: &str| paths::below_of(path, collection);
    if is(SCORES).is_some() {
        return Some("scores");
    }
    if is(TRADES).is_some() {
        return Some("shifts");
    }
    if is(PUBLISHING).is_some() || is(JOBS).is_some() {
        return Some("publish");
    }
    if let Some(mut parts) = is(SCHEDULES) {
        let publish = parts.nth(1).is_some_and(|part| paths::unescape(part) == "publish");
        return Some(if publish { "publish" } else { "schedules" });
    }
    let recordings = ["/api/v2/recordings", "/api/v2/recording"];
    recordings.iter().any(|collection| is(collection).is_some()).then_some("recordings")
}

/// The bucket that a refusal for too many requests closes: the family's, when the tenant's window
/// still has room, else the tenant's.
pub(crate) fn throttled_bucket(request: &Request, response: &Response) -> String {
    let remaining = number(response, "x-rate-limit-remaining");
    let family = family(&request.path).filter(|_| remaining.is_some_and(|left| left > 0));
    family.unwrap_or(TENANT).to_owned()
}

/// What the headers say of the tenant's window; nothing unless all three are there.
pub(crate) fn hints(now: Timestamp, response: &Response) -> Vec<BudgetHint> {
    let hint = || {
        let seconds = i64::try_from(number(response, "x-rate-limit-reset")?).ok()?;
        Some(BudgetHint {
            bucket: TENANT.to_owned(),
            limit: number(response, "x-rate-limit-limit")?,
            remaining: number(response, "x-rate-limit-remaining")?,
            reset_at: now.checked_add(SignedDuration::from_secs(seconds)).ok()?,
        })
    };
    hint().into_iter().collect()
}
