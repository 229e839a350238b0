//! The paths of the API: building them with the ids escaped, and reading them back.

pub(crate) use crate::paths::{below, parameter, split, unescape, with_query};

#[cfg(test)]
mod tests;

/// The collection of quality scores.
pub(crate) const SCORES: &str = "/api/v2/wfm/v2/quality/scores";
/// The collection of shift trades.
pub(crate) const TRADES: &str = "/api/v2/wfm/scheduling/shifts";
/// The collection of schedules.
pub(crate) const SCHEDULES: &str = "/api/v2/wfm/schedules";
/// Agents' weeks as records of their own.
pub(crate) const AGENT_WEEKS: &str = "/api/v2/wfm/schedules/agents";
/// Where schedules are published.
pub(crate) const PUBLISHING: &str = "/api/v2/wfm/scheduling/schedules";
/// Where publish jobs are asked about.
pub(crate) const JOBS: &str = "/api/v2/wfm/scheduling/jobs";

/// The segments of a path below a collection, unescaped; `None` when it lies elsewhere. The paths
/// that reports spell without `/api` mean the same.
pub(crate) fn under(path: &str, collection: &str) -> Option<Vec<String>> {
    Some(below_of(path, collection)?.map(unescape).collect())
}

/// The same as they are written.
pub(crate) fn below_of<'p>(path: &'p str, collection: &str) -> Option<impl Iterator<Item = &'p str> + use<'p>> {
    let short = collection.strip_prefix("/api").unwrap_or(collection);
    let rest = path.strip_prefix(collection).or_else(|| path.strip_prefix(short))?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let segments = if rest.is_empty() { None } else { Some(rest.strip_prefix('/')?.split('/')) };
    Some(segments.into_iter().flatten())
}
