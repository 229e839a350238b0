//! The states of one record over time, so that reads can be served from a replica that is behind.

use std::{collections::VecDeque, sync::Arc};

/// The present state of a record and as many earlier ones as a lagging read can need.
///
/// States are shared, so that keeping one costs a pointer, not a copy.
#[derive(Debug, Clone)]
pub(crate) struct History<T> {
    states: VecDeque<(i64, Arc<T>)>,
    current: Arc<T>,
}

impl<T> History<T> {
    /// A record that exists since `at`.
    pub(crate) fn new(at: i64, state: T) -> Self {
        let current = Arc::new(state);
        Self { states: VecDeque::from([(at, Arc::clone(&current))]), current }
    }

    /// The present state.
    pub(crate) fn current(&self) -> &Arc<T> {
        &self.current
    }

    /// The state at an instant; `None` when the record did not exist then. States that are forgotten count as the oldest kept.
    pub(crate) fn at(&self, at: i64) -> Option<&Arc<T>> {
        let after = self.states.partition_point(|(since, _)| *since <= at);
        after.checked_sub(1).and_then(|index| self.states.get(index)).map(|(_, state)| state)
    }

    /// The state that fits, if it is kept; the newest of several.
    pub(crate) fn find(&self, fits: impl Fn(&T) -> bool) -> Option<&Arc<T>> {
        self.states.iter().rev().map(|(_, state)| state).find(|state| fits(state))
    }

    /// Adds a state and forgets those that no read up to `keep_ms` behind can see.
    pub(crate) fn push(&mut self, at: i64, state: T, keep_ms: i64) {
        self.current = Arc::new(state);
        self.states.push_back((at, Arc::clone(&self.current)));
        while self.states.get(1).is_some_and(|(since, _)| *since <= at - keep_ms) {
            self.states.pop_front();
        }
    }
}
