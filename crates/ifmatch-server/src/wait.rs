//! Waiting for an intent to settle.

use crate::app::App;
use crate::driver::OrgHandle;
use crate::problem::Fault;
use crate::stop::stopped;
use ifmatch_core::{IntentId, IntentRecord, SignedDuration, State, Timestamp};

/// Whether waiting makes no sense: nothing follows, or a person must act first.
fn rests(state: State) -> bool {
    state.is_terminal() || state == State::Review
}

/// The intent as soon as it has settled or waits for a person, or as it is at `until` or when the
/// gateway stops; `None` when there is none.
pub(crate) async fn settled(
    app: &App,
    org: &OrgHandle,
    id: IntentId,
    until: Timestamp,
) -> Result<Option<IntentRecord>, Fault> {
    // First follow, then read: nothing falls between.
    let mut follower = org.hub.follow(id);
    let mut stopping = app.stopping.clone();
    let Some(mut record) = org.intent(id).await? else { return Ok(None) };
    while !rests(record.status.state) {
        let changed = tokio::select! {
            changed = org.clock.until(until, follower.next()) => changed.flatten(),
            () = stopped(&mut stopping) => None,
        };
        let Some(changed) = changed else { break };
        record.resource = changed.resource.clone();
        record.status = changed.status.clone();
    }
    Ok(Some(record))
}

/// Reads a number of seconds of scenario time: `25`, `0.5`; not above `max`.
pub(crate) fn seconds(field: &str, text: &str, max: SignedDuration) -> Result<SignedDuration, Fault> {
    match text.trim().parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => {
            Ok(SignedDuration::from_secs_f64(seconds.min(max.as_secs_f64())))
        }
        _ => Err(Fault::parameter(field, format!("{text:?} is no number of seconds"))),
    }
}
