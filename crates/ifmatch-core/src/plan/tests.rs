//! Rules of composition, as the design states them: whose base, what merges, what waits for whom.

mod among;
mod applied;
mod base;
mod gone;
mod held;
mod hours;
mod policies;
mod scene;
mod target;
mod undo;
mod verbs;
