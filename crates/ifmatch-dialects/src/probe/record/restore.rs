//! Puts a record back, however an experiment ended.

use super::{Record, Want};
use crate::probe::session::Session;
use ifmatch_core::{Fact, Snapshot};

/// Tries at putting a record back.
const RESTORE_MAX: usize = 8;

/// Reads without the mark, seconds apart, after which a write that nobody answered is taken for one that never came.
const ABSENT_MIN: usize = 3;

impl Record {
    /// Takes the mark away, however things stand; whether it is surely gone.
    pub(in crate::probe) async fn restore(&mut self, session: &mut Session) -> bool {
        if !self.marked {
            return true;
        }
        let line = session.line.restoring();
        let usual = std::mem::replace(&mut session.line, line);
        let restored = self.try_restore(session).await;
        session.line = usual;
        restored
    }

    async fn try_restore(&mut self, session: &mut Session) -> bool {
        let mut absent = 0;
        for _ in 0..RESTORE_MAX {
            if !self.shows_mark() {
                // An answer was lost, or only reads tell: what they show counts.
                if session.carried_out().await.is_err() {
                    return false;
                }
                match session.read(&self.resource).await {
                    Ok(sight) if sight.snapshot.version >= self.current.version => self.current = sight.snapshot,
                    _ => continue,
                }
                if !self.shows_mark() {
                    absent += 1;
                    if absent == ABSENT_MIN {
                        self.note_mark(session, false);
                        return true;
                    }
                    continue;
                }
            }
            match self.put(session, Want::Unmark).await {
                Ok((Fact::Written(_), _)) if !self.marked => return true,
                Ok((Fact::Processing(_), wrote)) => {
                    let mark = self.mark.clone();
                    let gone = |snapshot: &Snapshot| mark.as_ref().is_none_or(|mark| !mark.is_in(&snapshot.value));
                    if let Ok(seen) = self.until(session, &wrote, gone).await {
                        self.current = seen.sight.snapshot;
                        self.note_mark(session, false);
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}
