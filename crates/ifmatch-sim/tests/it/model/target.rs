//! The target and the foreign editor, and what somebody who knows everything sees them do.

use super::protocol::Guard;
use super::state::{Answer, Content, Copy, Edit, Shown, State, Target, Value, Write};

impl Target {
    pub(super) fn new() -> Self {
        let content = Content { value: Value::Base, tally: 0, others: 0 };
        let now = Shown { version: 1, content, foreign: 0 };
        Self { now, past: Vec::new(), set_by: 0, added_by: 0, applied: 0, newest: 0 }
    }

    /// Whether a write's precondition holds.
    fn takes(&self, write: &Write, guard: Guard) -> bool {
        write.blind
            || match guard {
                Guard::Version => write.from == self.now.version,
                Guard::Content => write.before == self.now.content,
                Guard::Nothing => true,
            }
    }

    fn moves_to(&mut self, content: Content, lags: bool) {
        if lags {
            self.past.push(self.now);
        }
        self.now.content = content;
        self.now.version += 1;
    }

    /// Whether a write overwrites a foreign value that its merge had not seen, or that no policy gave up.
    fn loses(&self, write: &Write) -> bool {
        let (stands, unseen) = (self.now.content, |edits: u8| edits & !write.knew != 0);
        let named = matches!(stands.value, Value::Foreign(_));
        let moved = unseen(self.set_by) && stands.value != write.before.value;
        let value = (named || moved) && stands.value != write.to.value;
        let tally = unseen(self.added_by) && stands.tally != write.before.tally;
        let others = stands.others & !write.to.others != 0;
        value || tally || others
    }
}

impl State {
    /// A copy of a write reaches the target.
    pub(super) fn deliver(&mut self, at: usize, guard: Guard) {
        let Copy { write, awaited } = self.wire.remove(at);
        let answer = if self.target.takes(&write, guard) {
            self.accept(&write);
            Answer::Accepted(self.target.now.version)
        } else {
            Answer::Stale
        };
        if awaited {
            self.answers.push(answer);
            self.answers.sort_unstable();
        }
    }

    fn accept(&mut self, write: &Write) {
        let target = &mut self.target;
        let changes = target.now.content != write.to;
        self.wrongs.lost_edit |= target.loses(write);
        self.wrongs.twice |= changes && target.applied & write.carries != 0;
        self.wrongs.overtaken |= changes && write.number < target.newest;
        target.applied |= write.carries;
        target.newest = target.newest.max(write.number);
        target.moves_to(write.to, self.left.lags > 0);
    }

    /// A foreign editor writes, from what stands there.
    pub(super) fn edit(&mut self, edit: Edit) {
        self.left.edits -= 1;
        let id = self.left.edits;
        let target = &mut self.target;
        let mut content = target.now.content;
        match edit {
            Edit::Other => content.others |= 1 << id,
            Edit::Set => content.value = Value::Foreign(id),
            Edit::Undo => content.value = Value::Base,
            Edit::Add => content.tally += 1,
        }
        match edit {
            Edit::Other => {}
            Edit::Set | Edit::Undo => target.set_by |= 1 << id,
            Edit::Add => target.added_by |= 1 << id,
        }
        target.moves_to(content, self.left.lags > 0);
        target.now.foreign |= 1 << id;
    }
}
