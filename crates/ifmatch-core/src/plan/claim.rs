//! What a change may claim: whether it must be a conflict whatever its base, and whether it goes on from its source's own
//! last word.

use super::Canvas;
use super::base::{self, Base};
use crate::intent::Change as Wish;
use crate::record::IntentRecord;
use ifmatch_merge::{Change, same};
use serde_json::Value;

impl Canvas<'_> {
    /// Whether a change must be a conflict whatever its base, and whether it goes on from its source's own last word. An
    /// undo goes on from nothing but what it takes back.
    pub(super) fn claims(
        &self,
        record: &IntentRecord,
        change: &Change,
        base: &Base,
        current: Option<&Value>,
    ) -> (bool, bool) {
        if let (Wish::Undo(_), Base::Known(written)) = (&record.intent.change, base) {
            // What is gone differs from what was written there by itself.
            let stands = current.is_some() && !same(change.after.as_ref(), current);
            return (stands && base::moved_since(&self.ground, record, &change.path, written.as_ref()), false);
        }
        let forced = !is_kept(record, change, base)
            && base::is_forced(
                &self.ground,
                &record.source,
                (change, base),
                (current, self.pending_word(record, &change.path)),
            )
            && !self.proves_sight(record, change, current);
        let own = base::is_own_word(&self.ground, &record.source, &change.path, current)
            || self.is_own_pending(record, &change.path);
        (forced, own)
    }

    /// Whether the intent shows the very value that it overwrites.
    fn proves_sight(&self, record: &IntentRecord, change: &Change, current: Option<&Value>) -> bool {
        let schema = &self.ground.spec.schema;
        let whole = change.path.segments().nth(1).is_none() || base::interval_set(schema, &change.path).is_some();
        whole && base::shows(schema, record, &change.path, current)
    }
}

/// Whether the intent shows that it leaves a path as its source found it: no edit there, whatever stood since.
fn is_kept(record: &IntentRecord, change: &Change, base: &Base) -> bool {
    let shown = record.intent.base.as_ref().and_then(|base| base.value.as_ref());
    let top = change.path.segments().next();
    let names = shown.zip(top).is_some_and(|(value, top)| value.get(&*top).is_some());
    names && matches!(base, Base::Known(value) if same(value.as_ref(), change.after.as_ref()))
}
