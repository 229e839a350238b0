//! What the passing of time brings: waits that end, probes that are due, deadlines.

use super::lane::Wake;
use super::submit::lane_of;
use super::{Engine, Timer};

impl Engine {
    /// Looks at every timer that is due.
    pub(super) fn on_time(&mut self) {
        while let Some((at, _)) = self.timers.first()
            && *at <= self.now
        {
            let (_, timer) = self.timers.pop_first().expect("there is a first");
            match timer {
                Timer::Lane(key) => {
                    let Some(lane) = self.lanes.look(&key) else { continue };
                    let waits = match lane.wake {
                        Wake::At(at) => at <= self.now,
                        Wake::Idle => true,
                        Wake::Ready | Wake::Lock(_) | Wake::Brake | Wake::Barrier => false,
                    };
                    if waits {
                        self.make_ready(&key);
                    }
                }
                Timer::Train(domain) => {
                    if let Some(key) = self.trains.due(self.now, &domain) {
                        self.make_ready(&key);
                        // Who has nothing left to send probes for nobody.
                        if self.lanes.look(&key).is_none_or(|lane| lane.held_by.is_none() && lane.wake == Wake::Idle) {
                            self.leave_train(&domain, &key);
                        }
                    } else if let Some(next) = self.trains.next(&domain).filter(|next| *next > self.now) {
                        self.timer(next, Timer::Train(domain));
                    }
                }
                Timer::Company(envelope) => self.on_company(&envelope),
                Timer::Deadline(id) => {
                    let Some(head) = self.heads.get(&id) else { continue };
                    if !head.state.is_unresolved() {
                        let key = lane_of(head);
                        self.lanes.add_chore(&key);
                    }
                }
                Timer::Chore(key) => self.lanes.add_chore(&key),
                Timer::Turn(turn) => self.look_at_tracked(turn),
                Timer::Pump => {}
            }
        }
    }
}
