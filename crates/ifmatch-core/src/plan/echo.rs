//! Echoes: what a source says only because a write of ours made it so.
//!
//! A system that hears from the target what we wrote often sends it on, to us as well, and sometimes late. It names the
//! version that it heard of. Where that is the very version that a write of ours made, and the value is the one that was
//! written, nobody wishes anything: without this, a late echo asks to set back what somebody has changed since.

use super::Canvas;
use super::fate::MemberFate;
use crate::dialect::alike;
use crate::record::IntentRecord;
use ifmatch_merge::{Change, get, same};
use serde_json::Value;

impl Canvas<'_> {
    /// The changes of a patch that are no echoes.
    ///
    /// # Errors
    /// It is nothing but echoes: its fate.
    pub(super) fn without_echoes(
        &self,
        record: &IntentRecord,
        changes: Vec<Change>,
    ) -> Result<Vec<Change>, MemberFate> {
        let Some(version) = self.echoed_version(record) else { return Ok(changes) };
        let some = !changes.is_empty();
        let rest: Vec<Change> = changes.into_iter().filter(|change| !self.is_echo(version, change)).collect();
        if some && rest.is_empty() {
            let reason = format!("it says what version {version} holds because we wrote it: nothing is wished");
            return Err(MemberFate::Satisfied { code: "satisfied/echo", reason });
        }
        Ok(rest)
    }

    /// The version that an intent names, where the record has moved on since.
    fn echoed_version(&self, record: &IntentRecord) -> Option<u64> {
        let named = record.intent.base.as_ref().filter(|base| base.value.is_none())?.version?;
        let moved = self.ground.remote?.version.is_some_and(|now| now > named);
        (moved && record.status.decided.is_empty()).then_some(named)
    }

    /// Whether a source's word was written there in this version, and this is that word: whichever source it is. A word that a
    /// person settled otherwise stands in no version.
    fn is_echo(&self, version: u64, change: &Change) -> bool {
        let schema = &self.ground.spec.schema;
        let shown = self.ground.row.at_version(version);
        let holds = |value: &Value| alike(self.ground.dialect, get(schema, value, &change.path), change.after.as_ref());
        if shown.is_some_and(|shown| !holds(&shown.value)) {
            return false;
        }
        self.ground.row.sources.values().any(|shadow| {
            let said = same(get(schema, &shadow.value, &change.path), change.after.as_ref());
            let mut words = shadow.settled.iter().filter(|(at, _)| at.is_prefix_of(&change.path));
            said && change.after.is_some() && words.any(|(_, word)| word.version == Some(version))
        })
    }
}
