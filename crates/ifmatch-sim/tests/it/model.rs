//! The send protocol as a model that is searched through to the end, for small bounds.
//!
//! One resource, a few intents of one source, a foreign editor, a wire that delays, loses and doubles,
//! crashes at every step. The protocol has a knob for each rule: the right setting holds every property in
//! every reachable state, and each wrong one is refuted by a trace. What stands for what in the engine is in
//! `docs/design/008-send-protocol-model.md`.

mod broken;
mod engine;
mod properties;
mod protocol;
mod right;
mod state;
mod target;

use protocol::{Guard, Protocol};
use state::{Answer, Bounds, Copy, Edit, INTENTS_MAX, Memory, Phase, Rows, Stage, State, Target, Wish, Wrongs};
use stateright::{Model, Property};

/// One world to be searched.
#[derive(Debug, Clone)]
struct SendModel {
    guard: Guard,
    /// Whether reads and answers name a version, checked or not.
    shows_versions: bool,
    wishes: Vec<Wish>,
    edits: Vec<Edit>,
    bounds: Bounds,
    protocol: Protocol,
}

/// What can happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Action {
    /// The next intent is accepted.
    Accept,
    /// The record is read; a lagging read shows what stood so many writes ago.
    Read {
        ago: usize,
    },
    /// What the engine decided becomes durable.
    Persist,
    Send,
    /// A copy reaches the target.
    Deliver(usize),
    /// A copy never does.
    LoseRequest(usize),
    /// The network delivers a copy once more.
    Double(usize),
    Answer(usize),
    LoseAnswer(usize),
    /// The engine waits no longer.
    TimeOut,
    Crash,
    Edit(Edit),
}

impl SendModel {
    /// Whether the next turn may start, and with it a read.
    fn reads(&self, state: &State) -> bool {
        let engine = &state.engine;
        if engine.phase != Phase::Idle || !engine.durable {
            return false;
        }
        match engine.rows.attempt {
            // The horizon is the time after which no copy can land: none is left on the wire.
            Some(_) => self.guard == Guard::Version || !self.protocol.quarantines || state.wire.is_empty(),
            None => engine.rows.stages.contains(&Stage::Queued),
        }
    }

    /// What a read may show: never less than the floor.
    fn shown(&self, state: &State, ago: usize) -> Option<state::Shown> {
        let shown = match ago {
            0 => state.target.now,
            _ => *state.target.past.get(state.target.past.len().checked_sub(ago)?)?,
        };
        (shown.version >= state.engine.rows.floor || !self.shows_versions).then_some(shown)
    }

    fn wire_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let left = state.left;
        for (at, copy) in state.wire.iter().enumerate() {
            if at > 0 && state.wire[at - 1] == *copy {
                continue;
            }
            actions.push(Action::Deliver(at));
            if left.losses > 0 {
                actions.push(Action::LoseRequest(at));
            }
            if left.twins > 0 {
                actions.push(Action::Double(at));
            }
        }
        for at in 0..state.answers.len() {
            actions.push(Action::Answer(at));
            if left.losses > 0 {
                actions.push(Action::LoseAnswer(at));
            }
        }
    }

    fn engine_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let engine = &state.engine;
        if !engine.durable {
            actions.push(Action::Persist);
        }
        match engine.phase {
            Phase::ToSend { .. } if engine.durable || !self.protocol.records_first => actions.push(Action::Send),
            Phase::Waiting { .. } if self.protocol.times_out => {
                let hopeless = state.answers.is_empty() && !state.wire.iter().any(|copy| copy.awaited);
                if hopeless || state.left.timeouts > 0 {
                    actions.push(Action::TimeOut);
                }
            }
            Phase::Idle if self.reads(state) => {
                let ways = if state.left.lags > 0 { state.target.past.len() } else { 0 };
                actions
                    .extend((0..=ways).filter(|ago| self.shown(state, *ago).is_some()).map(|ago| Action::Read { ago }));
            }
            Phase::Idle | Phase::ToSend { .. } | Phase::Waiting { .. } => {}
        }
    }
}

impl Model for SendModel {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut stages = [Stage::Superseded; INTENTS_MAX];
        stages[..self.wishes.len()].fill(Stage::Unborn);
        let rows = Rows { stages, attempt: None, floor: 1, said: 0, reported: false };
        vec![State {
            target: Target::new(),
            store: rows,
            engine: Memory { rows, durable: true, phase: Phase::Idle },
            wire: Vec::new(),
            answers: Vec::new(),
            composed: 0,
            left: self.bounds,
            wrongs: Wrongs::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.engine.rows.stages.contains(&Stage::Unborn) {
            actions.push(Action::Accept);
        }
        self.engine_actions(state, actions);
        self.wire_actions(state, actions);
        if state.left.crashes > 0 {
            actions.push(Action::Crash);
        }
        if state.left.edits > 0 {
            actions.extend(self.edits.iter().copied().map(Action::Edit));
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Accept => {
                let intent = state.store.stages.iter().position(|stage| *stage == Stage::Unborn)?;
                // An acceptance is a commit of its own, and nobody is told of it before.
                state.store.stages[intent] = Stage::Queued;
                state.engine.rows.stages[intent] = Stage::Queued;
            }
            Action::Read { ago } => {
                let shown = self.shown(&state, ago)?;
                if ago > 0 {
                    state.left.lags -= 1;
                }
                self.take_read(&mut state, shown);
            }
            Action::Persist => {
                state.store = state.engine.rows;
                state.engine.durable = true;
            }
            Action::Send => {
                let Phase::ToSend { again } = state.engine.phase else { return None };
                self.send(&mut state, again);
            }
            Action::Deliver(at) => state.deliver(at, self.guard),
            Action::LoseRequest(at) => {
                state.left.losses -= 1;
                state.wire.remove(at);
            }
            Action::Double(at) => {
                state.left.twins -= 1;
                let copy: Copy = state.wire[at];
                engine::put(&mut state, copy);
            }
            Action::Answer(at) => {
                let Phase::Waiting { again } = state.engine.phase else { return None };
                let answer: Answer = state.answers.remove(at);
                self.take_answer(&mut state, answer, again);
            }
            Action::LoseAnswer(at) => {
                state.left.losses -= 1;
                state.answers.remove(at);
            }
            Action::TimeOut => {
                let hopeless = state.answers.is_empty() && !state.wire.iter().any(|copy| copy.awaited);
                state.left.timeouts -= u8::from(!hopeless);
                self.give_up_waiting(&mut state);
            }
            Action::Crash => {
                state.left.crashes -= 1;
                self.restart(&mut state);
            }
            Action::Edit(edit) => state.edit(edit),
        }
        if state.left.lags == 0 {
            state.target.past.clear();
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all(self.guard)
    }
}
