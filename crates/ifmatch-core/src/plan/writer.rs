//! Whose value stands at a path of the canvas.

use super::Canvas;
use super::base;
use ifmatch_merge::{Pointer, get};

impl Canvas<'_> {
    pub(super) fn writer_of(&self, path: &Pointer) -> Option<String> {
        let pending = self.pending.iter().find(|(at, _)| at.overlaps(path));
        if matches!(pending, Some((at, None)) if self.ground.spec.schema.interval_set_around(at).is_some()) {
            // Several had a part in it, and nobody can tell whose the stretch in question is.
            return None;
        }
        let pending =
            pending.map(|(_, by)| by.as_ref().map_or_else(|| "several sources".to_owned(), ToString::to_string));
        pending.or_else(|| self.source_that_stands(path)).or_else(|| self.ground.remote.and_then(|r| r.writer.clone()))
    }

    /// The source of ours whose value stands at a path.
    fn source_that_stands(&self, path: &Pointer) -> Option<String> {
        let row = self.ground.row;
        let (_, source) = row.written.iter().find(|(at, _)| at.overlaps(path))?;
        let current = get(&self.ground.spec.schema, &self.value, path);
        base::is_own_word(&self.ground, source, path, current).then(|| source.to_string())
    }
}
