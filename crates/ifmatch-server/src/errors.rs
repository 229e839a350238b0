//! The page of every stable code: what it means and what to do. `ifmatch explain` prints them, and
//! the `type` of every problem leads to one.

/// A code and its page. The file of `review/true_conflict` is `review-true_conflict.md`.
type Page = (&'static str, &'static str);

macro_rules! pages {
    ($($code:literal)*) => {
        &[$(($code, include_str!(concat!("../../../docs/errors/", $code, ".md")))),*]
    };
}

/// Ordered by code, with `-` where a code of an intent has `/`.
const PAGES: &[Page] = pages! {
    "ambiguous-no_answer"
    "ambiguous-restart"
    "ambiguous_local_time"
    "body_cut"
    "cancelled-withdrawn"
    "conflict_moved"
    "contradicting_duplicate"
    "deferred-brake"
    "deferred-not_before"
    "deferred-throttled"
    "deferred-unauthorised"
    "discarded-decision"
    "duplicate_row"
    "end_before_start"
    "expired-deadline"
    "expired-deferred"
    "expired-lock"
    "expired-review"
    "forbidden"
    "foreign_org"
    "history_not_wanted"
    "id_used_twice"
    "idempotency_key_ambiguous"
    "idempotency_mismatch"
    "immutable_field"
    "internal"
    "invalid_argument"
    "invalid_date"
    "invalid_field"
    "invalid_id"
    "invalid_intent"
    "invalid_json"
    "invalid_key"
    "invalid_number"
    "invalid_parameter"
    "invalid_score"
    "invalid_time"
    "landed-written"
    "malformed_row"
    "method_not_allowed"
    "missing_field"
    "missing_local_time"
    "naive_time"
    "no_token"
    "not_found"
    "not_in_review"
    "not_landed"
    "not_ready"
    "not_text"
    "not_undoable"
    "overloaded"
    "parked-contended"
    "parked-dependency"
    "parked-forbidden"
    "parked-lock"
    "queued-bisect"
    "queued-decision"
    "queued-exists"
    "queued-in_progress"
    "queued-no_effect"
    "queued-not_carried"
    "queued-not_sent"
    "queued-probe"
    "queued-review_settled"
    "queued-run_failed"
    "queued-stale"
    "rejected-immutable_field"
    "rejected-invalid"
    "rejected-no_base"
    "rejected-not_found"
    "rejected-remote_wins"
    "rejected-removed"
    "rejected-stale"
    "rejected-true_conflict"
    "rejected-unknown_base"
    "rejected-unsupported_change"
    "review-ambiguity_exhausted"
    "review-contradicts"
    "review-dependency_wait_exhausted"
    "review-forbidden"
    "review-identity"
    "review-invariant"
    "review-joined"
    "review-lag_exhausted"
    "review-lock_wait_exhausted"
    "review-merges_exhausted"
    "review-missing"
    "review-natural_key_taken"
    "review-no_base"
    "review-operation_failed"
    "review-overlap"
    "review-patch_does_not_fit"
    "review-ping_pong"
    "review-rule"
    "review-time"
    "review-true_conflict"
    "review-unclassified"
    "review-undecided"
    "review-unknown_base"
    "review-unknown_revision"
    "same_agent"
    "satisfied-equal"
    "satisfied-published"
    "satisfied-unchanged"
    "source_unsettled"
    "superseded-duplicate"
    "superseded-late"
    "superseded-newer_intent"
    "target_silent"
    "target_unreachable"
    "too_deep"
    "too_large"
    "tracking-joined"
    "tracking-started"
    "unauthorized"
    "unavailable"
    "unforwardable"
    "unknown_agent"
    "unknown_code"
    "unknown_field"
    "unknown_intent"
    "unknown_kind"
    "unknown_operation"
    "unknown_org"
    "unknown_resource"
    "unknown_time_zone"
    "unknown_verb"
    "unmapped_status"
    "unsupported_change"
    "unsupported_verb"
    "version_ambiguous"
};

/// The page of a code, in Markdown; `None` for an unknown one.
///
/// Shape of a code: `idempotency_mismatch`, `review/true_conflict`.
#[must_use]
pub fn page(code: &str) -> Option<&'static str> {
    let name = code.replace('/', "-");
    PAGES.iter().find(|(known, _)| *known == name).map(|(_, page)| *page)
}

/// Every code that has a page, in order.
pub fn codes() -> impl Iterator<Item = String> {
    PAGES.iter().map(|(name, _)| name.replacen('-', "/", 1))
}

#[cfg(test)]
mod tests;
