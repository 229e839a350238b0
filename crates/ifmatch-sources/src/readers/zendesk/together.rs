//! How rows relate: the same request twice, one id for two requests, two stories of one request.

use super::Record;
use std::collections::BTreeMap;

/// How a row relates to the others with its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// No other row has its id, or it is the first of equal ones.
    Alone,
    /// An earlier row says the same in every column.
    CopyOf(u64),
    /// Another row tells the same request, by its ticket, differently.
    Contradicts(u64),
    /// Another row uses the id for another ticket.
    IdTwiceWith(u64),
}

/// The relation of each row, in the order of the rows.
pub(super) fn relations(records: &[Record]) -> Vec<Relation> {
    let mut by_id: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        by_id.entry(record.get("swap_request_id")).or_default().push(record);
    }
    let relate = |record: &Record| match by_id.get(record.get("swap_request_id")) {
        Some(same_id) if !record.get("swap_request_id").is_empty() => relation(record, same_id),
        _ => Relation::Alone,
    };
    records.iter().map(relate).collect()
}

fn relation(record: &Record, same_id: &[&Record]) -> Relation {
    let earlier = same_id.iter().find(|other| other.row < record.row && record.says_the_same(other));
    if let Some(first) = earlier {
        return Relation::CopyOf(first.row);
    }
    match same_id.iter().find(|other| !record.says_the_same(other)) {
        None => Relation::Alone,
        Some(other) if other.get("ticket_id") == record.get("ticket_id") => Relation::Contradicts(other.row),
        Some(other) => Relation::IdTwiceWith(other.row),
    }
}
