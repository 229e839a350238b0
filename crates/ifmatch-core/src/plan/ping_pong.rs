//! Path-level ping-pong: two sources that set one field back and forth, each because of what the other one wrote.
//!
//! Every single write of such a loop is sound, so no merge stops it. What shows it is that one and the same value comes
//! back again and again within minutes, by two sources in turn and nobody else.

use super::base::Base;
use super::fate::MemberFate;
use super::{Canvas, Ground};
use crate::ids::SourceName;
use crate::intent::Change as Wish;
use crate::record::IntentRecord;
use crate::shadow::Snapshot;
use ifmatch_merge::{Change, Conflict, get, same};
use jiff::SignedDuration;

/// How often a value has come back before the loop is stopped.
const RETURNS: usize = 3;

/// Within what time.
const WITHIN: SignedDuration = SignedDuration::from_mins(10);

impl Canvas<'_> {
    /// Where it would go on with a loop of two sources, a person must stop one of them.
    pub(super) fn ping_pong(&self, record: &IntentRecord, aligned: &[(Change, Base)]) -> Option<MemberFate> {
        // Who takes back what landed goes back on purpose.
        if !record.status.decided.is_empty() || matches!(record.intent.change, Wish::Undo(_)) {
            return None;
        }
        let (change, other) =
            aligned.iter().find_map(|(change, _)| Some((change, partner(&self.ground, &record.source, change)?)))?;
        let stands = get(&self.ground.spec.schema, &self.value, &change.path);
        let conflict = Conflict {
            path: change.path.clone(),
            base: None,
            local: change.after.clone(),
            remote: stands.cloned(),
            remote_writer: Some(other.to_string()),
            stretches: Vec::new(),
        };
        Some(MemberFate::Review {
            code: "review/ping_pong",
            reason: format!("{other} and {} set {} back and forth", record.source, change.path),
            conflict: vec![conflict.into()],
            edits: Vec::new(),
        })
    }
}

/// The source with which this change would go on to and fro, if it would.
fn partner<'g>(ground: &Ground<'g>, source: &SourceName, change: &Change) -> Option<&'g SourceName> {
    let remote = ground.remote?;
    let (_, other) = ground.row.written.iter().find(|(at, _)| at.overlaps(&change.path))?;
    let schema = &ground.spec.schema;
    let theirs = get(schema, &remote.value, &change.path);
    let mine = change.after.as_ref();
    if other == source || same(mine, theirs) {
        return None;
    }
    let recent = |snapshot: &&Snapshot| {
        snapshot.writer == remote.writer && ground.now.duration_since(snapshot.read_at) <= WITHIN
    };
    let (mut returns, mut at_theirs) = (0, true);
    for snapshot in ground.row.history.iter().rev().take_while(recent) {
        let value = get(schema, &snapshot.value, &change.path);
        let (now, next) = if at_theirs { (theirs, mine) } else { (mine, theirs) };
        if same(value, now) {
            continue;
        }
        if !same(value, next) {
            break;
        }
        at_theirs = !at_theirs;
        returns += usize::from(!at_theirs);
    }
    (returns >= RETURNS).then_some(other)
}
