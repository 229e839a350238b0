//! What a write was let through over, in words.

use super::sides;
use crate::record::IntentRecord;
use serde_json::Value;

/// How many values are told in full.
const VALUES_MAX: usize = 3;

/// What is known of it; nothing where no write of the intent was let through over anything.
pub(super) fn clause(record: &IntentRecord) -> Option<String> {
    let over = record.status.overwrote.as_ref()?;
    let (from, version, others) = (over.from, over.version, over.others);
    let head = format!(
        "the target ignores versions: a write made from version {from} led to version {version}, so up to {others} writes of \
         others were let through before it"
    );
    if !over.known {
        return Some(format!("{head}, and what they wrote is not known"));
    }
    if over.paths.is_empty() {
        return Some(format!("{head}, and it overwrote nothing of them"));
    }
    let value = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), sides::value);
    let told = over.paths.iter().take(VALUES_MAX).map(|at| {
        let by = at.by.as_ref().map(|by| format!(" of {by}")).unwrap_or_default();
        format!("{} = {}{by}", at.path, value(&at.value))
    });
    let more = over.paths.len().saturating_sub(VALUES_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{head}, and it overwrote {}{more}", told.collect::<Vec<_>>().join(", ")))
}
