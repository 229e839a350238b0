//! What a member of a composition comes to.

use super::base::interval_set;
use super::edit::covers;
use super::fate::MemberFate;
use super::words::laid_on;
use crate::record::KeptEdit;
use ifmatch_merge::{Change, Pointer, Schema, apply, get, same};
use serde_json::{Value, json};

/// What a member comes to.
pub(super) struct Outcome {
    pub(super) fate: MemberFate,
    /// The changes that it makes to the record.
    pub(super) changes: Vec<Change>,
    /// What its source's shadow becomes when it settles.
    pub(super) said: Vec<Change>,
    /// The paths that it edits.
    pub(super) paths: Vec<Pointer>,
    /// The same with their bases, where members of its source may follow or come before.
    pub(super) based: Vec<KeptEdit>,
    /// Whether it says values, so that a newer value can say it all.
    pub(super) is_value: bool,
    /// Whether it speaks of the whole record.
    pub(super) whole: Option<Value>,
}

impl Outcome {
    pub(super) fn ended(fate: MemberFate) -> Self {
        Self {
            fate,
            changes: Vec::new(),
            said: Vec::new(),
            paths: Vec::new(),
            based: Vec::new(),
            is_value: false,
            whole: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.fate, MemberFate::Carried { .. } | MemberFate::Review { .. })
    }

    /// Whether it is the word of its source, so that it can supersede an older one.
    pub(super) fn speaks(&self) -> bool {
        self.is_value
            && matches!(
                self.fate,
                MemberFate::Carried { .. } | MemberFate::Satisfied { .. } | MemberFate::Review { .. }
            )
    }

    /// Whether its values are what the record will hold.
    pub(super) fn stands(&self) -> bool {
        matches!(self.fate, MemberFate::Carried { .. } | MemberFate::Satisfied { .. })
    }

    /// Takes over what an older one that it supersedes has put on the canvas.
    pub(super) fn inherit(&mut self, schema: &Schema, older: &mut Self) {
        if !self.stands() {
            return;
        }
        if !older.changes.is_empty() && !matches!(self.fate, MemberFate::Carried { .. }) {
            // What it stands on is still to be written.
            self.fate = MemberFate::carried();
        }
        for change in std::mem::take(&mut older.changes) {
            match self.changes.iter_mut().find(|mine| mine.path == change.path) {
                Some(mine) => mine.before = before_both(schema, mine, change),
                None => self.changes.push(change),
            }
        }
        let changed = !self.changes.is_empty();
        self.changes.retain(|change| !same(change.before.as_ref(), change.after.as_ref()));
        if changed && self.changes.is_empty() {
            // It goes back to what stands: a write would carry nothing of it, and nothing of it could be taken back.
            let reason = "the target holds these values, which an older intent was to change".to_owned();
            self.fate = MemberFate::Satisfied { code: "satisfied/equal", reason };
        }
    }

    /// Goes on from the word of an older one that it supersedes, at the paths where it shows that word as its base: it never
    /// stood, so what counts is what the older one started from.
    pub(super) fn go_on_from(&mut self, older: &Self, shows: impl Fn(&KeptEdit) -> bool) {
        if self.whole.is_some() {
            return;
        }
        let mut edits = match &mut self.fate {
            MemberFate::Review { edits, .. } => std::mem::take(edits),
            MemberFate::Carried { .. } => self.based.clone(),
            _ => return,
        };
        let mut moved = false;
        for edit in &mut edits {
            if let Some(word) = older.based.iter().find(|word| word.path == edit.path && shows(word)) {
                (edit.base, edit.baseless) = (word.base.clone(), word.baseless);
                moved = true;
            }
        }
        if moved {
            self.based.clone_from(&edits);
        }
        match &mut self.fate {
            MemberFate::Carried { goes_on, .. } if moved => *goes_on = edits,
            MemberFate::Review { edits: kept, .. } => *kept = edits,
            _ => {}
        }
    }

    pub(super) fn covers(&self, path: &Pointer) -> bool {
        covers(self.whole.as_ref(), &self.paths, path)
    }
}

/// What a newer change starts from where it takes over an older one. What others put into an interval set between the two is
/// theirs and stays in it.
fn before_both(schema: &Schema, mine: &Change, older: Change) -> Option<Value> {
    if same(mine.before.as_ref(), older.after.as_ref()) || interval_set(schema, &mine.path).is_none() {
        return older.before;
    }
    let stood = Change { path: mine.path.clone(), before: None, after: mine.before.clone() };
    let back = Change { path: older.path, before: older.after, after: older.before.clone() };
    let without = laid_on(schema, &apply(schema, &json!({}), &[stood]), &back);
    without.map_or(older.before, |without| get(schema, &without, &mine.path).cloned())
}
