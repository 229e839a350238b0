//! The paths of the API: building them with the ids escaped, and reading them back.

use std::borrow::Cow;

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

/// One segment of a path, everything but the unreserved characters of RFC 3986 escaped.
pub(crate) fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if text.bytes().all(plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A path below a collection.
pub(crate) fn below(collection: &str, id: &str) -> String {
    format!("{collection}/{}", segment(id))
}

/// A path with a query. Spaces are written `%20`, which every server reads alike.
pub(crate) fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", segment(value))).collect();
    format!("{path}?{}", query.join("&"))
}

/// The path without its query, and the query.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.split_once('?').unwrap_or((path, ""))
}

/// The first value of a query parameter.
pub(crate) fn parameter<'q>(query: &'q str, name: &str) -> Option<Cow<'q, str>> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value)
}

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

/// A segment as it was before it was escaped.
pub(crate) fn unescape(text: &str) -> String {
    let hex = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        match escaped.and_then(hex) {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
