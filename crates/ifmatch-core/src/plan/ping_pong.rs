//! Path-level ping-pong: two that set one field back and forth, each because of what the other one wrote.
//!
//! Every single write of such a loop is sound, so no merge stops it. What shows it is that one and the same value comes
//! back again and again within minutes: by two sources of ours in turn and nobody else, or by us and whoever else writes in the
//! target. A person who changes her mind does so once or twice.

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
        let (change, other) = aligned.iter().find_map(|(change, _)| {
            let other = partner(&self.ground, &record.source, change).map(ToString::to_string);
            Some((change, other.or_else(|| foreigner(&self.ground, change))?))
        })?;
        let stands = get(&self.ground.spec.schema, &self.value, &change.path);
        let conflict = Conflict {
            path: change.path.clone(),
            base: None,
            local: change.after.clone(),
            remote: stands.cloned(),
            remote_writer: Some(other.clone()),
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
    if other == source {
        return None;
    }
    let by_us = |snapshot: &Snapshot| snapshot.writer == remote.writer;
    let turns = turns(ground, change, by_us);
    (turns.len() >= 2 * RETURNS).then_some(other)
}

/// The writer in the target with whom this change would go on to and fro, if it would.
fn foreigner(ground: &Ground<'_>, change: &Change) -> Option<String> {
    // Something of ours landed there before: who only looks on takes no part.
    ground.row.written.keys().find(|at| at.overlaps(&change.path))?;
    let turns = turns(ground, change, |_| true);
    let last = turns.get(..2 * RETURNS)?;
    let (theirs, ours) = (last[0].1?, last[1].1?);
    let in_turn = last.iter().all(|(side, writer)| match side {
        Side::Mine => *writer == Some(ours),
        Side::Theirs => writer.is_some_and(|writer| writer != ours),
    });
    in_turn.then(|| theirs.to_owned())
}

/// Whose value stood there: the one that this change sets, or the one that stands against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Mine,
    Theirs,
}

/// How the two values took turns of late, newest first, each with who brought it; up to the first other value.
fn turns<'g>(ground: &Ground<'g>, change: &Change, counts: impl Fn(&Snapshot) -> bool) -> Vec<(Side, Option<&'g str>)> {
    let schema = &ground.spec.schema;
    let mut turns: Vec<(Side, Option<&'g str>)> = Vec::new();
    let Some(remote) = ground.remote else { return turns };
    let (theirs, mine) = (get(schema, &remote.value, &change.path), change.after.as_ref());
    if same(mine, theirs) {
        return turns;
    }
    let recent = |snapshot: &&Snapshot| counts(snapshot) && ground.now.duration_since(snapshot.read_at) <= WITHIN;
    for snapshot in ground.row.history.iter().rev().take_while(recent) {
        let value = get(schema, &snapshot.value, &change.path);
        let side = match (same(value, theirs), same(value, mine)) {
            (true, _) => Side::Theirs,
            (_, true) => Side::Mine,
            (false, false) => break,
        };
        let writer = snapshot.writer.as_deref();
        match turns.last_mut() {
            // What stood on is of whoever brought it, not of who changed something else since.
            Some((last, by)) if *last == side => *by = writer,
            _ => turns.push((side, writer)),
        }
    }
    turns
}
