//! When the next request may leave: by what the answers said of their windows, and by what they asked to wait.

use crate::headers::retry_after;
use ifmatch_core::{BudgetHint, Response, SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Where no answer tells a window, requests are this far apart.
const BLIND_GAP: SignedDuration = SignedDuration::from_millis(250);

/// The pause after a refusal for too many requests that does not say how long, where no window is known.
const BLIND_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// Refusals for too many requests in a row after which nothing is tried any more.
const THROTTLED_MAX: u32 = 5;

/// The budget as it is known.
#[derive(Debug, Default)]
pub(super) struct Pace {
    windows: BTreeMap<String, BudgetHint>,
    /// Nothing leaves before this.
    closed_until: Option<Timestamp>,
    /// When the last request left.
    last: Option<Timestamp>,
    throttled: u32,
    /// Whether the window may be used up: somebody asked for that.
    pub(super) exhaust: bool,
}

impl Pace {
    /// Until when a request must wait; `None` when it may leave.
    pub(super) fn hold(&self, now: Timestamp, buckets: &[String]) -> Option<Timestamp> {
        let asked = self.closed_until.filter(|until| now < *until);
        let spent = |hint: &&BudgetHint| now < hint.reset_at && hint.remaining <= reserve(hint.limit);
        let windows = buckets.iter().filter_map(|bucket| self.windows.get(bucket));
        let full = windows.filter(|_| !self.exhaust).filter(spent).map(|hint| hint.reset_at).max();
        let gap = self.last.filter(|_| self.windows.is_empty()).and_then(|last| last.checked_add(BLIND_GAP).ok());
        [asked, full, gap.filter(|until| now < *until)].into_iter().flatten().max()
    }

    /// A request leaves.
    pub(super) fn left(&mut self, now: Timestamp, buckets: &[String]) {
        self.last = Some(now);
        for bucket in buckets {
            if let Some(hint) = self.windows.get_mut(bucket) {
                hint.remaining = hint.remaining.saturating_sub(1);
            }
        }
    }

    /// Takes what an answer says of the budget. Whether it refuses for too many requests.
    pub(super) fn answered(&mut self, now: Timestamp, hints: Vec<BudgetHint>, response: &Response) -> bool {
        for hint in hints {
            self.windows.insert(hint.bucket.clone(), hint);
        }
        let asked = retry_after(now, response).filter(|_| !response.is_success());
        if response.status != 429 && asked.is_none() {
            self.throttled = 0;
            return false;
        }
        self.throttled += 1;
        let known = self.windows.values().filter(|hint| now < hint.reset_at && hint.remaining == 0);
        let known = known.map(|hint| hint.reset_at.duration_since(now)).max();
        let pause = asked.or(known).unwrap_or(BLIND_PAUSE);
        self.closed_until = now.checked_add(pause).ok().max(self.closed_until);
        true
    }

    /// Whether the target refused so often that it must not be asked any more.
    pub(super) fn is_worn(&self) -> bool {
        self.throttled >= THROTTLED_MAX
    }
}

/// How much of a window is left to others.
fn reserve(limit: u64) -> u64 {
    (limit / 10).max(2).min(limit / 2)
}

#[cfg(test)]
mod tests {
    //! Behaviour of the pace.

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_794_812_400 + second).unwrap()
    }

    fn hint(remaining: u64) -> BudgetHint {
        BudgetHint { bucket: "token".to_owned(), limit: 300, remaining, reset_at: at(50) }
    }

    fn answer(status: u16, wait: Option<&str>) -> Response {
        let headers = wait.map(|wait| ("Retry-After".to_owned(), wait.to_owned())).into_iter().collect();
        Response { status, headers, body: String::new() }
    }

    #[test]
    fn a_tenth_of_the_window_is_left_to_others() {
        let (mut pace, token) = (Pace::default(), ["token".to_owned()]);
        assert!(!pace.answered(at(0), vec![hint(31)], &answer(200, None)));
        assert_eq!(pace.hold(at(0), &token), None);
        pace.left(at(0), &token);
        assert_eq!(pace.hold(at(1), &token), Some(at(50)));
        assert_eq!(pace.hold(at(50), &token), None, "the window has ended");
        assert_eq!(pace.hold(at(1), &["upload".to_owned()]), None, "what no window counts may leave");
    }

    #[test]
    fn what_the_target_asks_to_wait_is_waited() {
        let mut pace = Pace::default();
        assert!(pace.answered(at(0), vec![], &answer(429, Some("42"))));
        assert_eq!(pace.hold(at(41), &[]), Some(at(42)));
        assert_eq!(pace.hold(at(42), &[]), None);
        assert!(pace.answered(at(42), vec![hint(0)], &answer(429, None)));
        assert_eq!(pace.hold(at(43), &[]), Some(at(50)), "without a word, the end of the window");
        for _ in 0..3 {
            assert!(!pace.is_worn());
            pace.answered(at(50), vec![], &answer(429, None));
        }
        assert!(pace.is_worn());
    }

    #[test]
    fn without_windows_requests_are_apart() {
        let mut pace = Pace::default();
        pace.left(at(0), &[]);
        assert!(pace.hold(at(0), &[]).is_some());
        assert_eq!(pace.hold(at(1), &[]), None);
    }
}
