//! Whose value stands at a path of the canvas.

use super::Canvas;
use super::base;
use ifmatch_merge::{Pointer, get};

impl Canvas<'_> {
    /// As far as anybody knows: else whoever wrote the record last.
    pub(super) fn writer_of(&self, path: &Pointer) -> Option<String> {
        if self.is_of_several(path) {
            return None;
        }
        self.source_at(path).or_else(|| self.ground.remote.and_then(|r| r.writer.clone()))
    }

    /// The source of ours whose value stands at a path, or is about to; `None` where that is somebody else's, of whom the
    /// target tells no more than who wrote the record last.
    pub(super) fn source_at(&self, path: &Pointer) -> Option<String> {
        if self.is_of_several(path) {
            return None;
        }
        let pending = self.pending.iter().find(|(at, _)| at.overlaps(path));
        let pending =
            pending.map(|(_, by)| by.as_ref().map_or_else(|| "several sources".to_owned(), ToString::to_string));
        pending.or_else(|| self.source_that_stands(path))
    }

    /// Whether several had a part in an interval set, so that nobody can tell whose the stretch in question is.
    fn is_of_several(&self, path: &Pointer) -> bool {
        let pending = self.pending.iter().find(|(at, _)| at.overlaps(path));
        matches!(pending, Some((at, None)) if self.ground.spec.schema.interval_set_around(at).is_some())
    }

    /// The source of ours whose value stands at a path.
    fn source_that_stands(&self, path: &Pointer) -> Option<String> {
        let row = self.ground.row;
        let (_, source) = row.written.iter().find(|(at, _)| at.overlaps(path))?;
        let current = get(&self.ground.spec.schema, &self.value, path);
        base::is_own_word(&self.ground, source, path, current).then(|| source.to_string())
    }
}
