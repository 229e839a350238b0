//! Whether a file is too much to believe.

use super::Census;
use serde::{Deserialize, Serialize};

/// How much a file may change before a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The share of the records said before that may change or go, in each scope, in percent.
    #[serde(default = "a_fifth")]
    pub share_percent_max: u64,
    /// So few records may change or go whatever the share.
    #[serde(default = "a_handful")]
    pub rows_min: u64,
}

fn a_fifth() -> u64 {
    20
}

fn a_handful() -> u64 {
    10
}

impl Default for Guard {
    fn default() -> Self {
        Self { share_percent_max: a_fifth(), rows_min: a_handful() }
    }
}

/// Why a file is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Stable code: `empty_file`, `truncated_file`, `not_adopted` or `mass_change`.
    pub code: &'static str,
    /// Why, in a sentence with the figures.
    pub reason: String,
}

impl Guard {
    /// Whether a file may go. `has_said`: whether its source has ever said anything that it can be compared with.
    ///
    /// # Errors
    /// Why it is held.
    pub fn judge(&self, census: &Census, has_said: bool) -> Result<(), Held> {
        let held = |code, reason| Err(Held { code, reason });
        if census.rows == 0 {
            return held("empty_file", "the file has no rows: an export that found nothing, or none at all".to_owned());
        }
        if census.cut {
            let reason = format!("row {}, the last one, breaks off: the export may have been cut", census.rows);
            return held("truncated_file", reason);
        }
        if !has_said {
            let reason = "there is no earlier state of this source to compare the file with".to_owned();
            return held("not_adopted", reason);
        }
        for (scope, standing) in &census.scopes {
            let moved = standing.changed + standing.missing;
            if moved > self.rows_min && moved * 100 > standing.said * self.share_percent_max {
                let scope = if scope.is_empty() { String::new() } else { format!(" of {scope}") };
                let reason = format!(
                    "{} of {} records{scope} would change and {} would go: more than {} percent",
                    standing.changed, standing.said, standing.missing, self.share_percent_max
                );
                return held("mass_change", reason);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    //! Behaviour of the guard.

    use super::super::Standing;
    use super::*;
    use proptest::prelude::*;

    fn census(said: u64, changed: u64, missing: u64) -> Census {
        let standing = Standing { said, changed, missing, unchanged: said - changed - missing, new: 0 };
        Census { rows: said, scopes: [("w48".to_owned(), standing)].into(), ..Census::default() }
    }

    #[track_caller]
    fn check(census: &Census, has_said: bool, code: Option<&str>) {
        let judged = Guard::default().judge(census, has_said);
        assert_eq!(judged.as_ref().err().map(|held| held.code), code, "{judged:?}");
    }

    #[test]
    fn more_than_a_fifth_and_more_than_a_handful_is_held() {
        check(&census(300, 60, 0), true, None);
        check(&census(300, 61, 0), true, Some("mass_change"));
        check(&census(300, 30, 31), true, Some("mass_change"));
        check(&census(12, 10, 0), true, None);
        check(&census(12, 6, 5), true, Some("mass_change"));
        let held = Guard::default().judge(&census(300, 0, 280), true).unwrap_err();
        assert_eq!(held.reason, "0 of 300 records of w48 would change and 280 would go: more than 20 percent");
    }

    #[test]
    fn nothing_a_cut_row_and_nothing_to_compare_with_are_held() {
        check(&Census::default(), true, Some("empty_file"));
        check(&Census { cut: true, ..census(300, 0, 0) }, true, Some("truncated_file"));
        check(&census(300, 0, 0), false, Some("not_adopted"));
    }

    #[test]
    fn a_new_scope_is_nobodys_loss() {
        let standing = Standing { new: 300, ..Standing::default() };
        check(&Census { rows: 300, scopes: [("w49".to_owned(), standing)].into(), ..Census::default() }, true, None);
    }

    proptest! {
        /// What is let through stays let through when less of it is left, as after a restart.
        #[test]
        fn less_of_what_was_let_through_is_let_through(said in 1..400_u64, changed in 0..400_u64, missing in 0..400_u64, done in 0..400_u64) {
            let changed = changed.min(said);
            let missing = missing.min(said - changed);
            if Guard::default().judge(&census(said, changed, missing), true).is_ok() {
                prop_assert!(Guard::default().judge(&census(said, changed - done.min(changed), missing), true).is_ok());
            }
        }
    }
}
