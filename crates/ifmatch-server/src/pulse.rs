//! Keeps a scaled clock from running ahead of the machine.
//!
//! At four hundred seconds a second, a disk that takes 50 ms for a sync seems to take 20 s, and a
//! processor that others need seems to be a target that hangs. So a run that is judged by its
//! scenario time lets the clock go on only with a beat that passes through everything that works:
//! engine, store, sandbox. While one of them is busy, the clock stands still.

use crate::clock::Clock;
use crate::driver::OrgHandle;
use crate::sandbox_http::SandboxDoor;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The pause between two beats, wall time.
const PAUSE: Duration = Duration::from_millis(2);

/// The most that the clock goes on after a beat, wall time: a few beats of an idle machine, and one
/// of a machine that others use as well.
const GAP_MAX: Duration = Duration::from_millis(20);

/// A beat; the clock runs freely again when it is dropped.
#[derive(Debug)]
pub struct Pulse {
    clock: Clock,
    ended: Arc<Mutex<bool>>,
}

impl Pulse {
    pub(crate) fn start(clock: &Clock, orgs: Vec<OrgHandle>, sandbox: Option<SandboxDoor>) -> Self {
        let pulse = Self { clock: clock.clone(), ended: Arc::default() };
        let (clock, ended) = (clock.clone(), Arc::clone(&pulse.ended));
        clock.beat(Some(GAP_MAX));
        tokio::spawn(async move {
            while beat(&clock, &ended) {
                tokio::time::sleep(PAUSE).await;
                for org in &orgs {
                    // One whose queue is full is busy, and nothing waits for one that has ended.
                    let _answered = org.echo().await;
                }
                if let Some(sandbox) = &sandbox {
                    sandbox.echo();
                }
            }
        });
        pulse
    }
}

/// Lets the clock go on, unless the pulse has ended.
fn beat(clock: &Clock, ended: &Mutex<bool>) -> bool {
    let ended = ended.lock().unwrap_or_else(PoisonError::into_inner);
    if !*ended {
        clock.beat(Some(GAP_MAX));
    }
    !*ended
}

impl Drop for Pulse {
    fn drop(&mut self) {
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.clock.beat(None);
    }
}

#[cfg(test)]
mod tests;
