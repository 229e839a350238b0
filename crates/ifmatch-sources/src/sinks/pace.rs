//! When to try again what failed.

use ifmatch_core::{Response, SignedDuration, Timestamp};

/// The pauses of Standard Webhooks after the first, second, … failure, in seconds; after the last one it is given up.
const WEBHOOKS_S: &[i64] = &[5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// The pauses where nothing is ever given up; the last one holds from there on.
const PATIENT_S: &[i64] = &[5, 30, 120, 300, 600, 900];

/// A server that asks for more than this is asked again all the same.
const RETRY_AFTER_S_MAX: i64 = 3_600;

/// Failures in a row, and when to try again.
#[derive(Debug)]
pub struct Pace {
    pauses: &'static [i64],
    ends: bool,
    failures: usize,
    not_before: Option<Timestamp>,
}

impl Pace {
    /// For what must be told, however long it takes.
    #[must_use]
    pub fn patient() -> Self {
        Self { pauses: PATIENT_S, ends: false, failures: 0, not_before: None }
    }

    /// That of Standard Webhooks: ten attempts within some three days.
    #[must_use]
    pub fn webhooks() -> Self {
        Self { pauses: WEBHOOKS_S, ends: true, failures: 0, not_before: None }
    }

    /// Before this instant nothing is sent.
    pub(super) fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// Something went well.
    pub(super) fn calm(&mut self) {
        self.failures = 0;
        self.not_before = None;
    }

    /// Something failed; false where that was the last attempt. A server that says when to come back is believed.
    pub(super) fn failed(&mut self, now: Timestamp, answer: Option<&Response>) -> bool {
        let last = self.pauses.last().copied().unwrap_or_default();
        let own = match self.pauses.get(self.failures) {
            Some(pause) => *pause,
            None if self.ends => return false,
            None => last,
        };
        let asked = answer.and_then(|answer| retry_after_s(now, answer)).unwrap_or(0);
        let pause = own.max(asked.min(RETRY_AFTER_S_MAX));
        self.failures += 1;
        self.not_before = now.checked_add(SignedDuration::from_secs(pause)).ok();
        true
    }
}

/// `Retry-After` in seconds, however it is spelt (RFC 9110 §10.2.3).
fn retry_after_s(now: Timestamp, answer: &Response) -> Option<i64> {
    let text = answer.header("retry-after")?.trim();
    text.parse().ok().filter(|seconds| *seconds >= 0).or_else(|| {
        let at = ifmatch_dialects::instants::http_date(text)?;
        Some(at.duration_since(now).as_secs().max(0))
    })
}

#[cfg(test)]
mod tests {
    //! Pauses grow, and a server's word counts.

    use super::*;

    fn now() -> Timestamp {
        "2026-11-16T07:00:00Z".parse().unwrap()
    }

    fn pause(pace: &Pace) -> i64 {
        pace.not_before().unwrap().duration_since(now()).as_secs()
    }

    #[test]
    fn pauses_grow_to_a_quarter_of_an_hour_and_start_anew_when_something_goes_well() {
        let mut pace = Pace::patient();
        let mut seen = Vec::new();
        for _ in 0..8 {
            pace.failed(now(), None);
            seen.push(pause(&pace));
        }
        assert_eq!(seen, [5, 30, 120, 300, 600, 900, 900, 900]);
        pace.calm();
        assert_eq!(pace.not_before(), None);
        pace.failed(now(), None);
        assert_eq!(pause(&pace), 5);
    }

    #[test]
    fn a_webhook_is_tried_ten_times_over_three_days() {
        let mut pace = Pace::webhooks();
        let mut all = 0;
        for _ in 0..9 {
            assert!(pace.failed(now(), None));
            all += pause(&pace);
        }
        assert!(!pace.failed(now(), None), "the tenth was the last");
        assert!((3 * 86_400..4 * 86_400).contains(&all), "{all}");
    }

    #[test]
    fn a_servers_word_counts_within_an_hour() {
        let says = |value: &str| {
            let mut pace = Pace::patient();
            let headers = vec![("Retry-After".to_owned(), value.to_owned())];
            pace.failed(now(), Some(&Response { status: 503, headers, body: String::new() }));
            pause(&pace)
        };
        assert_eq!(says("40"), 40);
        assert_eq!(says("Mon, 16 Nov 2026 07:01:00 GMT"), 60);
        assert_eq!(says("86400"), RETRY_AFTER_S_MAX);
        assert_eq!(says("soon"), 5);
        assert_eq!(says("-3"), 5);
    }
}
