//! The paths of the API: where the records of each kind lie, and which record a path means.

use super::kinds::{CODE, EVALUATION, Kind, Kinds};
use crate::paths::{segment, unescape};

/// Where everything of workforce management lies.
pub(crate) const W: &str = "/api/v2/workforcemanagement";
/// Where evaluations lie, below their conversations.
const CONVERSATIONS: &str = "/api/v2/quality/conversations";

/// Where the job of supervisors begins that settles trades of a business unit.
pub(crate) const TRADES_JOB: &str = "/businessunits/{}/shifttrading/trades/state/bulk/jobs";

/// A path below `/api/v2/workforcemanagement`, each `{}` replaced by the next part, escaped.
pub(crate) fn filled(template: &str, parts: &[&str]) -> String {
    let mut parts = parts.iter();
    let mut path = W.to_owned();
    for piece in template.split('/').skip(1) {
        path.push('/');
        match piece {
            "{}" => path.push_str(&segment(parts.next().copied().unwrap_or_default())),
            plain => path.push_str(plain),
        }
    }
    path
}

/// Where a record lies, by the parts of its id.
pub(crate) fn of_record(kind: &Kind, parts: &[&str]) -> String {
    match (&*kind.spec.name, parts) {
        (EVALUATION, [conversation, id]) => {
            format!("{CONVERSATIONS}/{}/evaluations/{}", segment(conversation), segment(id))
        }
        _ => filled(kind.path, parts),
    }
}

/// The kind of the record that a path means, and its id. Who says `mine` means a unit that only its token tells.
pub(crate) fn record_at<'k>(kinds: &'k Kinds, path: &str) -> Option<(&'k Kind, String)> {
    let found = kinds.iter().find_map(|kind| {
        let template = if kind.spec.name == EVALUATION {
            format!("{CONVERSATIONS}/{{}}/evaluations/{{}}")
        } else {
            format!("{W}{}", Some(kind.path).filter(|path| !path.is_empty())?)
        };
        Some((kind, matched(&template, path)?))
    });
    let (kind, parts) = found.filter(|(_, parts)| !parts.iter().any(|part| part == "mine"))?;
    // What stands beside the codes is no code.
    if kind.spec.name == CODE && parts.last().is_some_and(|id| id == "bulk") {
        return None;
    }
    let id = parts.join("/");
    kind.parts(&id).is_some().then_some((kind, id))
}

/// The parts of a path that a template leaves open; `None` for another path.
pub(crate) fn matched(template: &str, path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let (mut own, mut given) = (template.split('/'), path.split('/'));
    let mut parts = Vec::new();
    loop {
        match (own.next(), given.next()) {
            (None, None) => return Some(parts),
            (Some("{}"), Some(part)) if !part.is_empty() => {
                let part = unescape(part);
                if part.contains('/') {
                    return None;
                }
                parts.push(part);
            }
            (Some(own), Some(given)) if own == given && own != "{}" => {}
            _ => return None,
        }
    }
}
