//! Two records that were made for one foreign record.

use super::Verdict;
use super::records::{Records, is_ours};
use std::collections::BTreeMap;

/// The fields by which senders mark their records.
const MARKS: [&str; 2] = ["/correlation_id", "/swap_request_id"];

pub(super) fn judge(records: &Records<'_>, verdict: &mut Verdict) {
    let mut made: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for record in &records.all {
        let creation = record.entries.first().filter(|entry| is_ours(entry) && entry.from_version.is_none());
        for change in creation.into_iter().flat_map(|entry| &entry.changes) {
            let mark = change.after.as_ref().and_then(|mark| mark.as_str()).filter(|mark| !mark.is_empty());
            let Some(mark) = mark.filter(|_| MARKS.contains(&change.path.as_str())) else { continue };
            if let Some(first) = made.insert((&change.path, mark), record.path) {
                verdict.duplicates.push(format!("{mark} was made twice: {first} and {}", record.path));
            }
        }
    }
}
