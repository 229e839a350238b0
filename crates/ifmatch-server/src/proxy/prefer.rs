//! What a client prefers (RFC 7240): how long it waits, and whether it wants the target's bare
//! semantics.

use crate::problem::Fault;
use crate::wait;
use http::HeaderMap;
use ifmatch_core::SignedDuration;

/// The preferences that the proxy knows; others are ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Prefer {
    /// How long the outcome is waited for, scenario time.
    pub(super) wait: SignedDuration,
    /// Whether a stale write is refused instead of merged.
    pub(super) strict: bool,
}

impl Prefer {
    pub(super) fn read(headers: &HeaderMap, default: SignedDuration, max: SignedDuration) -> Result<Self, Fault> {
        let mut prefer = Self { wait: default, strict: false };
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| value.split(',')) {
            let main = preference.split(';').next().unwrap_or_default();
            let (name, value) = main.split_once('=').unwrap_or((main, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "wait" => prefer.wait = wait::seconds("Prefer", value, max)?,
                "respond-async" => prefer.wait = SignedDuration::ZERO,
                "handling" => prefer.strict = value.eq_ignore_ascii_case("strict"),
                _ => {}
            }
        }
        Ok(prefer)
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of preferences.

    use super::*;

    fn check(header: &str, wait_s: i64, strict: bool) {
        let headers = [("prefer".parse().unwrap(), header.parse().unwrap())].into_iter().collect();
        let (default, max) = (SignedDuration::from_secs(25), SignedDuration::from_secs(300));
        let wait = SignedDuration::from_secs(wait_s);
        assert_eq!(Prefer::read(&headers, default, max), Ok(Prefer { wait, strict }), "{header}");
    }

    #[test]
    fn known_preferences_count_and_others_do_not() {
        check("", 25, false);
        check("wait=5", 5, false);
        check("return=minimal, Wait=\"7\"; x=1, handling=strict", 7, true);
        check("handling=lenient", 25, false);
        check("respond-async", 0, false);
        check("wait=100000", 300, false);
    }
}
