//! What happens in a world by itself: people edit, locks close, sources look at records and speak.

use crate::live::Stage;
use ifmatch_server::RunningSandbox;
use ifmatch_sim::Op;
use ifmatch_sim::lab::{Workload, happens};
use serde_json::Value;

/// The script of a workload, from its first op on.
pub(super) struct Script<'a> {
    workload: &'a Workload,
    sandbox: &'a RunningSandbox,
    stage: &'a Stage,
    next: usize,
    is_calm: bool,
    /// Edits of people that the target took.
    pub(super) edits: usize,
}

/// What a source does, for its strategy to take up.
pub(super) enum Cue<'a> {
    /// It looked at a record.
    Sees { source: &'a str, path: &'a str, record: Value },
    /// It speaks: the next item is sent.
    Speaks,
}

impl<'a> Script<'a> {
    /// The script of a workload in a sandbox that has its records.
    ///
    /// # Errors
    /// The sandbox is another world than the one that the workload was drawn from.
    pub(super) fn new(workload: &'a Workload, sandbox: &'a RunningSandbox, stage: &'a Stage) -> anyhow::Result<Self> {
        let known = workload.items.iter().filter(|item| !item.is_new());
        let missing = sandbox.with(|sandbox| known.map(|item| &item.path).find(|path| sandbox.record(path).is_none()));
        anyhow::ensure!(missing.is_none(), "the sandbox has no {}", missing.map_or("record", String::as_str));
        Ok(Self { workload, sandbox, stage, next: 0, is_calm: false, edits: 0 })
    }

    /// Does what is due, and returns the next thing that is due of a source; `None` when nothing is.
    pub(super) fn cue(&mut self) -> Option<Cue<'a>> {
        let setup = &self.workload.setup;
        while let Some((at, op)) = setup.ops.get(self.next).filter(|(at, _)| *at <= self.stage.now_ms()) {
            self.calm_down(*at);
            self.next += 1;
            let instant = self.stage.instant_ms();
            match op {
                Op::Look { source, path } => {
                    let look = self.sandbox.with(|sandbox| {
                        sandbox.advance(instant);
                        sandbox.record(path)
                    });
                    if let Some(record) = look {
                        return Some(Cue::Sees { source, path, record });
                    }
                }
                Op::Wish(_) | Op::Submit { .. } => return Some(Cue::Speaks),
                op => self.edits += usize::from(self.sandbox.with(|sandbox| happens(sandbox, instant, op))),
            }
        }
        self.calm_down(self.stage.now_ms());
        None
    }

    fn calm_down(&mut self, now_ms: i64) {
        if !self.is_calm && now_ms >= self.workload.setup.calm_at {
            self.is_calm = true;
            self.sandbox.with(ifmatch_sandbox::Sandbox::calm_down);
        }
    }

    /// Whether everything has happened.
    pub(super) fn is_over(&self) -> bool {
        self.next >= self.workload.setup.ops.len()
    }

    /// How long it is until something is due, in milliseconds of scenario time; at most to the end.
    pub(super) fn until_next_ms(&self) -> i64 {
        let setup = &self.workload.setup;
        let op = setup.ops.get(self.next).map_or(setup.end_at, |(at, _)| *at);
        let next = if self.is_calm { op } else { op.min(setup.calm_at) };
        next.min(setup.end_at) - self.stage.now_ms()
    }

    /// Whether the time of the scenario is up.
    pub(super) fn is_late(&self) -> bool {
        self.stage.now_ms() >= self.workload.setup.end_at
    }
}
