//! What must hold in every reachable state, and what must be reachable.

use super::SendModel;
use super::protocol::Guard;
use super::state::{Phase, Stage, State};
use stateright::{Model, Property};

pub(super) const LOST_EDIT: &str = "no foreign value is overwritten unseen";
pub(super) const UNREPORTED: &str = "a foreign value that was overwritten is reported";
pub(super) const TWICE: &str = "no effect is applied again over what came after it";
pub(super) const OVERTAKEN: &str = "no older write of ours lands over a newer one";
pub(super) const UNRECORDED: &str = "a write is durable before it is on the wire";
pub(super) const UNFOUNDED: &str = "what is called landed or satisfied has its effect";
pub(super) const NEEDLESS: &str = "nobody is asked while nobody else wrote";
pub(super) const STUCK: &str = "where nothing can happen any more, every intent has ended";
pub(super) const ENDS: &str = "every intent ends";

/// The properties for a guard. Where the target checks nothing, an overwritten value cannot be
/// prevented, and is to be reported instead.
pub(super) fn all(guard: Guard) -> Vec<Property<SendModel>> {
    let lost = match guard {
        Guard::Version | Guard::Content => Property::always(LOST_EDIT, |_, state: &State| !state.wrongs.lost_edit),
        Guard::Nothing => Property::always(UNREPORTED, |_, state: &State| {
            !state.wrongs.lost_edit || !ended(state) || state.store.reported || !state.engine.durable
        }),
    };
    vec![
        lost,
        Property::always(TWICE, |_, state: &State| !state.wrongs.twice),
        Property::always(OVERTAKEN, |_, state: &State| !state.wrongs.overtaken),
        Property::always(UNRECORDED, |_, state: &State| !state.wrongs.unrecorded),
        Property::always(UNFOUNDED, |_, state: &State| !state.wrongs.unfounded),
        Property::always(NEEDLESS, |_, state: &State| {
            state.target.now.foreign != 0 || !state.engine.rows.stages.contains(&Stage::Review)
        }),
        Property::always(STUCK, |model, state: &State| ended(state) || can_go_on(model, state)),
        Property::eventually(ENDS, |_, state: &State| ended(state)),
        Property::sometimes("an effect stands while its write is unresolved", |_, state: &State| {
            state.engine.phase == Phase::Idle
                && state.engine.rows.attempt.is_some_and(|attempt| state.target.applied & attempt.carries != 0)
        }),
        Property::sometimes("a copy is on its way that nobody waits for", |_, state: &State| {
            state.wire.iter().any(|copy| !copy.awaited)
        }),
        Property::sometimes("a person is asked", |_, state: &State| state.store.stages.contains(&Stage::Review)),
    ]
}

fn ended(state: &State) -> bool {
    state.engine.rows.stages.iter().all(|stage| stage.is_ended())
}

fn can_go_on(model: &SendModel, state: &State) -> bool {
    let mut actions = Vec::new();
    model.actions(state, &mut actions);
    !actions.is_empty()
}
